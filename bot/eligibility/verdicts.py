"""Verdicts of all programmes over one situation on one day: their own rules, and which programme displaces which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.eligibility.derived import PROGRAMME, HouseholdFacts
from bot.eligibility.evaluator import Evaluation, Finding, evaluate
from bot.eligibility.rulebook import Rulebook, RuleError
from bot.eligibility.truth import Truth, all_of, any_of, not_
from bot.situation import Situation
from knowledge.programmes import Condition, Programme, rule_on


@dataclass(frozen=True, slots=True)
class Displacement:
    """Whether another programme (`by`) takes the place of one that excludes it. received: the household has said so itself."""

    by: str
    result: Truth
    received: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """result True: likely, False: unlikely, None: cannot tell. own: what the programme's conditions alone say."""

    result: Truth
    own: Evaluation
    displacements: tuple[Displacement, ...] = ()


class Verdicts:
    """Each programme's verdict, computed when first asked for, so the order of asking does not matter."""

    def __init__(self, situation: Situation, rulebook: Rulebook, on: date) -> None:
        self.facts = HouseholdFacts(situation, rulebook, on, self._truth_of)
        self._rulebook = rulebook
        self._on = on
        self._known: dict[str, Verdict] = {}
        self._waiting: list[str] = []

    def of(self, programme: Programme) -> Verdict:
        """Raises RuleError when programmes wait for each other's verdicts."""
        if programme.id in self._waiting:
            circle = " → ".join((*self._waiting[self._waiting.index(programme.id):], programme.id))
            raise RuleError(
                f"programmes wait for each other's verdicts: {circle}. Let only one of them name the other in 'excludes' or in a "
                f"condition on programme.…, e.g. only dibao_bianyuan excludes dibao"
            )
        if programme.id not in self._known:
            self._waiting.append(programme.id)
            try:
                self._known[programme.id] = self._computed(programme)
            finally:
                self._waiting.pop()
        return self._known[programme.id]

    def finding(self, condition: Condition) -> Finding:
        """One condition alone."""
        return next(evaluate(condition, self.facts, self._rulebook, self._on).findings())

    def _truth_of(self, programme_id: str) -> Truth:
        programme = self._rulebook.programmes.get(programme_id)
        if programme is None:
            raise RuleError(
                f"a rule asks for '{PROGRAMME}{programme_id}', which the handbook does not hold; "
                f"wanted one of: {', '.join(self._rulebook.programmes)}"
            )
        return self._status(self.of(programme)) if is_assessed(programme, self._on) else None

    @staticmethod
    def _status(verdict: Verdict) -> Truth:
        """For other programmes' rules, which name a better status beside the one it displaces: while only that is open, one of
        the two
        is there for sure."""
        displaced = any_of(displacement.result for displacement in verdict.displacements)
        return True if verdict.own.result is True and displaced is None else verdict.result

    def _computed(self, programme: Programme) -> Verdict:
        rule = None if programme.conditions is None else rule_on(programme.conditions, self._on)
        if rule is None:
            raise RuleError(f"programme '{programme.id}' has no conditions that a machine may check; it has no verdict")
        own = evaluate(rule, self.facts, self._rulebook, self._on)
        if own.result is False:
            return Verdict(False, own)
        displacements = tuple(self._displacement(other) for other in programme.excludes)
        displaced = any_of(displacement.result for displacement in displacements)
        return Verdict(all_of((own.result, not_(displaced))), own, displacements)

    def _displacement(self, other: str) -> Displacement:
        if self.facts.receives(other) is True:
            return Displacement(other, True, received=True)
        programme = self._rulebook.programmes.get(other)
        # A programme without a rule displaces only who has said to receive it: there is nothing to wait for.
        if programme is None or not is_assessed(programme, self._on):
            return Displacement(other, False)
        return Displacement(other, self.of(programme).result)


def is_assessed(programme: Programme, on: date) -> bool:
    """Whether it has conditions for a machine and is in force on that day."""
    begun = programme.in_force_from <= on
    return programme.conditions is not None and begun and (programme.in_force_until is None or on < programme.in_force_until)
