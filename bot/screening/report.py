"""Reports: a whole households file screened, or compared, with what came out of it as counts and short lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.screening.columns_read import Reject
from bot.screening.comparison import CHANGES, Change, Comparison, Side
from bot.screening.household_files import HouseholdFile, SomeHouseholds
from bot.screening.screening import CANNOT_TELL, LIKELY, NEAR_MISS, WORTH_A_VISIT, Listed, Screening

Progress = Callable[[int, int], None]
"""Called with how far reading is and how far it goes."""

REJECTS_SHOWN = 200


@dataclass
class Read:
    """How reading went. rejected: rows of the households file that could not be read; rejects: why, the first of all wrong
    cells; ignored: columns that nobody knows."""

    rows: int = 0
    households: int = 0
    rejected: int = 0
    wrong_cells: int = 0
    rejects: list[Reject] = field(default_factory=list)
    ignored: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "households": self.households,
            "rejected": self.rejected,
            "wrong_cells": self.wrong_cells,
            "rejects": [
                {"file": one.file, "row": one.row, "column": one.column, "value": one.value, "wanted": one.wanted}
                for one in self.rejects
            ],
            "ignored_columns": list(self.ignored),
        }


@dataclass
class Reading:
    """One pass over a file. on_reject: called with every wrong cell; progress: after every part."""

    file: HouseholdFile
    on_reject: Callable[[Reject], None] = lambda reject: None
    progress: Progress = lambda done, total: None
    read: Read = field(default_factory=Read)

    def parts(self) -> Iterator[SomeHouseholds]:
        """Every part of the file. Raises ScreeningError when it breaks off."""
        self.read.ignored = self.file.plan.ignored
        for part in self.file.parts():
            self.read.rows += part.rows
            self.read.households += part.households.count
            self._rejects(part.rejects)
            yield part
            self.progress(self.file.table.position(), self.file.table.size)
        self.read.rejected = self.read.rows - self.read.households
        self._rejects(self.file.strangers())

    def _rejects(self, rejects: list[Reject]) -> None:
        self.read.wrong_cells += len(rejects)
        self.read.rejects += rejects[: max(0, REJECTS_SHOWN - len(self.read.rejects))]
        for reject in rejects:
            self.on_reject(reject)


@dataclass
class ScreeningReport:
    """limit: how many households each list holds at most."""

    read: Read
    screening: Screening
    limit: int
    lists: Mapping[str, Mapping[str, list[Listed]]]

    def programmes(self) -> list[dict[str, Any]]:
        """One block for each programme: counts, what is missing, subdistricts and the three lists."""
        return [{**tally.as_dict(), **self._lists(one)} for one, tally in self.screening.tallies.items()]

    def _lists(self, programme: str) -> dict[str, Any]:
        lists = self.lists.get(programme, {})
        standings = self.screening.tallies[programme].standings
        return {
            "likely": [one.household for one in lists.get(LIKELY, ())],
            "cannot_tell": [
                {"household": one.household, "missing": list(one.missing)} for one in lists.get(CANNOT_TELL, ())
            ],
            "near_misses": [
                {"household": one.household, "distance": _span(one.distance), "said": one.near_miss}
                for one in lists.get(NEAR_MISS, ())
            ],
            "lists_complete": all(len(lists.get(one, ())) == standings[one] for one in WORTH_A_VISIT),
        }


def _span(ends: tuple[float, float] | None) -> Any:
    if ends is None or ends[0] == ends[1]:
        return None if ends is None else ends[0]
    return {"min": ends[0], "max": ends[1]}


def screen_file(
    reading: Reading, screening: Screening, *, limit: int, each: Callable[[Listed], None] | None = None,
) -> ScreeningReport:
    """Screens the whole file. each: called with every household worth a visit, for a result file. Raises ScreeningError."""
    lists: dict[str, dict[str, list[Listed]]] = defaultdict(lambda: defaultdict(list))
    for part in reading.parts():
        for one in screening.add(part, limit if each is None else None):
            some = lists[one.programme][one.standing]
            if len(some) < limit:
                some.append(one)
            if each is not None:
                each(one)
    return ScreeningReport(reading.read, screening, limit, lists)


@dataclass
class ComparisonReport:
    """limit: how many households each list holds at most."""

    read: Read
    before: Side
    after: Side
    comparison: Comparison
    limit: int
    lists: Mapping[str, Mapping[str, list[Change]]]

    def programmes(self) -> list[dict[str, Any]]:
        """One block for each programme: counts and the households by kind of change."""
        return [{**tally.as_dict(), **self._lists(one)} for one, tally in self.comparison.tallies.items()]

    def _lists(self, programme: str) -> dict[str, Any]:
        lists = self.lists.get(programme, {})
        changes = self.comparison.tallies[programme].changes
        return {
            **{kind: [_change(one) for one in lists.get(kind, ())] for kind in CHANGES},
            "lists_complete": all(len(lists.get(kind, ())) == changes[kind] for kind in CHANGES),
        }


def _change(one: Change) -> dict[str, Any]:
    return {
        "household": one.household,
        "before": one.before,
        "after": one.after,
        "amount_before_yuan": _span((one.amount_before.low, one.amount_before.high)) if one.amount_before else None,
        "amount_after_yuan": _span((one.amount_after.low, one.amount_after.high)) if one.amount_after else None,
    }


def compare_file(
    reading: Reading, before: Side, after: Side, comparison: Comparison, *, limit: int,
    each: Callable[[Change], None] | None = None,
) -> ComparisonReport:
    """Compares the whole file under the two sides. each: called with every change, for a result file."""
    lists: dict[str, dict[str, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for part in reading.parts():
        for one in comparison.add(part, limit if each is None else None):
            some = lists[one.programme][one.kind]
            if len(some) < limit:
                some.append(one)
            if each is not None:
                each(one)
    return ComparisonReport(reading.read, before, after, comparison, limit, lists)
