"""Cliffs (悬崖效应): one household with a rising income; where what it has to live on falls although it earns more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from bot.eligibility.column_assessments import ColumnAssessment, assess_columns
from bot.eligibility.column_situations import columns_of
from bot.eligibility.columns import YES
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.thresholds import FEN
from bot.screening.wording import ScreeningError
from bot.situation import Range, Situation

INCOME, LAST_YEAR = "household.monthly_income_yuan", "household.last_year_income_yuan"
MEMBER_INCOME = "income_yuan"
MOST_STEPS = 5_000
CENT = 0.005
"""Less than this is no difference: half a fen."""


@dataclass(frozen=True, slots=True)
class Point:
    """One income, yuan a month. benefits: the least that each likely programme with a monthly amount would give the household;
    likely: all likely programmes, those without an amount too."""

    income: int
    benefits: dict[str, float]
    likely: frozenset[str]

    @property
    def paid(self) -> float:
        return sum(self.benefits.values())

    @property
    def total(self) -> float:
        """Income and benefits together."""
        return self.income + self.paid


@dataclass(frozen=True, slots=True)
class Drop:
    """From one income to a higher one the household has less and less although it earns more. loss: yuan a month; lost: what
    each programme gives less, the largest first; steep: it is lost at one step, and not little by little."""

    below: int
    at: int
    loss: float
    lost: dict[str, float]
    steep: bool

    def as_dict(self) -> dict[str, Any]:
        return {
            "below_yuan": self.below, "at_yuan": self.at, "loss_yuan": self.loss, "steep": self.steep, "programmes": self.lost,
        }


@dataclass(frozen=True, slots=True)
class Flat:
    """A stretch of incomes along which every yuan earned is taken off the benefits."""

    low: int
    high: int
    programmes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"from_yuan": self.low, "to_yuan": self.high, "programmes": list(self.programmes)}


@dataclass(frozen=True, slots=True)
class Lost:
    """At this income the programmes stop looking likely."""

    at: int
    programmes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"at_yuan": self.at, "programmes": list(self.programmes)}


@dataclass(frozen=True, slots=True)
class Cliff:
    """The whole line. names: of the programmes. set_aside: facts of the situation that a changing income overrules."""

    on: date
    points: tuple[Point, ...]
    drops: tuple[Drop, ...]
    flats: tuple[Flat, ...]
    lost: tuple[Lost, ...]
    names: dict[str, str]
    set_aside: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "as_of": self.on.isoformat(),
            "points": [
                {"income_yuan": p.income, "benefits": p.benefits, "benefits_yuan": round(p.paid, 2),
                 "total_yuan": round(p.total, 2), "likely": sorted(p.likely)}
                for p in self.points
            ],
            "drops": [one.as_dict() for one in self.drops],
            "flats": [one.as_dict() for one in self.flats],
            "lost": [one.as_dict() for one in self.lost],
            "names": self.names,
            "set_aside": list(self.set_aside),
        }


def cliff(situation: Situation, rulebook: Rulebook, on: date, incomes: Sequence[int]) -> Cliff:
    """The household at each of these monthly incomes (whole yuan, rising), everything else as told.

    Only programmes that look likely and have an amount by the month are summed, at the least that the rule may give: an amount
    for each person once, and of programmes that fill up to the same standard only the largest. Incomes of single members and of
    the last year give way to the one that rises.
    """
    if len(incomes) < 2 or len(incomes) > MOST_STEPS or any(b <= a for a, b in pairwise(incomes)) or incomes[0] < 0:
        raise ScreeningError("cliff_steps", most=str(MOST_STEPS))
    bare, set_aside = _without_incomes(situation)
    made = [bare.with_fact(INCOME, Range.exactly(income * FEN)) for income in incomes]
    assessed = assess_columns(columns_of(made), rulebook, on, with_missing=False)
    points = tuple(_point(income, row, assessed.values()) for row, income in enumerate(incomes))
    return Cliff(
        on=on,
        points=points,
        drops=tuple(_drops(points)),
        flats=tuple(_flats(points)),
        lost=tuple(_lost(points)),
        names={one.programme.id: one.programme.name for one in assessed.values()},
        set_aside=set_aside,
    )


def _without_incomes(situation: Situation) -> tuple[Situation, tuple[str, ...]]:
    named = [name for name in (INCOME, LAST_YEAR) if name in situation.facts]
    facts = {name: value for name, value in situation.facts.items() if name not in named}
    told_of = [member.key for member in situation.members if MEMBER_INCOME in member.facts]
    members = tuple(
        replace(member, facts={short: value for short, value in member.facts.items() if short != MEMBER_INCOME})
        for member in situation.members
    )
    return replace(situation, facts=facts, members=members), (*named, *(f"{key}.{MEMBER_INCOME}" for key in told_of))


def _point(income: int, row: int, assessed: Collection[ColumnAssessment]) -> Point:
    likely, benefits = list[str](), dict[str, float]()
    for one in assessed:
        if one.truths[row] != YES:
            continue
        likely.append(one.programme.id)
        if one.benefit is not None and one.programme.benefit.per == "month" and np.isfinite(one.benefit.low[row]):
            amount = round(float(one.benefit.low[row]), 2)
            if amount > 0:
                benefits[one.programme.id] = amount
    fill_up = {one.programme.id: one.programme.benefit.standard for one in assessed if one.programme.benefit.kind == "difference"}
    return Point(income, _once_per_standard(benefits, fill_up), frozenset(likely))


def _once_per_standard(benefits: dict[str, float], fill_up: Mapping[str, str | None]) -> dict[str, float]:
    """Of programmes that fill an income up to the same standard only the largest: together they would pay the line twice. How
    two such programmes go together is for a person to judge."""
    largest: dict[str | None, str] = {}
    for one, amount in benefits.items():
        if one in fill_up:
            standard = fill_up[one]
            if standard not in largest or amount > benefits[largest[standard]]:
                largest[standard] = one
    return {one: amount for one, amount in benefits.items() if one not in fill_up or largest[fill_up[one]] == one}


def _drops(points: Sequence[Point]) -> Iterator[Drop]:
    """Neighbouring steps down of the same programmes are one drop."""
    run: list[Point] = []
    for before, after in pairwise(points):
        falls = before.total - after.total > CENT
        if run and (not falls or set(_less(before, after)) != set(_less(run[-2], run[-1]))):
            yield _drop(run)
            run = []
        if falls:
            run = [*(run or [before]), after]
    if run:
        yield _drop(run)


def _drop(run: Sequence[Point]) -> Drop:
    first, last = run[0], run[-1]
    return Drop(first.income, last.income, round(first.total - last.total, 2), _less(first, last), steep=len(run) == 2)


def _less(before: Point, after: Point) -> dict[str, float]:
    """What each programme gives less, the largest first."""
    less = {one: round(amount - after.benefits.get(one, 0.0), 2) for one, amount in before.benefits.items()}
    return dict(sorted(((one, by) for one, by in less.items() if by > 0), key=lambda pair: -pair[1]))


def _flats(points: Sequence[Point]) -> Iterator[Flat]:
    start: Point | None = None
    for before, after in pairwise(points):
        level = abs(after.total - before.total) <= CENT
        if level and start is None:
            start = before
        if not level and start is not None:
            yield Flat(start.income, before.income, _shrinking(start, before))
            start = None
    if start is not None:
        yield Flat(start.income, points[-1].income, _shrinking(start, points[-1]))


def _shrinking(first: Point, last: Point) -> tuple[str, ...]:
    return tuple(one for one, amount in first.benefits.items() if last.benefits.get(one, 0.0) < amount)


def _lost(points: Sequence[Point]) -> Iterator[Lost]:
    for before, after in pairwise(points):
        gone = before.likely - after.likely
        if gone:
            yield Lost(after.income, tuple(sorted(gone)))
