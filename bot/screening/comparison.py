"""Comparison (前后对比): the same households under the rules of two days or two releases; whose verdict or amount changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from bot.eligibility.column_assessments import ColumnAssessment, assess_columns
from bot.eligibility.columns import YES, Mask
from bot.screening.household_files import SomeHouseholds
from bot.screening.screening import STANDINGS, Amount, amount_at, standings
from knowledge.catalogue import Catalogue

NEWLY_LIKELY, NO_LONGER_LIKELY, AMOUNT_CHANGED = "newly_likely", "no_longer_likely", "amount_changed"
CHANGES = (NEWLY_LIKELY, NO_LONGER_LIKELY, AMOUNT_CHANGED)
NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states that are compared."""

    catalogue: Catalogue
    on: date
    release: int

    def as_dict(self) -> dict[str, Any]:
        return {"as_of": self.on.isoformat(), "release": self.release}


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for one household in one programme. kind: one of CHANGES; before and after: standings, or NOT_IN_FORCE."""

    household: str
    subdistrict: str
    programme: str
    name: str
    kind: str
    before: str
    after: str
    amount_before: Amount | None
    amount_after: Amount | None


@dataclass
class ChangeTally:
    """How many households change in one programme, by kind; monthly: how the estimated yuan a month of those that are likely
    on both sides change together."""

    programme: str
    name: str
    changes: Counter[str] = field(default_factory=Counter)
    monthly_low: float = 0.0
    monthly_high: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "programme": self.programme,
            "name": self.name,
            "counts": {kind: self.changes[kind] for kind in CHANGES},
            "amounts_change_yuan_a_month": {"min": round(self.monthly_low, 2), "max": round(self.monthly_high, 2)},
        }


class Comparison:
    """Tallies of what changes over a file, part by part. programmes: ids; one that is in force on one side only is newly likely
    or no longer likely for whom it is likely there."""

    def __init__(self, before: Side, after: Side, programmes: Collection[str]) -> None:
        self._before, self._after = before, after
        names = {one.id: one.name for side in (before, after) for one in side.catalogue.programmes.values()}
        self.tallies = {one: ChangeTally(one, name) for one, name in names.items() if one in programmes}

    def add(self, part: SomeHouseholds, most: int | None = None) -> Iterator[Change]:
        """Counts these households and gives those that change, programme by programme. most: of each kind; None: all."""
        sides = [
            assess_columns(part.households, side.catalogue, side.on, set(self.tallies), with_missing=False)
            for side in (self._before, self._after)
        ]
        for programme, tally in self.tallies.items():
            before, after = (side.get(programme) for side in sides)
            yield from self._changes(part, tally, before, after, most)

    def _changes(
        self, part: SomeHouseholds, tally: ChangeTally, before: ColumnAssessment | None, after: ColumnAssessment | None,
        most: int | None,
    ) -> Iterator[Change]:
        count = part.households.count
        was, now = _likely(before, count), _likely(after, count)
        amounts = was & now & _amounts_differ(before, after, count)
        standing = _standing_names(before, count), _standing_names(after, count)
        for kind, rows in ((NEWLY_LIKELY, now & ~was), (NO_LONGER_LIKELY, was & ~now), (AMOUNT_CHANGED, amounts)):
            tally.changes[kind] += int(rows.sum())
            if kind == AMOUNT_CHANGED:
                _add_differences(tally, before, after, rows)
            for row in np.flatnonzero(rows)[:most].tolist():
                yield Change(
                    household=part.ids[row],
                    subdistrict=part.subdistricts[row],
                    programme=tally.programme,
                    name=tally.name,
                    kind=kind,
                    before=standing[0][row],
                    after=standing[1][row],
                    amount_before=None if before is None else amount_at(before, row),
                    amount_after=None if after is None else amount_at(after, row),
                )


def _add_differences(
    tally: ChangeTally, before: ColumnAssessment | None, after: ColumnAssessment | None, rows: Mask
) -> None:
    """What households that are likely on both sides are estimated to get more, or less, by the month."""
    was, now = (None if side is None else side.benefit for side in (before, after))
    if was is None or now is None or after is None or after.programme.benefit.per != "month":
        return
    both = rows & np.isfinite(was.low) & np.isfinite(now.low)
    tally.monthly_low += float((now.low[both] - was.low[both]).sum())
    tally.monthly_high += float((now.high[both] - was.high[both]).sum())


def _likely(assessment: ColumnAssessment | None, count: int) -> Mask:
    if assessment is None:
        return np.zeros(count, dtype=bool)
    likely: Mask = assessment.truths == YES
    return likely


def _amounts_differ(before: ColumnAssessment | None, after: ColumnAssessment | None, count: int) -> Mask:
    if before is None or after is None or before.benefit is None or after.benefit is None:
        return np.full(count, (before and before.benefit) is not (after and after.benefit))
    differ: Mask = (before.benefit.low != after.benefit.low) | (before.benefit.high != after.benefit.high)
    return differ


def _standing_names(assessment: ColumnAssessment | None, count: int) -> list[str]:
    if assessment is None:
        return [NOT_IN_FORCE] * count
    return [STANDINGS[place] for place in standings(assessment).tolist()]
