"""Columns: one fact of many households side by side, so that a rule runs over all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.truth import Truth

Truths = NDArray[np.uint8]
"""Truth of many households: NO < UNKNOWN < YES, so that Kleene's "and" is the minimum and "or" the maximum."""

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Amounts = NDArray[np.float64]

NO, UNKNOWN, YES = np.uint8(0), np.uint8(1), np.uint8(2)
TRUTHS: tuple[Truth, ...] = (False, None, True)
"""What each code of Truths means."""

YES_NO = ("false", "true")
NOT_KNOWN = -1


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number for each household between two ends, inclusive; an open end is infinite, so that an unknown number is
    (-inf, inf). Money is whole fen, areas are m². Whole numbers below 2**53 and their single quotients compare exactly as
    decimals do, because one rounding never changes the order of two numbers."""

    low: Amounts
    high: Amounts

    @property
    def known(self) -> Mask:
        known: Mask = np.isfinite(self.low) | np.isfinite(self.high)
        return known

    @property
    def exact(self) -> Mask:
        same: Mask = self.low == self.high
        return same

    def take(self, rows: Rows) -> Numbers:
        return Numbers(self.low[rows], self.high[rows])

    def or_else(self, other: Numbers | None) -> Numbers:
        """Where this one is unknown, the other."""
        if other is None:
            return self
        known = self.known
        return Numbers(np.where(known, self.low, other.low), np.where(known, self.high, other.high))


@dataclass(frozen=True, slots=True)
class Words:
    """One of a few values for each household: an index into `words`, NOT_KNOWN where nobody knows. Yes and no are the words
    YES_NO."""

    codes: NDArray[np.int16]
    words: tuple[str, ...]

    @property
    def known(self) -> Mask:
        known: Mask = self.codes >= 0
        return known

    exact = known

    def take(self, rows: Rows) -> Words:
        return Words(self.codes[rows], self.words)

    def is_one_of(self, wanted: Collection[str]) -> Truths:
        # The last entry is what the code NOT_KNOWN reads.
        table = np.array([YES if word in wanted else NO for word in self.words] + [UNKNOWN], dtype=np.uint8)
        return table[self.codes]

    def truths(self) -> Truths:
        """Of a yes/no fact."""
        return self.is_one_of(("true",))


@dataclass(frozen=True, slots=True)
class Days:
    """A calendar day for each household as the number 20260831; 0 where nobody knows."""

    numbers: NDArray[np.int32]

    @property
    def known(self) -> Mask:
        known: Mask = self.numbers > 0
        return known

    exact = known

    def take(self, rows: Rows) -> Days:
        return Days(self.numbers[rows])


Column = Numbers | Words | Days


def joined(columns: Sequence[Column]) -> Column:
    """The same fact of several groups of households, one group after the other. Words of all must be the same."""
    first = columns[0]
    match first:
        case Numbers():
            some = [column for column in columns if isinstance(column, Numbers)]
            return Numbers(np.concatenate([c.low for c in some]), np.concatenate([c.high for c in some]))
        case Words():
            return Words(np.concatenate([c.codes for c in columns if isinstance(c, Words)]), first.words)
        case Days():
            return Days(np.concatenate([c.numbers for c in columns if isinstance(c, Days)]))


def unknown_like(column: Column, count: int) -> Column:
    """A column of the same kind in which nothing is known."""
    match column:
        case Numbers():
            return unknown_numbers(count)
        case Words(_, words):
            return Words(np.full(count, NOT_KNOWN, dtype=np.int16), words)
        case Days():
            return Days(np.zeros(count, dtype=np.int32))


def all_unknown(count: int) -> Truths:
    return np.full(count, UNKNOWN, dtype=np.uint8)


def opposite(truths: Truths) -> Truths:
    return YES - truths


def as_words(truths: Truths) -> Words:
    """Truths as a yes/no fact."""
    return Words(np.array([0, NOT_KNOWN, 1], dtype=np.int16)[truths], YES_NO)


def unknown_numbers(count: int) -> Numbers:
    return Numbers(np.full(count, -np.inf), np.full(count, np.inf))


def the_same_number(number: float, count: int) -> Numbers:
    return Numbers(np.full(count, number), np.full(count, number))


def the_same_word(word: str, count: int, words: tuple[str, ...]) -> Words:
    vocabulary = words if word in words else (*words, word)
    return Words(np.full(count, vocabulary.index(word), dtype=np.int16), vocabulary)
