"""Missing facts of many households: which unanswered ones could still change a verdict, found by trying answers on all at once.
The twin of bot.eligibility.missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.answers import EVENT_KIND, HALF_AS_MUCH_AGAIN, HAS_EVENT, LARGE, NOTHING, NUMBERS, RECEIVES
from bot.eligibility.column_verdicts import ColumnVerdicts, ConditionKey, compared, key_of
from bot.eligibility.columns import (
    NO,
    UNKNOWN,
    YES,
    YES_NO,
    Amounts,
    Column,
    Mask,
    Numbers,
    Rows,
    Truths,
    Words,
    the_same_word,
    unknown_numbers,
)
from bot.eligibility.derived import PROGRAMME
from bot.eligibility.households import Households
from bot.eligibility.missing import GROWING, MOST_TRIALS
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.thresholds import FEN, threshold_on
from bot.eligibility.verdicts import is_assessed
from knowledge.facts import FactDefinition, FactType
from knowledge.programmes import Condition, Programme

MissingOf = dict[str, Mask]
"""Facts by name, and the households of which each is missing."""

Answer = str | Amounts
"""A word that all households are tried with, or a number for each."""


@dataclass
class _Open:
    """A condition that somewhere keeps a verdict open, and where."""

    condition: Condition
    rows: Mask


class ColumnMissing:
    """Finds the facts worth asking for, of the programmes that cannot be told yet. wanted: the programmes that will be asked
    for; their open conditions are tried together, once each."""

    def __init__(
        self, households: Households, rulebook: Rulebook, on: date, verdicts: ColumnVerdicts, wanted: Sequence[Programme]
    ) -> None:
        self._households = households
        self._rulebook = rulebook
        self._on = on
        self._verdicts = verdicts
        self._of_programme: dict[str, MissingOf] = {}
        self._open: dict[ConditionKey, _Open] = {}
        for programme in wanted:
            verdicts.of(programme)
        for programme_id in verdicts.known:
            self._collect(rulebook.programmes[programme_id])
        self._able = {key: self._trial(one) for key, one in self._open.items()}

    def of(self, programme: Programme) -> MissingOf:
        """The askable facts that could still change this verdict, each with its households."""
        if programme.id not in self._of_programme:
            found: MissingOf = {}
            for name, rows in self._found(programme):
                if rows.any():
                    found[name] = found[name] | rows if name in found else rows
            self._of_programme[programme.id] = found
        return self._of_programme[programme.id]

    def _collect(self, programme: Programme) -> None:
        verdict = self._verdicts.of(programme)
        for leaf, rows in verdict.own.open():
            condition = leaf.condition
            rows = rows & (verdict.truths == UNKNOWN)
            if condition is None or condition.fact.startswith(PROGRAMME) or not rows.any():
                continue
            one = self._open.setdefault(key_of(condition), _Open(condition, rows))
            one.rows = one.rows | rows

    def _found(self, programme: Programme) -> Iterator[tuple[str, Mask]]:
        verdict = self._verdicts.of(programme)
        for leaf, open_rows in verdict.own.open():
            rows = open_rows & (verdict.truths == UNKNOWN)
            condition = leaf.condition
            if condition is None or not rows.any():
                continue
            if condition.fact.startswith(PROGRAMME):
                yield from self._of_other(condition.fact.removeprefix(PROGRAMME), rows)
            else:
                yield from ((name, able & rows) for name, able in self._able[key_of(condition)].items())
        for displacement in verdict.displacements:
            rows = (displacement.truths == UNKNOWN) & (verdict.truths == UNKNOWN)
            if rows.any():
                yield from self._within(self._rulebook.programmes[displacement.by], rows)

    def _of_other(self, programme_id: str, rows: Mask) -> Iterator[tuple[str, Mask]]:
        if RECEIVES in self._rulebook.facts:
            yield RECEIVES, rows & (self._households.receives_programme(programme_id) == UNKNOWN)
        programme = self._rulebook.programmes[programme_id]
        if is_assessed(programme, self._on):
            yield from self._within(programme, rows)

    def _within(self, programme: Programme, rows: Mask) -> Iterator[tuple[str, Mask]]:
        yield from ((name, missing & rows) for name, missing in self.of(programme).items())

    # Trying answers

    def _trial(self, one: _Open) -> MissingOf:
        """The facts behind a condition that can change its result, each with its households."""
        rows = np.flatnonzero(one.rows)
        chosen = self._households.take(rows)
        verdicts = ColumnVerdicts(chosen, self._rulebook, self._on)
        missing = dict(verdicts.facts.missing(one.condition.fact))
        answers = {name: self._answers(name, one.condition, verdicts) for name in missing}
        able = {name: np.zeros(self._households.count, dtype=bool) for name in missing}
        for names, places in _patterns(missing, answers, len(rows)):
            tried = [[_at(answer, places) for answer in answers[name].used(places)] for name in names]
            households = chosen.take(places)
            for name, makes in zip(names, self._differences(one.condition, households, names, tried), strict=True):
                able[name][rows[places[makes]]] = True
        return able

    def _answers(self, name: str, condition: Condition, verdicts: ColumnVerdicts) -> _Answers:
        definition = self._rulebook.facts[name]
        if definition.type not in NUMBERS:
            words = YES_NO[::-1] if definition.type is FactType.YES_NO else tuple(option.value for option in definition.options)
            return _Answers(words)
        limit = threshold_on(condition.threshold, self._rulebook, self._on).range
        beyond = None if limit is None or limit.high is None else float(limit.high * HALF_AS_MUCH_AGAIN)
        column = verdicts.facts.column(name)
        known = column if isinstance(column, Numbers) else unknown_numbers(verdicts.facts.count)
        low, high = _ends(definition, known)
        if beyond is None or definition.type is not FactType.MONEY:
            return _Answers((low, high))
        return _Answers((low, high, np.full(len(low), beyond)), (low < beyond) & (beyond < high))

    def _differences(
        self, condition: Condition, households: Households, names: Sequence[str], tried: Sequence[Sequence[Answer]]
    ) -> list[Mask]:
        """For each name, the households where two answers that differ only in it give different results."""
        everybody = np.ones(households.count, dtype=bool)
        if not 0 < prod(len(one) for one in tried) <= MOST_TRIALS:
            return [everybody for _ in names]
        shape = tuple(len(one) for one in tried)
        results = np.empty((*shape, households.count), dtype=np.uint8)
        for place in product(*(range(size) for size in shape)):
            answers = [one[index] for one, index in zip(tried, place, strict=True)]
            results[place] = self._result(condition, households, names, answers)
        return [_varies(results, axis) for axis in range(len(names))]

    def _result(
        self, condition: Condition, households: Households, names: Sequence[str], answers: Sequence[Answer]
    ) -> Truths:
        if list(names) == [condition.fact] and condition.fact not in GROWING:
            # The answer itself is compared; nothing else follows from it here.
            threshold = threshold_on(condition.threshold, self._rulebook, self._on)
            return compared(condition, self._column(condition.fact, answers[0], households.count), threshold)
        for name, answer in zip(names, answers, strict=True):
            households = self._answered(households, name, answer)
        return ColumnVerdicts(households, self._rulebook, self._on).condition(condition)

    def _answered(self, households: Households, name: str, answer: Answer) -> Households:
        if isinstance(answer, str) and name == RECEIVES:
            return households.with_receipt(None if answer == NOTHING else answer)
        if isinstance(answer, str) and name == EVENT_KIND:
            return _with_event(households, answer, self._options(name))
        return households.with_column(name, self._column(name, answer, households.count))

    def _column(self, name: str, answer: Answer, count: int) -> Column:
        if not isinstance(answer, str):
            return Numbers(answer, answer)
        is_yes_no = self._rulebook.facts[name].type is FactType.YES_NO
        return the_same_word(answer, count, YES_NO if is_yes_no else self._options(name))

    def _options(self, name: str) -> tuple[str, ...]:
        return tuple(option.value for option in self._rulebook.facts[name].options)


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers to try. extra: where the last of them is one more than the others; None: it is like them."""

    answers: tuple[Answer, ...]
    extra: Mask | None = None

    def used(self, places: Rows) -> tuple[Answer, ...]:
        """The answers for these households, which agree about the extra one."""
        return self.answers if self.extra is None or self.extra[places[0]] else self.answers[:-1]


def _at(answer: Answer, places: Rows) -> Answer:
    return answer if isinstance(answer, str) else answer[places]


def _patterns(missing: MissingOf, answers: Mapping[str, _Answers], count: int) -> Iterator[tuple[list[str], Rows]]:
    """Households grouped by which facts are missing of them, and by how many answers each has."""
    pattern: NDArray[np.int64] = np.zeros(count, dtype=np.int64)
    for bit, name in enumerate(missing):
        extra = answers[name].extra
        pattern |= missing[name].astype(np.int64) << (2 * bit)
        if extra is not None:
            pattern |= (extra & missing[name]).astype(np.int64) << (2 * bit + 1)
    for one in np.unique(pattern):
        names = [name for bit, name in enumerate(missing) if one >> (2 * bit) & 1]
        if names:
            yield names, np.flatnonzero(pattern == one)


def _varies(results: Truths, axis: int) -> Mask:
    """Whether going along this axis alone changes the result anywhere, for each household (the last axis)."""
    unlike = results.max(axis=axis) != results.min(axis=axis)
    varies: Mask = unlike.reshape(-1, results.shape[-1]).any(axis=0)
    return varies


def _ends(definition: FactDefinition, known: Numbers) -> tuple[Amounts, Amounts]:
    unit = float(FEN) if definition.type is FactType.MONEY else 1.0
    low = np.where(np.isfinite(known.low), known.low, float(definition.low or 0) * unit)
    most = LARGE if definition.high is None else definition.high
    high = np.where(np.isfinite(known.high), known.high, float(most) * unit)
    return low, np.maximum(low, high)


def _with_event(households: Households, kind: str, options: tuple[str, ...]) -> Households:
    """As bot.eligibility.answers: what has happened grows with each answer; "none" only counts where nothing has."""
    events = households.events
    if kind == NOTHING:
        told = households.facts.get(HAS_EVENT)
        codes = told.codes if isinstance(told, Words) else np.full(households.count, -1, dtype=np.int16)
        return households.with_column(HAS_EVENT, Words(np.where(events.counts == 0, np.int16(0), codes), YES_NO))
    kinds: Column | None = events.facts.get("kind")
    same = kinds.is_one_of((kind,)) if isinstance(kinds, Words) else np.full(events.total, NO)
    has_it = events.any(same, among=same == YES) == YES
    return Households(**{**households.__dict__, "events": events.with_another(~has_it, "kind", kind, options)})
