"""Rule trees: a programme's rule as people read it, every condition with its sentences, source and number, and, for one
household,
with what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.eligibility.evaluator import Evaluation, Finding
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.thresholds import ThresholdOnDay
from bot.eligibility.truth import Truth
from bot.eligibility.verdicts import Displacement, Verdicts, is_assessed
from bot.situation import Situation, Value
from knowledge.parameters import Reference
from knowledge.programmes import All, AnyOf, Condition, Not, Programme, Rule, rule_on

ClauseIds = Callable[[Reference], str | None]


@dataclass(frozen=True, slots=True)
class RuleNode:
    """One part of a rule. kind: "all", "any", "not" or "condition". told: whether a household was put in; result then says what
    became
    of it, None while that is open. decides: the result of the whole rests on this part.

    Of a condition: label of its fact, comparison (an operator's value), threshold and constant as evaluator.Finding has them,
    value as
    known of the household, yes and no, the sentences for either.
    """

    kind: str
    parts: tuple[RuleNode, ...] = ()
    result: Truth = None
    decides: bool = False
    condition: Condition | None = None
    label: str = ""
    threshold: ThresholdOnDay | None = None
    value: Value | None = None
    clause_id: str | None = None
    programme: str | None = None

    @property
    def shown(self) -> Decimal | None:
        """The parameter as it may be spoken; None for a constant and for a number nobody confirmed."""
        return self.threshold.shown if self.threshold is not None else None


@dataclass(frozen=True, slots=True)
class RuleTree:
    """A programme's rule on a day. result: the verdict, displacements counted; None also while no household was put in (told
    False).
    displacements: the better programmes that take its place, with whether they do."""

    programme: Programme
    on: date
    root: RuleNode
    told: bool
    result: Truth
    displacements: tuple[Displacement, ...] = ()


def rule_tree(
    programme: Programme, rulebook: Rulebook, on: date, clause_ids: ClauseIds, situation: Situation | None = None
) -> RuleTree | None:
    """None for a programme without conditions for a machine, or one that is not in force on that day."""
    rule = None if programme.conditions is None else rule_on(programme.conditions, on)
    if rule is None or not is_assessed(programme, on):
        return None
    verdict = Verdicts(situation or Situation(), rulebook, on).of(programme)
    draw = _Drawing(rulebook, clause_ids, {id(finding) for finding in verdict.own.reasons()})
    told = situation is not None
    displacements = verdict.displacements or tuple(Displacement(other, None) for other in programme.excludes)
    return RuleTree(programme, on, draw.node(rule, verdict.own), told, verdict.result if told else None, displacements)


@dataclass(frozen=True, slots=True)
class _Drawing:
    rulebook: Rulebook
    clause_ids: ClauseIds
    deciding: set[int]

    def node(self, rule: Rule, evaluation: Evaluation) -> RuleNode:
        """Parts of the evaluation follow the parts of the rule, one by one."""
        match rule:
            case Condition():
                [finding] = evaluation.findings()
                return self._condition(rule, finding)
            case Not(part):
                return self._several("not", (part,), evaluation)
            case All(parts):
                return self._several("all", parts, evaluation)
            case AnyOf(parts):
                return self._several("any", parts, evaluation)

    def _several(self, kind: str, rules: tuple[Rule, ...], evaluation: Evaluation) -> RuleNode:
        parts = tuple(self.node(rule, part) for rule, part in zip(rules, evaluation.parts, strict=True))
        return RuleNode(kind, parts, evaluation.result, any(part.decides for part in parts))

    def _condition(self, condition: Condition, finding: Finding) -> RuleNode:
        definition = self.rulebook.facts.get(condition.fact)
        other = self.rulebook.programmes.get(condition.fact.removeprefix("programme."))
        return RuleNode(
            "condition",
            result=finding.result,
            decides=id(finding) in self.deciding,
            condition=condition,
            label=definition.label if definition is not None else other.name if other is not None else condition.fact,
            threshold=finding.threshold,
            value=finding.value,
            clause_id=self.clause_ids(condition.basis),
            programme=None if other is None else other.id,
        )
