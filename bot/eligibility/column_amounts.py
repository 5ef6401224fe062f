"""Near misses and estimated amounts of many households: the twins of bot.eligibility.near_misses and benefits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from bot.eligibility import column_numbers
from bot.eligibility.column_numbers import Limit
from bot.eligibility.column_verdicts import ColumnVerdicts, Node
from bot.eligibility.columns import NO, YES, Amounts, Mask, Numbers, the_same_number, unknown_numbers
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.thresholds import FEN, ThresholdOnDay, threshold_on
from knowledge.programmes import Benefit, Condition, Operator, Threshold

_TOO_MUCH = frozenset({Operator.BELOW, Operator.AT_MOST})
_TOO_LITTLE = frozenset({Operator.ABOVE, Operator.AT_LEAST})


@dataclass(frozen=True, slots=True)
class ColumnNearMiss:
    """condition: for each household an index into `conditions`, -1 where nothing is narrowly missed. distance: yuan for money,
    else the fact's own unit."""

    condition: NDArray[np.int16]
    conditions: tuple[Condition, ...]
    distance: Numbers

    @property
    def near(self) -> Mask:
        near: Mask = self.condition >= 0
        return near


def near_misses(own: Node, verdicts: ColumnVerdicts, rulebook: Rulebook, on: date) -> ColumnNearMiss:
    """For each household whose conditions fail, the first one that alone stands in the way and is missed by little."""
    count = len(own.truths)
    chosen, conditions = np.full(count, -1, dtype=np.int16), list[Condition]()
    distance = unknown_numbers(count)
    for leaf, reason_rows in own.reasons(own.truths == NO):
        condition = leaf.condition
        if condition is None or condition.near_miss is None or condition.near_miss_percent is None:
            continue
        limit = threshold_on(condition.threshold, rulebook, on)
        away = _distance(condition, limit, verdicts)
        if away is None:
            continue
        rows = np.flatnonzero(reason_rows & (chosen < 0) & _is_narrow(away, limit, condition.near_miss_percent))
        rows = rows[own.fulfilled(leaf, rows) != NO]
        shown = _in_yuan(away) if limit.is_money else away
        distance.low[rows], distance.high[rows] = shown.low[rows], shown.high[rows]
        chosen[rows] = len(conditions)
        conditions.append(condition)
    return ColumnNearMiss(chosen, tuple(conditions), distance)


def _distance(condition: Condition, limit: ThresholdOnDay, verdicts: ColumnVerdicts) -> Numbers | None:
    column = verdicts.facts.column(condition.fact)
    if limit.range is None or limit.shown is None or limit.range.exact is None or not isinstance(column, Numbers):
        return None
    if condition.operator in _TOO_MUCH:
        return column_numbers.subtracted(column, Limit.of(limit.range))
    return column_numbers.subtracted(Limit.of(limit.range), column) if condition.operator in _TOO_LITTLE else None


def _is_narrow(away: Numbers, limit: ThresholdOnDay, percent: Decimal) -> Mask:
    exact = Decimal(0) if limit.range is None or limit.range.exact is None else limit.range.exact
    most = float(exact * percent / Decimal(100))
    narrow: Mask = np.isfinite(away.low) & np.isfinite(away.high) & (away.low >= 0) & (away.low <= most)
    return narrow


def estimates(
    benefit: Benefit, verdicts: ColumnVerdicts, rulebook: Rulebook, on: date, where: Mask
) -> Numbers | None:
    """What the programme would give, in yuan as bot.eligibility.benefits counts it; (-inf, inf) where no amount can be given or
    the mask does not hold. None: the rule gives nobody an amount."""
    if benefit.kind == "tiers":
        amount = _by_tier(benefit, verdicts, rulebook, on)
    elif benefit.kind == "none" or benefit.standard is None:
        return None
    else:
        standard = threshold_on(Threshold(parameter=benefit.standard), rulebook, on)
        if standard.shown is None or standard.confidence is None or not standard.is_money or standard.range is None:
            return None
        if benefit.kind == "up_to":
            count = verdicts.facts.count
            amount = Numbers(np.zeros(count), np.full(count, float(standard.shown)))
        else:
            amount = _difference(benefit, Limit.of(standard.range), verdicts)
    return None if amount is None else _only(amount, where)


def _difference(benefit: Benefit, standard: Limit, verdicts: ColumnVerdicts) -> Numbers:
    """(standard − what each person has) × persons, nothing below zero. Source: as bot.eligibility.benefits."""
    count = verdicts.facts.count
    people = verdicts.facts.column("household.size")
    has = verdicts.facts.column(benefit.minus) if benefit.minus else the_same_number(0, count)
    if not isinstance(people, Numbers) or not isinstance(has, Numbers):
        return unknown_numbers(count)
    minus = column_numbers.not_below(has, 0)
    each = column_numbers.not_below(column_numbers.subtracted(standard, minus), 0)
    can = has.known & np.isfinite(minus.high) & np.isfinite(people.low) & np.isfinite(people.high)
    with np.errstate(invalid="ignore"):
        amount = _in_yuan(Numbers(each.low * people.low, each.high * people.high))
    return _only(amount, can & (amount.high > 0))


def _by_tier(benefit: Benefit, verdicts: ColumnVerdicts, rulebook: Rulebook, on: date) -> Numbers | None:
    """The amount of the first tier that fits; while tiers before it are open, from the least to the most."""
    count = verdicts.facts.count
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    reached, can = np.ones(count, dtype=bool), np.ones(count, dtype=bool)
    for tier in benefit.tiers:
        standard = threshold_on(Threshold(parameter=tier.standard), rulebook, on)
        truths = np.full(count, YES) if tier.when is None else verdicts.node(tier.when).truths
        here = reached & (truths != NO)
        if standard.shown is None or not standard.is_money:
            can &= ~here
        else:
            low = np.where(here, np.minimum(low, float(standard.shown)), low)
            high = np.where(here, np.maximum(high, float(standard.shown)), high)
        reached &= truths != YES
    return _only(Numbers(low, high), can & np.isfinite(low))


def _in_yuan(fen: Numbers) -> Numbers:
    """Fen to yuan, to the fen, half a fen upwards."""
    return Numbers(_rounded(fen.low), _rounded(fen.high))


def _rounded(fen: Amounts) -> Amounts:
    # Away from zero at one half, as decimals are rounded where one household is assessed.
    rounded: Amounts = np.copysign(np.floor(np.abs(fen) + 0.5), fen) / float(FEN)
    return rounded


def _only(amount: Numbers, where: Mask) -> Numbers:
    return Numbers(np.where(where, amount.low, -np.inf), np.where(where, amount.high, np.inf))
