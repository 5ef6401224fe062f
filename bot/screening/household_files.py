"""Household files (家庭表): a table of households, one a row, read as columns; rows that cannot be read are named, never
dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.answers import EVENT_KIND, HAS_EVENT, NOTHING
from bot.eligibility.column_members import counted_people
from bot.eligibility.columns import NO, YES, Column, Mask, Numbers, Words, all_unknown, as_words, joined, unknown_like
from bot.eligibility.households import Belongings, Households, nobody
from bot.screening.columns_read import ReadFacts, Reject, crossed_ends, facts_of, plan_of, wrong_rows
from bot.screening.fields import HOUSEHOLD_ID, SUBDISTRICT, Fields, relation_of
from bot.screening.mapping import ColumnMapping
from bot.screening.member_files import Members
from bot.screening.tables import Rows, Table
from bot.screening.wording import ScreeningError, say
from bot.situation_files import RELATIONS
from knowledge.catalogue import Catalogue

Places = NDArray[np.int64]

PLACES = ("self.hukou_subdistrict", "self.lives_in_subdistrict")
"""Where a household is counted when the table has no column for that: where its hukou is, else where it lives."""


@dataclass(frozen=True, slots=True)
class SomeHouseholds:
    """Some rows of a file. ids and subdistricts one for each household; rejects: rows left out, and why."""

    ids: list[str]
    subdistricts: list[str]
    households: Households
    rejects: list[Reject]
    rows: int


class HouseholdFile:
    """An opened households table. members: people of a second table, joined by the household's id."""

    def __init__(
        self, table: Table, catalogue: Catalogue, mapping: ColumnMapping | None = None, members: Members | None = None
    ) -> None:
        names = {name: one.id for one in catalogue.programmes.values() for name in (one.id, one.name, *one.aliases)}
        self.table = table
        self.plan = plan_of(table.name, table.headers, Fields(catalogue.facts), mapping or ColumnMapping(), names)
        self._members = members
        self._seen: set[str] = set()
        if members is not None and HOUSEHOLD_ID not in self.plan.special:
            raise ScreeningError("no_member_id", file=table.name)

    def parts(self) -> Iterator[SomeHouseholds]:
        """All rows, some at a time. Raises ScreeningError when the file breaks off."""
        for rows in self.table.rows:
            yield self._part(rows)

    def strangers(self) -> list[Reject]:
        """After all parts: people of the members table whose household was not among them, and rows of it left out."""
        if self._members is None:
            return []
        return sorted((*self._members.rejects, *self._members.strangers(self._seen)), key=lambda reject: reject.row)

    def _part(self, rows: Rows) -> SomeHouseholds:
        wrong, rejects = wrong_rows(self.plan, rows)
        ids = self._ids(rows)
        rejects += self._doubles(rows, ids, wrong)
        facts = facts_of(self.plan, rows)
        for column, crossed in crossed_ends(self.plan, facts):
            texts = rows.column(column.place)
            wanted = say("wanted_number", example="2-3")
            found = np.flatnonzero(crossed & ~wrong).tolist()
            rejects += [Reject(rows.numbers[place], column.header, texts[place], wanted) for place in found]
            wrong = wrong | crossed
        kept = np.flatnonzero(~wrong)
        households = _households(facts, len(rows.cells), self._members, ids).take(kept)
        crowded = _crowded(households)
        rejects += [self._crowd(rows, int(kept[place]), int(crowded[place])) for place in np.flatnonzero(crowded).tolist()]
        fitting = np.flatnonzero(crowded == 0)
        kept = kept[fitting]
        return SomeHouseholds(
            ids=[ids[place] for place in kept.tolist()],
            subdistricts=self._subdistricts(rows, facts, kept.tolist()),
            households=households.take(fitting) if len(fitting) < households.count else households,
            rejects=sorted(rejects, key=lambda reject: reject.row),
            rows=len(rows.cells) + len(rows.misshapen),
        )

    def _ids(self, rows: Rows) -> list[str]:
        place = self.plan.special.get(HOUSEHOLD_ID)
        return [str(number) for number in rows.numbers] if place is None else [text.strip() for text in rows.column(place)]

    def _doubles(self, rows: Rows, ids: list[str], wrong: Mask) -> Iterator[Reject]:
        """Rows without an id, or with one that came before."""
        place = self.plan.special.get(HOUSEHOLD_ID)
        for row, one in enumerate(ids):
            if not one or one in self._seen:
                wrong[row] = True
                header = HOUSEHOLD_ID if place is None else self.plan.headers[place]
                yield Reject(rows.numbers[row], header, one, say("wanted_id"))
            self._seen.add(one)

    def _crowd(self, rows: Rows, place: int, people: int) -> Reject:
        column = next(one for one in self.plan.columns if one.field.name == "household.size")
        wanted = say("wanted_size", count=str(people))
        return Reject(rows.numbers[place], column.header, rows.cells[place][column.place], wanted)

    def _subdistricts(self, rows: Rows, facts: ReadFacts, kept: list[int]) -> list[str]:
        unknown = say("no_subdistrict")
        place = self.plan.special.get(SUBDISTRICT)
        if place is not None:
            return [rows.cells[row][place].strip() or unknown for row in kept]
        told = [column for name in PLACES if isinstance(column := facts.columns.get(name), Words)]
        return [next((c.words[c.codes[row]] for c in told if c.codes[row] >= 0), unknown) for row in kept]


def _households(facts: ReadFacts, count: int, members: Members | None, ids: list[str]) -> Households:
    named = facts.columns
    person = {name.removeprefix("self."): column for name, column in named.items() if name.startswith("self.")}
    own = {name: column for name, column in named.items() if name.partition(".")[0] in ("household", "event")}
    kinds = own.pop(EVENT_KIND, None)
    events, has_event = _events(kinds, own.get(HAS_EVENT), count)
    if has_event is not None:
        own[HAS_EVENT] = has_event
    others, has_self = _others_in_columns(named, count), np.zeros(count, dtype=bool)
    if members is not None:
        if others.total or any(name.partition(".")[0] not in ("household", "event", "self") for name in named):
            raise ScreeningError("members_twice")
        person, has_self, others = _with_members(person, members.of(ids))
    receives, known, programmes = _receipts(facts, count)
    return Households(
        count=count,
        facts=own,
        person=person,
        has_person=_anything_known(person, count) | has_self,
        others=others,
        events=events,
        receives=receives,
        receives_known=known,
        programmes=programmes,
    )


def _anything_known(columns: Mapping[str, Column], count: int) -> Mask:
    known = np.zeros(count, dtype=bool)
    for column in columns.values():
        known |= column.known
    return known


def _events(kinds: Column | None, told: Column | None, count: int) -> tuple[Belongings, Column | None]:
    """One event for each row that names one; "none" says that nothing has happened."""
    if not isinstance(kinds, Words):
        return nobody(count), told
    nothing = kinds.is_one_of((NOTHING,))
    counts = (nothing == NO).astype(np.int64)
    events = Belongings(counts, {"kind": kinds.take(np.flatnonzero(counts))})
    earlier = told.truths() if isinstance(told, Words) else all_unknown(count)
    return events, as_words(np.where(nothing == YES, NO, earlier)) if (nothing == YES).any() else told


def _receipts(facts: ReadFacts, count: int) -> tuple[NDArray[np.uint64], Mask, tuple[str, ...]]:
    if facts.receives is None:
        return np.zeros(count, dtype=np.uint64), np.zeros(count, dtype=bool), ()
    told = [meaning if isinstance(meaning, frozenset) else None for meaning in facts.receipts]
    programmes = tuple(sorted({one for receipt in told for one in receipt or ()}))
    bits = [sum(1 << programmes.index(one) for one in receipt or ()) for receipt in told]
    known = np.array([receipt is not None for receipt in told], dtype=bool)
    return np.array(bits, dtype=np.uint64)[facts.receives], known[facts.receives], programmes


@dataclass
class _Member:
    facts: dict[str, Column] = field(default_factory=dict)


def _others_in_columns(named: Mapping[str, Column], count: int) -> Belongings:
    """Members written in columns of their own (spouse.age): there where something of them is known."""
    members: dict[str, _Member] = {}
    for name, column in named.items():
        key, _, short = name.partition(".")
        if key not in ("household", "event", "self"):
            members.setdefault(key, _Member()).facts[short] = column
    if not members:
        return nobody(count)
    there = np.stack([_anything_known(one.facts, count) for one in members.values()], axis=1)
    owner, who = np.nonzero(there)
    shorts = dict.fromkeys(short for one in members.values() for short in one.facts)
    facts: dict[str, Column] = {short: _side_by_side(list(members.values()), short, owner, who, count) for short in shorts}
    keys = tuple(members)
    facts["key"] = Words(who.astype(np.int16), keys)
    relations = np.array([RELATIONS.index(relation_of(key)) for key in keys], dtype=np.int16)
    facts["relation"] = Words(relations[who], RELATIONS)
    return Belongings(there.sum(axis=1).astype(np.int64), facts)


def _side_by_side(members: list[_Member], short: str, owner: Places, who: Places, count: int) -> Column:
    """One fact of all members of all rows, in the order of (row, member)."""
    columns = [one.facts.get(short) for one in members]
    sample = next(column for column in columns if column is not None)
    one_after_the_other = joined([unknown_like(sample, count) if column is None else column for column in columns])
    return one_after_the_other.take(who * count + owner)


def _with_members(person: dict[str, Column], people: Belongings) -> tuple[dict[str, Column], Mask, Belongings]:
    """Who is called "self" in the members table adds to the person of the row what the row has no column for."""
    relation = people.facts["relation"]
    selves = relation.is_one_of(("self",)) == YES if isinstance(relation, Words) else np.zeros(people.total, dtype=bool)
    place = np.full(len(people.counts), -1, dtype=np.int64)
    place[people.owner[selves]] = np.flatnonzero(selves)
    facts = {short: column for short, column in people.facts.items() if short not in ("relation", *person)}
    # The place -1 of whoever is not there reads the last entry, the unknown one.
    own = {short: joined([column, unknown_like(column, 1)]).take(place) for short, column in facts.items()}
    rest = np.flatnonzero(~selves)
    counts = np.bincount(people.owner[rest], minlength=len(people.counts)).astype(np.int64)
    others = Belongings(counts, {short: column.take(rest) for short, column in people.facts.items()})
    return {**person, **own}, place >= 0, others


def _crowded(households: Households) -> Places:
    """How many people count where that is more than the household is said to have; 0 where it is not."""
    size = households.facts.get("household.size")
    if not isinstance(size, Numbers):
        return np.zeros(households.count, dtype=np.int64)
    people = counted_people(households)
    return np.where(people > size.high, people, 0)
