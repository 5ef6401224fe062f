"""Numbers known between two ends, for many households at once: the twin of bot.eligibility.intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.eligibility.columns import NO, UNKNOWN, YES, Amounts, Numbers, Truths, opposite
from bot.situation import Range


@dataclass(frozen=True, slots=True)
class Limit:
    """One number that all households are compared with; open ends are infinite."""

    low: float
    high: float

    @classmethod
    def of(cls, number: Range) -> Limit:
        return cls(
            -np.inf if number.low is None else float(number.low),
            np.inf if number.high is None else float(number.high),
        )


def less(left: Numbers | Limit, right: Numbers | Limit) -> Truths:
    """YES only if every number of left is below every number of right; NO only if none is below any."""
    surely = np.less(left.high, right.low)
    surely_not = np.greater_equal(left.low, right.high)
    return np.where(surely, YES, np.where(surely_not, NO, UNKNOWN))


def at_most(left: Numbers | Limit, right: Numbers | Limit) -> Truths:
    return opposite(less(right, left))


def equal(left: Numbers, right: Limit) -> Truths:
    same = (left.low == left.high) & (left.low == right.low) & (right.low == right.high)
    apart = np.maximum(less(left, right), less(right, left)) == YES
    return np.where(same, YES, np.where(apart, NO, UNKNOWN))


def subtracted(left: Numbers | Limit, right: Numbers | Limit) -> Numbers:
    return Numbers(np.subtract(left.low, right.high), np.subtract(left.high, right.low))


def scaled(number: Numbers, factor: float) -> Numbers:
    """Times a factor above zero."""
    return Numbers(number.low * factor, number.high * factor)


def not_below(number: Numbers, floor: float) -> Numbers:
    return Numbers(np.maximum(number.low, floor), np.maximum(number.high, floor))


def divided(number: Numbers, by: Numbers) -> Numbers:
    """A number of any sign by one above zero: "per head". An open end of the divisor leaves the matching end at zero; a divisor
    that may be zero leaves it open."""
    least_by = np.where(number.low >= 0, by.high, by.low)
    most_by = np.where(number.high >= 0, by.low, by.high)
    return Numbers(_quotient(number.low, least_by, -np.inf), _quotient(number.high, most_by, np.inf))


def _quotient(number: Amounts, divisor: Amounts, else_: float) -> Amounts:
    usable = divisor > 0
    quotient: Amounts = np.divide(number, divisor, out=np.full(number.shape, else_), where=usable)
    return quotient
