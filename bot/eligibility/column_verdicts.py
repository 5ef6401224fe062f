"""Verdicts of all programmes over many households on one day: the twin of bot.eligibility.evaluator and verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import numpy as np

from bot.eligibility import column_numbers
from bot.eligibility.column_facts import ColumnFacts
from bot.eligibility.column_numbers import Limit
from bot.eligibility.columns import NO, UNKNOWN, YES, Column, Mask, Numbers, Rows, Truths, Words, all_unknown, opposite
from bot.eligibility.derived import PROGRAMME
from bot.eligibility.households import Households
from bot.eligibility.rulebook import Rulebook, RuleError
from bot.eligibility.thresholds import ThresholdOnDay, threshold_on
from bot.eligibility.verdicts import is_assessed
from knowledge.programmes import All, AnyOf, Condition, Not, Operator, Programme, Rule, Threshold, rule_on

ConditionKey = tuple[str, Operator, Threshold]
"""What makes two conditions the same question, whatever programme they stand in."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One part of a rule with its result for each household; condition: set on a leaf."""

    truths: Truths
    condition: Condition | None = None
    parts: tuple[Node, ...] = ()
    negated: bool = False
    is_any: bool = False

    def leaves(self) -> Iterator[Node]:
        if self.condition is not None:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def open(self) -> Iterator[tuple[Node, Mask]]:
        """The leaves that could still settle the result, and for which households."""
        yield from self._open(self.truths == UNKNOWN)

    def _open(self, rows: Mask) -> Iterator[tuple[Node, Mask]]:
        rows = rows & (self.truths == UNKNOWN)
        if self.condition is not None:
            yield self, rows
        for part in self.parts:
            yield from part._open(rows)

    def reasons(self, rows: Mask) -> Iterator[tuple[Node, Mask]]:
        """The leaves that the result rests on, and for which of the households."""
        if self.condition is not None:
            yield self, rows
        for part in self.parts:
            yield from part.reasons(rows & self._decides(part))

    def _decides(self, part: Node) -> Mask:
        decides: Mask = np.where(self.truths == UNKNOWN, part.truths != NO, part.truths == self.truths) | self.negated
        return decides

    def fulfilled(self, leaf: Node, rows: Rows) -> Truths:
        """The result for these households if this one leaf were fulfilled."""
        if self.condition is not None:
            truths = self.truths[rows]
            return np.full(truths.shape, YES) if self is leaf else truths
        return _joined(tuple(part.fulfilled(leaf, rows) for part in self.parts), self.negated, self.is_any)


def _joined(parts: tuple[Truths, ...], negated: bool, is_any: bool) -> Truths:
    if negated:
        return opposite(parts[0])
    joined: Truths = np.maximum.reduce(parts) if is_any else np.minimum.reduce(parts)
    return joined


@dataclass(frozen=True, slots=True)
class ColumnDisplacement:
    """For each household, whether another programme (`by`) takes the place of one that excludes it."""

    by: str
    truths: Truths


@dataclass(frozen=True, slots=True)
class ColumnVerdict:
    """truths YES: likely, NO: unlikely, UNKNOWN: cannot tell. own: what the programme's conditions alone say."""

    truths: Truths
    own: Node
    displacements: tuple[ColumnDisplacement, ...] = ()


class ColumnVerdicts:
    """Each programme's verdicts, computed when first asked for; a condition that programmes share is computed once."""

    def __init__(self, households: Households, rulebook: Rulebook, on: date) -> None:
        self.facts = ColumnFacts(households, rulebook, on, self._truths_of)
        self._rulebook = rulebook
        self._on = on
        self._known: dict[str, ColumnVerdict] = {}
        self._waiting: list[str] = []
        self._conditions: dict[ConditionKey, Truths] = {}

    @property
    def known(self) -> Mapping[str, ColumnVerdict]:
        """Those asked for so far, those that they wait for included."""
        return self._known

    def of(self, programme: Programme) -> ColumnVerdict:
        """Raises RuleError when programmes wait for each other's verdicts."""
        if programme.id in self._waiting:
            circle = " → ".join((*self._waiting[self._waiting.index(programme.id):], programme.id))
            raise RuleError(f"programmes wait for each other's verdicts: {circle}. Let only one of them name the other, "
                            f"e.g. only dibao_bianyuan excludes dibao")
        if programme.id not in self._known:
            self._waiting.append(programme.id)
            try:
                self._known[programme.id] = self._computed(programme)
            finally:
                self._waiting.pop()
        return self._known[programme.id]

    def node(self, rule: Rule) -> Node:
        """The rule with its result for each household. Raises RuleError where the rule itself makes no sense."""
        match rule:
            case Condition():
                return Node(self.condition(rule), rule)
            case Not(part):
                inner = self.node(part)
                return Node(opposite(inner.truths), parts=(inner,), negated=True)
            case All(parts) | AnyOf(parts):
                nodes = tuple(self.node(part) for part in parts)
                is_any = isinstance(rule, AnyOf)
                return Node(_joined(tuple(node.truths for node in nodes), False, is_any), parts=nodes, is_any=is_any)

    def condition(self, condition: Condition) -> Truths:
        key = key_of(condition)
        if key not in self._conditions:
            threshold = threshold_on(condition.threshold, self._rulebook, self._on)
            self._conditions[key] = self.facts.truth_of(
                condition.fact, lambda column: compared(condition, column, threshold))
        return self._conditions[key]

    def _truths_of(self, programme_id: str) -> Truths:
        programme = self._rulebook.programmes.get(programme_id)
        if programme is None:
            raise RuleError(f"a rule asks for '{PROGRAMME}{programme_id}', which the handbook does not hold; "
                            f"wanted one of: {', '.join(self._rulebook.programmes)}")
        return self._status(self.of(programme)) if is_assessed(programme, self._on) else all_unknown(self.facts.count)

    @staticmethod
    def _status(verdict: ColumnVerdict) -> Truths:
        """For other programmes' rules: while only a better status beside it is open, one of the two is there for sure."""
        if not verdict.displacements:
            return verdict.truths
        displaced = np.maximum.reduce([displacement.truths for displacement in verdict.displacements])
        return np.where((verdict.own.truths == YES) & (displaced == UNKNOWN), YES, verdict.truths)

    def _computed(self, programme: Programme) -> ColumnVerdict:
        rule = None if programme.conditions is None else rule_on(programme.conditions, self._on)
        if rule is None:
            raise RuleError(f"programme '{programme.id}' has no conditions that a machine may check; it has no verdict")
        own = self.node(rule)
        displacements = tuple(self._displacement(other) for other in programme.excludes)
        left = [opposite(displacement.truths) for displacement in displacements]
        return ColumnVerdict(np.minimum.reduce([own.truths, *left]), own, displacements)

    def _displacement(self, other: str) -> ColumnDisplacement:
        received = self.facts.households.receives_programme(other) == YES
        programme = self._rulebook.programmes.get(other)
        # A programme without a rule displaces only who has said to receive it: there is nothing to wait for.
        if programme is None or not is_assessed(programme, self._on):
            return ColumnDisplacement(other, np.where(received, YES, NO))
        return ColumnDisplacement(other, np.where(received, YES, self.of(programme).truths))


def key_of(condition: Condition) -> ConditionKey:
    return condition.fact, condition.operator, condition.threshold


def compared(condition: Condition, column: Column, threshold: ThresholdOnDay) -> Truths:
    """One condition over a column that has its fact. Raises RuleError where the two do not go together."""
    if threshold.parameter is None:
        return _compared_with_constant(condition, column)
    if not isinstance(column, Numbers):
        raise RuleError(f"condition '{condition.id}' compares '{condition.fact}', which is no number, with the parameter "
                        f"'{threshold.parameter}'; compare it with a constant, e.g. 'is: true'")
    if threshold.is_money != ("_yuan" in condition.fact):
        raise RuleError(f"condition '{condition.id}' compares '{condition.fact}' with '{threshold.parameter}' in "
                        f"'{threshold.unit}': amounts of money go with facts named …_yuan")
    if threshold.range is None:
        return all_unknown(len(column.low))
    return _compared_with_limit(condition.operator, column, Limit.of(threshold.range))


def _compared_with_limit(operator: Operator, column: Numbers, limit: Limit) -> Truths:
    match operator:
        case Operator.IS | Operator.IN:
            return column_numbers.equal(column, limit)
        case Operator.BELOW:
            return column_numbers.less(column, limit)
        case Operator.AT_MOST:
            return column_numbers.at_most(column, limit)
        case Operator.ABOVE:
            return column_numbers.less(limit, column)
        case Operator.AT_LEAST:
            return column_numbers.at_most(limit, column)


def _compared_with_constant(condition: Condition, column: Column) -> Truths:
    if condition.operator not in (Operator.IS, Operator.IN):
        raise RuleError(f"condition '{condition.id}' compares '{condition.fact}' by '{condition.operator}' with a constant; "
                        f"amounts, ages and counts of policy are parameters, e.g. 'parameter: tekun.elder_age'")
    constant = condition.threshold.constant
    wanted = constant if isinstance(constant, tuple) else () if constant is None else (constant,)
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in wanted]
    match column:
        case Words():
            return column.is_one_of(texts)
        case Numbers():
            equal = [column_numbers.equal(column, _number(text, condition)) for text in texts]
            found: Truths = np.maximum.reduce([np.full(len(column.low), NO), *equal])
            return found
        case _:
            raise RuleError(f"condition '{condition.id}' compares the day '{condition.fact}' with {texts}; no rule compares days")


def _number(text: str, condition: Condition) -> Limit:
    try:
        return Limit(float(Decimal(text)), float(Decimal(text)))
    except InvalidOperation:
        raise RuleError(f"condition '{condition.id}' compares the number '{condition.fact}' with '{text}'; "
                        f"wanted digits, e.g. '2'") from None
