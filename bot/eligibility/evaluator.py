"""The evaluator: a rule, what is known of a household and a day in; yes, no or unknown out, with the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Protocol

from bot.eligibility import intervals
from bot.eligibility.rulebook import Rulebook, RuleError
from bot.eligibility.thresholds import ThresholdOnDay, threshold_on
from bot.eligibility.truth import Truth, all_of, any_of, not_
from bot.situation import Range, Value
from knowledge.programmes import All, AnyOf, Condition, Not, Operator, Rule, Threshold


class Facts(Protocol):
    """What is known of a household, asked and derived facts alike."""

    def values(self, name: str) -> tuple[Value | None, ...]:
        """One entry for a plain fact; one for each member or event for "any_member.…" and "event.…", of which it is enough
        that one fits. None: not known."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one condition. value: the fact as known, None: not known; money is whole fen."""

    condition: Condition
    result: Truth
    value: Value | None
    threshold: ThresholdOnDay


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of one part of a rule; parts follow the rule's own shape, so that the reasons can be told from the rest.

    negated: the result is the opposite of the only part's; is_any: one of the parts is enough."""

    result: Truth
    finding: Finding | None = None
    parts: tuple[Evaluation, ...] = ()
    negated: bool = False
    is_any: bool = False

    def findings(self) -> Iterator[Finding]:
        """The whole trace, in the order of the rule."""
        if self.finding is not None:
            yield self.finding
        for part in self.parts:
            yield from part.findings()

    def reasons(self) -> Iterator[Finding]:
        """The findings the result rests on: of a failed rule those that fail it, of a fulfilled one those that fulfil it."""
        if self.finding is not None:
            yield self.finding
        for part in self._deciding_parts():
            yield from part.reasons()

    def open(self) -> Iterator[Finding]:
        """The unknown findings that could still settle the result; none when it is settled."""
        if self.result is not None:
            return
        if self.finding is not None:
            yield self.finding
        for part in self.parts:
            yield from part.open()

    def _deciding_parts(self) -> Iterator[Evaluation]:
        if self.negated or self.result is None:
            # While nothing is settled, what is fulfilled already is worth saying; a failed alternative is not.
            yield from (part for part in self.parts if self.negated or part.result is not False)
            return
        yield from (part for part in self.parts if part.result is self.result)


def evaluate(rule: Rule, facts: Facts, rulebook: Rulebook, on: date) -> Evaluation:
    """The rule under the parameters of that day. An unknown or refused fact never counts as no.

    Raises RuleError where the rule itself makes no sense.
    """
    match rule:
        case Condition():
            finding = check_of(rule, rulebook, on).finding(facts)
            return Evaluation(finding.result, finding=finding)
        case Not(part):
            inner = evaluate(part, facts, rulebook, on)
            return Evaluation(not_(inner.result), parts=(inner,), negated=True)
        case All(parts):
            evaluated = tuple(evaluate(part, facts, rulebook, on) for part in parts)
            return Evaluation(all_of(part.result for part in evaluated), parts=evaluated)
        case AnyOf(parts):
            evaluated = tuple(evaluate(part, facts, rulebook, on) for part in parts)
            return Evaluation(any_of(part.result for part in evaluated), parts=evaluated, is_any=True)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A condition made ready for one day: its threshold looked up and its comparison chosen once, for all households."""

    condition: Condition
    threshold: ThresholdOnDay
    compare: Callable[[Value], Truth]

    def finding(self, facts: Facts) -> Finding:
        values = facts.values(self.condition.fact)
        if len(values) == 1:
            value = values[0]
            return Finding(self.condition, None if value is None else self.compare(value), value, self.threshold)
        results = tuple(None if value is None else self.compare(value) for value in values)
        result = any_of(results)
        shown = next((value for value, one in zip(values, results, strict=True) if one is result), None)
        return Finding(self.condition, result, shown, self.threshold)


@lru_cache(maxsize=8192)
def check_of(condition: Condition, rulebook: Rulebook, on: date) -> Check:
    """The condition under the parameters of that day. Kept between calls: neither a catalogue nor a past or future day changes.

    Raises RuleError for a parameter that nobody knows by name.
    """
    threshold = threshold_on(condition.threshold, rulebook, on)
    if threshold.parameter is None:
        return Check(condition, threshold, _with_constant(condition))
    return Check(condition, threshold, _with_parameter(condition, threshold))


def _with_parameter(condition: Condition, threshold: ThresholdOnDay) -> Callable[[Value], Truth]:
    limit, numeric = threshold.range, _NUMERIC[condition.operator]
    if threshold.is_money != ("_yuan" in condition.fact):
        raise RuleError(
            f"condition '{condition.id}' compares '{condition.fact}' with '{threshold.parameter}' in '{threshold.unit}': "
            f"amounts of money go with facts named …_yuan, e.g. 'household.income_per_head_yuan'"
        )

    def compare(value: Value) -> Truth:
        if not isinstance(value, Range):
            raise RuleError(
                f"condition '{condition.id}' compares '{condition.fact}', which is {value!r} and no number, with the parameter "
                f"'{threshold.parameter}'; compare it with a constant, e.g. 'is: true'"
            )
        return None if limit is None else numeric(value, limit)

    return compare


def _with_constant(condition: Condition) -> Callable[[Value], Truth]:
    if condition.operator not in (Operator.IS, Operator.IN):
        raise RuleError(
            f"condition '{condition.id}' compares '{condition.fact}' by '{condition.operator}' with a constant; amounts, ages "
            f"and counts of policy are parameters, e.g. 'parameter: tekun.elder_age'"
        )
    wanted = _constants(condition.threshold)
    texts = frozenset(_as_text(constant) for constant in wanted)

    def compare(value: Value) -> Truth:
        if isinstance(value, Range):
            return any_of(intervals.equal(value, _number(constant, condition)) for constant in wanted)
        return _as_text(value) in texts

    return compare


def _constants(threshold: Threshold) -> tuple[bool | str, ...]:
    match threshold.constant:
        case None:
            return ()
        case tuple() as several:
            return several
        case single:
            return (single,)


def _number(constant: bool | str, condition: Condition) -> Range:
    try:
        return Range.exactly(Decimal(_as_text(constant)))
    except InvalidOperation:
        raise RuleError(
            f"condition '{condition.id}' compares the number '{condition.fact}' with {constant!r}; wanted digits, e.g. '2'"
        ) from None


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_NUMERIC: dict[Operator, Callable[[Range, Range], Truth]] = {
    Operator.IS: intervals.equal,
    Operator.IN: intervals.equal,
    Operator.BELOW: intervals.less,
    Operator.AT_MOST: intervals.at_most,
    Operator.ABOVE: lambda value, limit: intervals.less(limit, value),
    Operator.AT_LEAST: lambda value, limit: intervals.at_most(limit, value),
}
