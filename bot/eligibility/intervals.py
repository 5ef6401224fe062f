"""Numbers known between two ends: comparing and computing with them without ever knowing more than was told."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from bot.eligibility.truth import Truth, any_of, not_
from bot.situation import Range


def less(left: Range, right: Range) -> Truth:
    """True only if every number of left is below every number of right; False only if none is below any."""
    if left.high is not None and right.low is not None and left.high < right.low:
        return True
    if left.low is not None and right.high is not None and left.low >= right.high:
        return False
    return None


def at_most(left: Range, right: Range) -> Truth:
    return not_(less(right, left))


def equal(left: Range, right: Range) -> Truth:
    if left.exact is not None and left.exact == right.exact:
        return True
    apart = any_of((less(left, right), less(right, left)))
    return False if apart is True else None


def added(left: Range, right: Range) -> Range:
    return Range(_both(left.low, right.low, Decimal.__add__), _both(left.high, right.high, Decimal.__add__))


def subtracted(left: Range, right: Range) -> Range:
    return Range(_both(left.low, right.high, Decimal.__sub__), _both(left.high, right.low, Decimal.__sub__))


def scaled(number: Range, factor: Decimal) -> Range:
    """Times a factor of zero or more."""
    return Range(
        None if number.low is None else number.low * factor,
        None if number.high is None else number.high * factor,
    )


def multiplied(left: Range, right: Range) -> Range:
    """Both zero or more."""
    return Range(_both(left.low, right.low, Decimal.__mul__), _both(left.high, right.high, Decimal.__mul__))


def divided(number: Range, by: Range) -> Range:
    """A number of any sign by one above zero: "per head". An open end of the divisor leaves the matching end at zero."""
    return Range(_least_quotient(number.low, by), _greatest_quotient(number.high, by))


def not_below(number: Range, floor: Decimal) -> Range:
    return Range(
        floor if number.low is None else max(number.low, floor),
        None if number.high is None else max(number.high, floor),
    )


def _both(left: Decimal | None, right: Decimal | None, compute: Callable[[Decimal, Decimal], Decimal]) -> Decimal | None:
    return None if left is None or right is None else compute(left, right)


def _least_quotient(low: Decimal | None, by: Range) -> Decimal | None:
    if low is None:
        return None
    divisor = by.high if low >= 0 else by.low
    if divisor is None:
        return Decimal(0) if low >= 0 else None
    return low / divisor if divisor > 0 else None


def _greatest_quotient(high: Decimal | None, by: Range) -> Decimal | None:
    if high is None:
        return None
    divisor = by.low if high >= 0 else by.high
    if divisor is None:
        return None if high >= 0 else Decimal(0)
    return high / divisor if divisor > 0 else None
