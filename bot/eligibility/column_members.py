"""Who counts as a member of each household, for many at once: the twin of bot.eligibility.household_members."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.answers import HAS_EVENT, NOTHING
from bot.eligibility.columns import (
    NO,
    NOT_KNOWN,
    YES,
    Column,
    Mask,
    Numbers,
    Words,
    all_unknown,
    as_words,
    joined,
    unknown_like,
)
from bot.eligibility.household_members import COUNTED_WITHOUT_LOCAL_HUKOU, NOT_COUNTED_WHILE_AWAY, OTHERS, STILL_AT_SCHOOL
from bot.eligibility.households import Belongings, Households
from bot.eligibility.person_facts import NO_DISABILITY

_NOT_FACTS = ("key", "relation")


def says(facts: Mapping[str, Column], short: str, words: Collection[str], count: int) -> Mask:
    """Who is known to be one of these."""
    column = facts.get(short)
    return column.is_one_of(words) == YES if isinstance(column, Words) else np.zeros(count, dtype=bool)


def spoken_for(households: Households) -> Mask:
    """Households of which something is told that holds of everybody else."""
    others = households.others
    found = np.zeros(households.count, dtype=bool)
    found[others.owner[_speaks_for_all(others)]] = True
    return found


def spelled_out(households: Households) -> Households:
    """The households as the rules read them: what holds of all others put down at each of them whose own is not told; no
    disability without a valid certificate; "nothing happened" as no event instead of an event of that kind."""
    others = _of_each(households)
    facts, events = _without_non_events(households)
    return replace(
        households,
        facts=facts,
        person=_without_certificate(households.person, households.count),
        others=Belongings(others.counts, _without_certificate(others.facts, others.total)),
        events=events,
    )


def _of_each(households: Households) -> Belongings:
    others = households.others
    speakers = np.flatnonzero(_speaks_for_all(others))
    if not len(speakers):
        return others
    speaker = np.full(households.count, -1, dtype=np.int64)
    speaker[others.owner[speakers]] = speakers
    facts = {
        short: column if short in _NOT_FACTS else or_else(column, _entries(column, speaker[others.owner]))
        for short, column in others.facts.items()
    }
    return Belongings(others.counts, facts)


def _without_certificate(facts: Mapping[str, Column], count: int) -> Mapping[str, Column]:
    without = says(facts, "disability_certificate", ("false",), count)
    if not without.any():
        return facts
    told = facts.get("disability_level")
    level = told if isinstance(told, Words) else Words(np.full(count, NOT_KNOWN, dtype=np.int16), (NO_DISABILITY,))
    words = level.words if NO_DISABILITY in level.words else (*level.words, NO_DISABILITY)
    codes = np.where(without, np.int16(words.index(NO_DISABILITY)), level.codes)
    return {**facts, "disability_level": Words(codes, words)}


def _without_non_events(households: Households) -> tuple[Mapping[str, Column], Belongings]:
    events = households.events
    nothing = says(events.facts, "kind", (NOTHING,), events.total)
    if not nothing.any():
        return households.facts, events
    kept = np.flatnonzero(~nothing)
    counts = np.bincount(events.owner[kept], minlength=households.count).astype(np.int64)
    left = Belongings(counts, {short: column.take(kept) for short, column in events.facts.items()})
    told = households.facts.get(HAS_EVENT)
    truths = told.truths() if isinstance(told, Words) else all_unknown(households.count)
    none_left = (events.counts > 0) & (counts == 0)
    return {**households.facts, HAS_EVENT: as_words(np.where(none_left, NO, truths))}, left


def counted(households: Households) -> Mask:
    """Which of the others count as members; whom it is about always does. Source: as counted_members of household_members."""
    others = households.others
    with_local = says(households.person, "hukou", ("shanghai",), households.count) & households.has_person
    with_local[others.owner[says(others.facts, "hukou", ("shanghai",), others.total)]] = True
    from_elsewhere = says(others.facts, "hukou", ("elsewhere",), others.total)
    near = says(others.facts, "relation", COUNTED_WITHOUT_LOCAL_HUKOU, others.total) | _speaks_for_all(others)
    mask: Mask = _counted_anywhere(others) & ~(with_local[others.owner] & from_elsewhere & ~near)
    return mask


def at_the_table(households: Households) -> NDArray[np.int64]:
    """How many people a resident may have in mind when saying how many live together."""
    others = households.others
    there = ~says(others.facts, "lives_together", ("false",), others.total) | _counted_anywhere(others)
    return np.bincount(others.owner[there], minlength=households.count) + households.has_person


def counted_people(households: Households) -> NDArray[np.int64]:
    """How many of the people told of one by one count as members of each household."""
    others = households.others
    told = counted(households) & ~_speaks_for_all(others)
    return np.bincount(others.owner[told], minlength=households.count) + households.has_person


def or_else(own: Column, shared: Column) -> Column:
    """own where it is known, else shared, of the same kind."""
    if isinstance(own, Numbers) and isinstance(shared, Numbers):
        return own.or_else(shared)
    if isinstance(own, Words) and isinstance(shared, Words):
        words = (*own.words, *(word for word in shared.words if word not in own.words))
        table = np.array([words.index(word) for word in shared.words] + [-1], dtype=np.int16)
        return Words(np.where(own.known, own.codes, table[shared.codes]), words)
    return own


def _counted_anywhere(others: Belongings) -> Mask:
    """Which of the others count wherever their hukou is."""
    facts, total = others.facts, others.total
    apart = says(facts, "lives_together", ("false",), total)
    away = says(facts, "away", NOT_COUNTED_WHILE_AWAY, total)
    studies = says(facts, "relation", ("child",), total) & says(facts, "student_stage", STILL_AT_SCHOOL, total)
    anywhere: Mask = _speaks_for_all(others) | (~away & (~apart | studies))
    return anywhere


def _speaks_for_all(others: Belongings) -> Mask:
    return says(others.facts, "relation", (OTHERS,), others.total)


def _entries(column: Column, places: NDArray[np.int64]) -> Column:
    """The entries at these places; at -1 an unknown one."""
    return joined([column, unknown_like(column, 1)]).take(places)
