"""Facts of single persons that follow from other facts of theirs, in columns: the twin of bot.eligibility.person_facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np

from bot.eligibility import column_numbers
from bot.eligibility.column_numbers import Limit
from bot.eligibility.columns import NO, UNKNOWN, YES, Column, Days, Mask, Numbers, Truths, Words, all_unknown, opposite
from bot.eligibility.person_facts import AT_WORK, LEAST_SEVERE, MENTAL_KINDS, SEVERAL_KINDS, WITHOUT_WORK

PersonColumns = Mapping[str, Column]
LimitOf = Callable[[str], Limit | None]


def age(facts: PersonColumns, on: date) -> Numbers | None:
    """Completed years (周岁): from the birth date where that is known, never below zero, else as told."""
    born, told = facts.get("birth_date"), facts.get("age")
    told = told if isinstance(told, Numbers) else None
    if not isinstance(born, Days):
        return told
    years = on.year - born.numbers // 10_000 - (on.month * 100 + on.day < born.numbers % 10_000)
    exact = np.maximum(years, 0).astype(np.float64)
    by_birth = Numbers(np.where(born.known, exact, -np.inf), np.where(born.known, exact, np.inf))
    return by_birth.or_else(told)


def severe_disability(facts: PersonColumns, count: int) -> Truths:
    """重度残疾. Source: as bot.eligibility.person_facts.severe_disability."""
    return np.maximum(_level_at_most(facts, 2, count), _both(_level_at_most(facts, 3, count), _kind(facts, MENTAL_KINDS, count)))


def local_hukou(facts: PersonColumns, count: int) -> Truths:
    return is_word(facts, "hukou", "shanghai", count)


def local_severe_disability(facts: PersonColumns, count: int) -> Truths:
    """One and the same person: a Shanghai hukou and a severe disability."""
    return _both(local_hukou(facts, count), severe_disability(facts, count))


def local_first_level(facts: PersonColumns, count: int) -> Truths:
    return _both(local_hukou(facts, count), _level_at_most(facts, 1, count))


def local_certificate(facts: PersonColumns, count: int) -> Truths:
    """One and the same person: a Shanghai hukou and a disability certificate of any level."""
    return _both(local_hukou(facts, count), _level_at_most(facts, LEAST_SEVERE, count))


def local_severe_without_work(facts: PersonColumns, count: int, on: date, limit_of: LimitOf) -> Truths:
    """重残无业. Source: as bot.eligibility.person_facts.local_severe_without_work."""
    years = age(facts, on)
    old_enough = opposite(_below(years, limit_of("zhongcan_wuye.least_age"), count))
    young_enough = _below(years, limit_of("zhongcan_wuye.retirement_age"), count)
    working = facts.get("working")
    without_work = working.is_one_of(WITHOUT_WORK) if isinstance(working, Words) else all_unknown(count)
    found: Truths = np.minimum.reduce([local_severe_disability(facts, count), old_enough, young_enough, without_work])
    return found


def no_work_ability(facts: PersonColumns, count: int, on: date, limit_of: LimitOf) -> Truths:
    """无劳动能力. Source: as bot.eligibility.person_facts.no_work_ability."""
    years = age(facts, on)
    not_old_yet = _below(years, limit_of("tekun.elder_age"), count)
    minor = _below(years, limit_of("tekun.minor_age"), count)
    by_disability = no_work_ability_by_disability(facts, count)
    working = facts.get("working")
    unable, at_work = all_unknown(count), all_unknown(count)
    if isinstance(working, Words):
        unable, at_work = working.is_one_of(("unable",)), working.is_one_of(AT_WORK)
    unable = _both(unable, _level_at_most(facts, LEAST_SEVERE, count))
    able_as_told = (at_work == YES) & (by_disability == UNKNOWN) & ~_is_known(facts, "disability_level", count)
    by_disability = np.where(able_as_told, NO, by_disability)
    without: Truths = np.maximum.reduce([opposite(not_old_yet), minor, unable, by_disability])
    return without


def no_work_ability_by_disability(facts: PersonColumns, count: int) -> Truths:
    """By kind and level alone. Source: as bot.eligibility.person_facts.no_work_ability_by_disability."""
    unable: Truths = np.maximum.reduce([
        _both(_level_at_most(facts, 3, count), _kind(facts, MENTAL_KINDS, count)),
        _both(_level_at_most(facts, 2, count), _kind(facts, frozenset({"肢体"}), count)),
        _both(_level_at_most(facts, 1, count), _kind(facts, frozenset({"视力"}), count)),
    ])
    return unable


def is_word(facts: PersonColumns, short: str, word: str, count: int) -> Truths:
    column = facts.get(short)
    return column.is_one_of((word,)) if isinstance(column, Words) else all_unknown(count)


def _is_known(facts: PersonColumns, short: str, count: int) -> Mask:
    column = facts.get(short)
    return np.zeros(count, dtype=bool) if column is None else column.known


def _below(number: Numbers | None, limit: Limit | None, count: int) -> Truths:
    return all_unknown(count) if number is None or limit is None else column_numbers.less(number, limit)


def _level_at_most(facts: PersonColumns, level: int, count: int) -> Truths:
    """Level one is the most severe; "none" is no level."""
    column = facts.get("disability_level")
    if not isinstance(column, Words):
        return all_unknown(count)
    return column.is_one_of([word for word in column.words if word.isdecimal() and int(word) <= level])


def _kind(facts: PersonColumns, kinds: frozenset[str], count: int) -> Truths:
    column = facts.get("disability_kind")
    if not isinstance(column, Words):
        return all_unknown(count)
    # Several kinds: the certificate may name one of these among them.
    several = column.is_one_of((SEVERAL_KINDS,)) == YES
    return np.where(several, UNKNOWN, column.is_one_of(kinds))


def _both(left: Truths, right: Truths) -> Truths:
    return np.minimum(left, right)
