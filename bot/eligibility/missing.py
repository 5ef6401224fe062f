"""Missing facts: which unanswered ones could still change a verdict, found by trying answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice, product
from math import prod

from bot.eligibility.answers import EVENT_KIND, RECEIVES, answered, possible_answers
from bot.eligibility.derived import PROGRAMME
from bot.eligibility.evaluator import Finding, check_of
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.thresholds import threshold_on
from bot.eligibility.truth import Truth
from bot.eligibility.verdicts import Verdicts, is_assessed
from bot.situation import Situation, Value
from knowledge.programmes import Condition, Operator, Programme, Threshold

MOST_TRIALS = 64
"""Answers tried together for one condition; a condition with more open facts than this covers counts them all as able."""


GROWING = frozenset({RECEIVES, EVENT_KIND})
"""An answer to these is added to what was told before, so it cannot be compared alone."""


class MissingFacts:
    """Finds, for programmes that cannot be told yet, the facts worth asking for. Refused ones are among them: they still could
    change the verdict, even if nobody asks again."""

    def __init__(self, situation: Situation, rulebook: Rulebook, on: date, verdicts: Verdicts) -> None:
        self._situation = situation
        self._rulebook = rulebook
        self._on = on
        self._verdicts = verdicts
        self._of_condition: dict[tuple[str, Operator, Threshold], tuple[str, ...]] = {}

    def of(self, programme: Programme) -> tuple[str, ...]:
        """Askable facts that could still change this verdict, in the order of the rule; () when it is settled."""
        return tuple(dict.fromkeys(self._of_programme(programme)))

    def _of_programme(self, programme: Programme) -> Iterator[str]:
        verdict = self._verdicts.of(programme)
        if verdict.result is not None:
            return
        for finding in verdict.own.open():
            yield from self._of_finding(finding)
        for displacement in verdict.displacements:
            if displacement.result is None:
                yield from self._of_programme(self._rulebook.programmes[displacement.by])

    def _of_finding(self, finding: Finding) -> Iterator[str]:
        condition = finding.condition
        if condition.fact.startswith(PROGRAMME):
            yield from self._of_other_programme(condition.fact.removeprefix(PROGRAMME))
            return
        # Many programmes share a condition on the same fact: savings below the same line, a hukou in Shanghai.
        key = (condition.fact, condition.operator, condition.threshold)
        if key not in self._of_condition:
            self._of_condition[key] = tuple(self._able(condition))
        yield from self._of_condition[key]

    def _of_other_programme(self, programme_id: str) -> Iterator[str]:
        if self._verdicts.facts.receives(programme_id) is None and RECEIVES in self._rulebook.facts:
            yield RECEIVES
        programme = self._rulebook.programmes[programme_id]
        if is_assessed(programme, self._on):
            yield from self._of_programme(programme)

    def _able(self, condition: Condition) -> Iterator[str]:
        names = self._verdicts.facts.missing(condition.fact)
        answers = [self._possible(name, condition) for name in names]
        if not 0 < prod(len(one) for one in answers) <= MOST_TRIALS:
            yield from names
            return
        if names == (condition.fact,) and names[0] not in GROWING:
            compare = check_of(condition, self._rulebook, self._on).compare
            if len({compare(answer) for answer in answers[0]}) > 1:
                yield from names
            return
        results = {chosen: self._result(condition, zip(names, chosen, strict=True)) for chosen in product(*answers)}
        yield from (name for place, name in enumerate(names) if _makes_a_difference(results, place))

    def _possible(self, name: str, condition: Condition) -> tuple[Value, ...]:
        limit = threshold_on(condition.threshold, self._rulebook, self._on).range
        known = self._verdicts.facts.value(name)
        return possible_answers(self._rulebook.facts[name], known, None if limit is None else limit.high)

    def _result(self, condition: Condition, answers: Iterator[tuple[str, Value]]) -> Truth:
        situation = self._situation
        for name, answer in answers:
            situation = answered(situation, name, answer)
        return Verdicts(situation, self._rulebook, self._on).finding(condition).result


def _makes_a_difference(results: dict[tuple[Value, ...], Truth], place: int) -> bool:
    """Whether two answers that differ only in this place give different results."""
    seen: dict[tuple[Value, ...], Truth] = {}
    for chosen, result in results.items():
        others = (*islice(chosen, place), *islice(chosen, place + 1, None))
        if seen.setdefault(others, result) is not result:
            return True
    return False
