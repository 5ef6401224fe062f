"""Screening: each programme over the households of a file on a day; counts, and the households worth a visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.column_amounts import ColumnNearMiss
from bot.eligibility.column_assessments import ColumnAssessment, assess_columns
from bot.eligibility.columns import NO, UNKNOWN, YES, Mask, Numbers
from bot.eligibility.sentences import written
from bot.eligibility.verdicts import is_assessed
from bot.screening.household_files import SomeHouseholds
from bot.screening.wording import ScreeningError, say
from bot.situation import Range
from knowledge.catalogue import Catalogue
from knowledge.programmes import Condition

LIKELY, CANNOT_TELL, NEAR_MISS, UNLIKELY = "likely", "cannot_tell", "near_miss", "unlikely"
STANDINGS = (LIKELY, CANNOT_TELL, NEAR_MISS, UNLIKELY)
WORTH_A_VISIT = (LIKELY, CANNOT_TELL, NEAR_MISS)
ALL = "all"


@dataclass(frozen=True, slots=True)
class Amount:
    """Yuan between two ends. per: "month" or "once"."""

    low: float
    high: float
    per: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One household and one programme. standing: one of STANDINGS. missing: facts by name. near_miss: the sentence with the
    distance."""

    household: str
    subdistrict: str
    programme: str
    name: str
    standing: str
    missing: tuple[str, ...] = ()
    near_miss: str = ""
    distance: tuple[float, float] | None = None
    amount: Amount | None = None


@dataclass
class Tally:
    """What came out for one programme. households by standing (a near miss is counted as that, and is unlikely too); missing and
    to_confirm: of how many households that cannot be told each fact is missing, each parameter in doubt; monthly: estimated
    yuan a month for all likely ones; subdistricts: standings by subdistrict."""

    programme: str
    name: str
    standings: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    to_confirm: Counter[str] = field(default_factory=Counter)
    subdistricts: dict[str, Counter[str]] = field(default_factory=dict)
    monthly: tuple[float, float] = (0.0, 0.0)
    with_amount: int = 0

    def counts(self) -> dict[str, int]:
        near = self.standings[NEAR_MISS]
        return {
            LIKELY: self.standings[LIKELY],
            CANNOT_TELL: self.standings[CANNOT_TELL],
            UNLIKELY: self.standings[UNLIKELY] + near,
            NEAR_MISS: near,
        }

    def as_dict(self) -> dict[str, Any]:
        return {
            "programme": self.programme,
            "name": self.name,
            "counts": self.counts(),
            "missing": dict(self.missing.most_common()),
            "to_confirm": dict(self.to_confirm.most_common()),
            "subdistricts": {
                name: {standing: counts[standing] for standing in STANDINGS} for name, counts in sorted(self.subdistricts.items())
            },
            "estimated_yuan_a_month": None if not self.with_amount else {
                "min": round(self.monthly[0], 2), "max": round(self.monthly[1], 2), "households": self.with_amount,
            },
        }


def chosen_programmes(wanted: str, catalogue: Catalogue, on: date) -> tuple[str, ...]:
    """The ids that "all", an id, a name or several with commas between mean, of those that a machine may check on that day.

    Raises ScreeningError."""
    able = {one.id: one for one in catalogue.programmes.values() if is_assessed(one, on)}
    if wanted == ALL:
        return tuple(able)
    names = {name: one.id for one in catalogue.programmes.values() for name in (one.id, one.name, *one.aliases)}
    chosen = []
    for part in filter(None, (part.strip() for part in wanted.replace("，", ",").split(","))):
        found = names.get(part)
        if found is None or found not in able:
            key = "no_programme" if found is None else "not_assessed"
            raise ScreeningError(key, given=part, known="、".join(able), on=on.isoformat())
        chosen.append(found)
    if not chosen:
        raise ScreeningError("no_programme", given=wanted, known="、".join(able))
    return tuple(dict.fromkeys(chosen))


class Screening:
    """Tallies over a file, part by part. near_percent: what counts as near, instead of what each condition says."""

    def __init__(
        self, catalogue: Catalogue, on: date, programmes: Collection[str], near_percent: Decimal | None = None
    ) -> None:
        self.tallies = {one: Tally(one, catalogue.programmes[one].name) for one in catalogue.programmes if one in programmes}
        self._catalogue = catalogue
        self._on = on
        self._near = near_percent

    def add(self, part: SomeHouseholds, most: int | None = None) -> Iterator[Listed]:
        """Counts these households and gives those worth a visit, programme by programme. most: of each standing; None: all."""
        assessed = assess_columns(part.households, self._catalogue, self._on, set(self.tallies), near_percent=self._near)
        groups, names = _groups(part.subdistricts)
        for programme, assessment in assessed.items():
            standing = standings(assessment)
            self._count(self.tallies[programme], assessment, standing, groups, names)
            yield from _listed(part, assessment, standing, most)

    def _count(
        self, tally: Tally, assessment: ColumnAssessment, standing: NDArray[np.int8], groups: NDArray[np.int64], names: list[str]
    ) -> None:
        kinds = len(STANDINGS)
        by_place = np.bincount(groups * kinds + standing, minlength=len(names) * kinds).reshape(-1, kinds).tolist()
        for name, counts in zip(names, by_place, strict=True):
            here = Counter(dict(zip(STANDINGS, counts, strict=True)))
            tally.standings.update(here)
            tally.subdistricts.setdefault(name, Counter()).update(here)
        tally.missing.update({fact: int(rows.sum()) for fact, rows in assessment.missing.items()})
        tally.to_confirm.update({parameter: int(rows.sum()) for parameter, rows in assessment.to_confirm.items()})
        benefit = assessment.benefit
        if benefit is not None and assessment.programme.benefit.per == "month":
            sure = (assessment.truths == YES) & np.isfinite(benefit.low)
            low, high = float(benefit.low[sure].sum()), float(benefit.high[sure].sum())
            tally.monthly = (tally.monthly[0] + low, tally.monthly[1] + high)
            tally.with_amount += int(sure.sum())


def standings(assessment: ColumnAssessment) -> NDArray[np.int8]:
    """For each household the place of its standing in STANDINGS."""
    of_no = np.where(assessment.near_miss.near, STANDINGS.index(NEAR_MISS), STANDINGS.index(UNLIKELY))
    found = np.where(assessment.truths == YES, 0, np.where(assessment.truths == UNKNOWN, 1, of_no))
    # A near miss is one only where the programme is unlikely by its own conditions.
    return np.where((assessment.truths == NO) | (found < 2), found, STANDINGS.index(UNLIKELY)).astype(np.int8)


def _groups(names: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    places: dict[str, int] = {}
    groups = np.fromiter((places.setdefault(name, len(places)) for name in names), dtype=np.int64, count=len(names))
    return groups, list(places)


def _listed(
    part: SomeHouseholds, assessment: ColumnAssessment, standing: NDArray[np.int8], most: int | None
) -> Iterator[Listed]:
    programme = assessment.programme
    rows = np.concatenate([np.flatnonzero(standing == STANDINGS.index(one))[:most] for one in WORTH_A_VISIT])
    for row in np.sort(rows).tolist():
        here = STANDINGS[standing[row]]
        near = here == NEAR_MISS
        yield Listed(
            household=part.ids[row],
            subdistrict=part.subdistricts[row],
            programme=programme.id,
            name=programme.name,
            standing=here,
            missing=_names(assessment.missing, row) if here == CANNOT_TELL else (),
            near_miss=_near_words(assessment.near_miss, row) if near else "",
            distance=_distance(assessment.near_miss, row) if near else None,
            amount=amount_at(assessment, row),
        )


def amount_at(assessment: ColumnAssessment, row: int) -> Amount | None:
    """The estimated amount of one household; None where there is none."""
    benefit: Numbers | None = assessment.benefit
    if benefit is None or not np.isfinite(benefit.low[row]):
        return None
    return Amount(float(benefit.low[row]), float(benefit.high[row]), assessment.programme.benefit.per)


def _names(missing: Mapping[str, Mask], row: int) -> tuple[str, ...]:
    return tuple(name for name, rows in missing.items() if rows[row])


def _distance(miss: ColumnNearMiss, row: int) -> tuple[float, float]:
    return round(float(miss.distance.low[row]), 2), round(float(miss.distance.high[row]), 2)


def _near_words(miss: ColumnNearMiss, row: int) -> str:
    """The sentence for the near miss of one household, its distance filled in."""
    condition: Condition = miss.conditions[miss.condition[row]]
    low, high = (round(Decimal(end), 2) for end in _distance(miss, row))
    if high == 0 or condition.near_miss is None:
        return condition.no
    return condition.near_miss.format(distance=written(Range(low, high)))


def headline(tally: Tally) -> str:
    """One programme in one line, for a terminal."""
    counts = tally.counts()
    return say("headline", name=tally.name, **{standing: str(counts[standing]) for standing in STANDINGS})
