"""Households in columns: what is known of many households, each fact side by side, with their people and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.columns import (
    NO,
    NOT_KNOWN,
    UNKNOWN,
    YES,
    Column,
    Days,
    Mask,
    Numbers,
    Rows,
    Truths,
    Words,
    joined,
    the_same_word,
    unknown_like,
)
from bot.eligibility.household_members import OTHERS


@dataclass(frozen=True)
class Belongings:
    """People or events, any number to a household, kept in the order of their households.

    counts: how many each household has. facts by short name, one entry for each person or event: "age", "hukou", "kind".
    """

    counts: NDArray[np.int64]
    facts: Mapping[str, Column] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @cached_property
    def owner(self) -> Rows:
        """The household of each, by position."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def take(self, rows: Rows) -> Belongings:
        counts = self.counts[rows]
        starts = (np.cumsum(self.counts) - self.counts)[rows]
        first = np.cumsum(counts) - counts
        inner = np.arange(int(counts.sum())) - np.repeat(first, counts) + np.repeat(starts, counts)
        return Belongings(counts, {short: column.take(inner) for short, column in self.facts.items()})

    def any(self, of_each: Truths, among: Mask | None = None) -> Truths:
        """For each household whether it holds of one of its people or events; NO where there is none. among: only of these."""
        found = np.full(len(self.counts), NO, dtype=np.uint8)
        for truth in (UNKNOWN, YES):
            chosen = of_each == truth if among is None else (of_each == truth) & among
            found[self.owner[chosen]] = truth
        return found

    def all(self, of_each: Mask) -> Mask:
        """For each household whether it holds of all; True where there is none."""
        found = np.ones(len(self.counts), dtype=bool)
        found[self.owner[~of_each]] = False
        return found

    def with_another(self, where: Mask, short: str, word: str, words: tuple[str, ...]) -> Belongings:
        """One more, of which only this fact is known, for the households of the mask."""
        column = self.facts.get(short)
        own = column if isinstance(column, Words) else Words(np.full(self.total, NOT_KNOWN, dtype=np.int16), words)
        vocabulary = own.words if word in own.words else (*own.words, word)
        places = np.cumsum(self.counts)[where]
        codes = np.insert(own.codes, places, vocabulary.index(word))
        others = {name: with_unknown(column, places) for name, column in self.facts.items() if name != short}
        return Belongings(self.counts + where, {**others, short: Words(codes, vocabulary)})

    def with_fact(self, key: str, short: str, column: Column) -> Belongings:
        """With one fact of those who have this key; column: an entry for each household."""
        places = self._places(key)
        old = self.facts.get(short) or unknown_like(column, self.total)
        return Belongings(self.counts, {**self.facts, short: _set(old, places, column.take(self.owner[places]))})

    def with_relation(self, key: str, relation: str) -> Belongings:
        """With those who have this key related in this way."""
        return self.with_fact(key, "relation", the_same_word(relation, len(self.counts), (relation,)))

    def _places(self, key: str) -> Rows:
        keys = self.facts.get("key")
        found = keys.is_one_of((key,)) == YES if isinstance(keys, Words) else np.zeros(self.total, dtype=bool)
        return np.flatnonzero(found)


def _set(column: Column, places: Rows, values: Column) -> Column:
    """The column with these entries at these places. Words of both are joined."""
    everyone = np.arange(len(column.known))
    chosen = everyone.copy()
    chosen[places] = len(everyone) + np.arange(len(places))
    if isinstance(column, Words) and isinstance(values, Words):
        words = (*column.words, *(word for word in values.words if word not in column.words))
        table = np.array([words.index(word) for word in values.words] + [NOT_KNOWN], dtype=np.int16)
        return joined([Words(column.codes, words), Words(table[values.codes], words)]).take(chosen)
    return joined([column, values]).take(chosen)


def with_unknown(column: Column, places: Rows) -> Column:
    """The column with an unknown entry more before each of these places."""
    match column:
        case Numbers(low, high):
            return Numbers(np.insert(low, places, -np.inf), np.insert(high, places, np.inf))
        case Words(codes, words):
            return Words(np.insert(codes, places, NOT_KNOWN), words)
        case Days(numbers):
            return Days(np.insert(numbers, places, 0))


@dataclass(frozen=True)
class Households:
    """count households. facts by full name ("household.size", "event.cost_yuan" told without its event); a name that is not
    there is unknown of all. person: facts of whom it is about, by short name; others: who else is told of, with "key" saying
    who ("spouse", "child1") and "relation" how they are related ("child"). has_person: whether that one is told of at all.

    receives: one bit for each programme of `programmes`; only where receives_known.
    """

    count: int
    facts: Mapping[str, Column]
    person: Mapping[str, Column]
    has_person: Mask
    others: Belongings
    events: Belongings
    receives: NDArray[np.uint64]
    receives_known: Mask
    programmes: tuple[str, ...] = ()

    def take(self, rows: Rows) -> Households:
        """These households alone, in this order."""
        return replace(
            self,
            count=len(rows),
            facts={name: column.take(rows) for name, column in self.facts.items()},
            person={short: column.take(rows) for short, column in self.person.items()},
            has_person=self.has_person[rows],
            others=self.others.take(rows),
            events=self.events.take(rows),
            receives=self.receives[rows],
            receives_known=self.receives_known[rows],
        )

    def with_column(self, name: str, column: Column) -> Households:
        """With this fact replaced for all: "household.…", "event.…", "self.…" or "others.…", who are added where they are not
        there yet."""
        key, _, short = name.partition(".")
        if key == "self":
            everybody = np.ones(self.count, dtype=bool)
            return replace(self, person={**self.person, short: column}, has_person=everybody)
        if key == OTHERS:
            # Whoever is told of first, the first member stays the person it is about.
            everybody = np.ones(self.count, dtype=bool)
            return replace(self, others=self._with_speakers().with_fact(OTHERS, short, column), has_person=everybody)
        return replace(self, facts={**self.facts, name: column})

    def _with_speakers(self) -> Belongings:
        """The others with one who speaks for all of them."""
        keys = self.others.facts.get("key")
        spoken = keys.is_one_of((OTHERS,)) if isinstance(keys, Words) else np.full(self.others.total, NO)
        missing = self.others.any(spoken, among=spoken == YES) != YES
        return self.others.with_another(missing, "key", OTHERS, (OTHERS,)).with_relation(OTHERS, OTHERS)

    def receives_programme(self, programme: str) -> Truths:
        """Already received? UNKNOWN where nobody has said what the household receives."""
        if programme not in self.programmes:
            return np.where(self.receives_known, NO, UNKNOWN)
        bit = np.uint64(1 << self.programmes.index(programme))
        return np.where(self.receives_known, np.where((self.receives & bit) > 0, YES, NO), UNKNOWN)

    def with_receipt(self, programme: str | None) -> Households:
        """All receive this programme too; None: all receive nothing more than already told."""
        everybody = np.ones(self.count, dtype=bool)
        told = np.where(self.receives_known, self.receives, np.uint64(0))
        if programme is None:
            return replace(self, receives=told, receives_known=everybody)
        names = self.programmes if programme in self.programmes else (*self.programmes, programme)
        bit = np.uint64(1 << names.index(programme))
        return replace(self, receives=told | bit, receives_known=everybody, programmes=names)


def nobody(count: int) -> Belongings:
    """No people or events in any of the households."""
    return Belongings(np.zeros(count, dtype=np.int64))


def households(
    count: int, facts: Mapping[str, Column], person: Mapping[str, Column] | None = None, *,
    others: Belongings | None = None, events: Belongings | None = None,
) -> Households:
    """Households of which nothing is received as far as anybody knows."""
    return Households(
        count=count,
        facts=facts,
        person=person or {},
        has_person=np.full(count, bool(person)),
        others=others or nobody(count),
        events=events or nobody(count),
        receives=np.zeros(count, dtype=np.uint64),
        receives_known=np.zeros(count, dtype=bool),
    )
