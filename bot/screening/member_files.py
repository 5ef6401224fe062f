"""Member files (成员表): one row for each person, joined to the households by their id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.columns import YES, Column, Words, joined
from bot.eligibility.households import Belongings
from bot.screening.columns_read import Plan, Reject, facts_of, plan_of, wrong_rows
from bot.screening.fields import HOUSEHOLD_ID, RELATION, Field, Fields
from bot.screening.mapping import ColumnMapping
from bot.screening.tables import Rows, open_table
from bot.screening.wording import ScreeningError, relation_names, say
from bot.situation_files import RELATIONS

MEMBERS = "members"


@dataclass(frozen=True)
class Members:
    """Every person of the file. people: one of the "households" here for each id, in the order of `ids`; facts hold "relation".
    rows: the row each person stands in."""

    ids: Mapping[str, int]
    people: Belongings
    rows: NDArray[np.int64]
    rejects: tuple[Reject, ...]

    def of(self, ids: Sequence[str]) -> Belongings:
        """The people of these households, in this order; nobody for an id that the file does not have."""
        places = np.array([self.ids.get(one, len(self.ids)) for one in ids], dtype=np.int64)
        with_nobody = Belongings(np.append(self.people.counts, 0), self.people.facts)
        return with_nobody.take(places)

    def strangers(self, ids: set[str]) -> Iterator[Reject]:
        """People whose household is not among these ids."""
        for one, place in self.ids.items():
            if one not in ids:
                for row in self.rows[self.people.owner == place]:
                    yield Reject(int(row), HOUSEHOLD_ID, one, say("wanted_known_id"), MEMBERS)


def read_members(name: str, stream: BinaryIO, fields: Fields, mapping: ColumnMapping) -> Members:
    """The whole file. Raises ScreeningError."""
    table = open_table(name, stream)
    known = fields.short_names()

    def named(header: str) -> Field | None:
        special = fields.named(header)
        if special is not None and special.definition is None:
            return special
        return known.get(header)

    plan = plan_of(name, table.headers, fields, mapping, {}, named)
    if HOUSEHOLD_ID not in plan.special or RELATION not in plan.special:
        raise ScreeningError("no_member_id", file=name)
    parts = [_read(plan, rows) for rows in table.rows]
    return _grouped(parts)


@dataclass(frozen=True, slots=True)
class _Part:
    ids: list[str]
    rows: list[int]
    facts: Mapping[str, Column]
    rejects: list[Reject]


def _read(plan: Plan, rows: Rows) -> _Part:
    wrong, rejects = wrong_rows(plan, rows, MEMBERS)
    relations = rows.column(plan.special[RELATION])
    meant = relation_names()
    for place, relation in enumerate(relations):
        if relation.strip() not in meant:
            wanted = say("wanted_relation", options="、".join(sorted(meant)))
            rejects.append(Reject(rows.numbers[place], plan.headers[plan.special[RELATION]], relation, wanted, MEMBERS))
            wrong[place] = True
    kept = np.flatnonzero(~wrong).tolist()
    good = Rows([rows.numbers[place] for place in kept], [rows.cells[place] for place in kept])
    facts = {name.removeprefix("self."): column for name, column in facts_of(plan, good).columns.items()}
    codes = [RELATIONS.index(meant[text.strip()]) for text in good.column(plan.special[RELATION])]
    facts["relation"] = Words(np.array(codes, dtype=np.int16), RELATIONS)
    ids = [text.strip() for text in good.column(plan.special[HOUSEHOLD_ID])]
    return _Part(ids, list(good.numbers), facts, rejects)


def _grouped(parts: Sequence[_Part]) -> Members:
    ids: dict[str, int] = {}
    owner = np.array([ids.setdefault(one, len(ids)) for part in parts for one in part.ids], dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    names = parts[0].facts if parts else {}
    facts = {name: joined([part.facts[name] for part in parts]).take(order) for name in names}
    rows = np.array([row for part in parts for row in part.rows], dtype=np.int64)[order]
    owner = owner[order]
    second = _second_selves(facts, owner)
    names_of = list(ids)
    rejects = [reject for part in parts for reject in part.rejects]
    wanted = say("wanted_one_self")
    rejects += [Reject(int(rows[p]), RELATION, names_of[owner[p]], wanted, MEMBERS) for p in np.flatnonzero(second)]
    kept = np.flatnonzero(~second)
    counts = np.bincount(owner[kept], minlength=len(ids)).astype(np.int64)
    people = Belongings(counts, {name: column.take(kept) for name, column in facts.items()})
    return Members(ids, people, rows[kept], tuple(rejects))


def _second_selves(facts: Mapping[str, Column], owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A household is about one person: whoever else is called that."""
    relation = facts.get("relation")
    second = np.zeros(len(owner), dtype=bool)
    if isinstance(relation, Words):
        selves = np.flatnonzero(relation.is_one_of(("self",)) == YES)
        second[selves[1:]] = owner[selves[1:]] == owner[selves[:-1]]
    return second
