"""Three values and numbers between two ends: what may be concluded, and what may not."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.eligibility import intervals
from bot.eligibility.truth import Truth, all_of, any_of, not_
from bot.situation import Range

VALUES: tuple[Truth, ...] = (True, False, None)


def completions(values: tuple[Truth, ...]) -> list[tuple[bool, ...]]:
    return list(product(*((True, False) if value is None else (value,) for value in values)))


@pytest.mark.parametrize("values", list(product(VALUES, repeat=3)))
def test_all_and_any_are_known_exactly_when_every_completion_agrees(values: tuple[Truth, ...]):
    for ours, plain in ((all_of, all), (any_of, any)):
        outcomes = {plain(completion) for completion in completions(values)}
        assert ours(values) == (outcomes.pop() if len(outcomes) == 1 else None)


def test_nothing_at_all_is_all_but_not_any():
    assert (all_of(()), any_of(())) == (True, False)


def test_the_opposite_of_unknown_is_unknown():
    assert [not_(value) for value in VALUES] == [False, True, None]


def a_range(low: int | None, high: int | None) -> Range:
    return Range(None if low is None else Decimal(low), None if high is None else Decimal(high))


@pytest.mark.parametrize(("left", "right", "expected"), [
    (a_range(1, 2), a_range(3, 4), True),
    (a_range(3, 4), a_range(1, 3), False),       # three is not below three
    (a_range(1, 3), a_range(3, 4), None),
    (a_range(None, 2), a_range(3, None), True),
    (a_range(None, 5), a_range(3, 3), None),
    (a_range(5, None), a_range(3, 4), False),
])
def test_below_holds_only_for_all_pairs_and_fails_only_for_all(left: Range, right: Range, expected: Truth):
    assert intervals.less(left, right) is expected


@pytest.mark.parametrize(("number", "by", "expected"), [
    (a_range(1200, 1200), a_range(3, 3), a_range(400, 400)),
    (a_range(1000, 3000), a_range(2, 4), a_range(250, 1500)),
    (a_range(-600, 600), a_range(2, 3), a_range(-300, 300)),
    (a_range(1000, None), a_range(2, 2), a_range(500, None)),
    (a_range(1000, 2000), a_range(2, None), a_range(0, 1000)),
])
def test_sharing_keeps_both_ends_apart(number: Range, by: Range, expected: Range):
    assert intervals.divided(number, by) == expected


ENDS = st.integers(-50, 50)
RANGES = st.tuples(ENDS, ENDS).map(lambda ends: a_range(min(ends), max(ends)))


@given(RANGES, RANGES, st.integers(0, 100), st.integers(0, 100))
def test_computed_ranges_hold_every_pair_of_numbers(left: Range, right: Range, share: int, other_share: int):
    assert left.low is not None
    assert left.high is not None
    assert right.low is not None
    assert right.high is not None
    x = left.low + (left.high - left.low) * share / 100
    y = right.low + (right.high - right.low) * other_share / 100
    for computed, number in ((intervals.added(left, right), x + y), (intervals.subtracted(left, right), x - y)):
        assert computed.low is not None
        assert computed.high is not None
        assert computed.low <= number <= computed.high
    told = intervals.less(left, right)
    assert told is None or told is (x < y)
    told = intervals.at_most(left, right)
    assert told is None or told is (x <= y)
