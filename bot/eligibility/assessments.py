"""Assessments (资格预判): for each programme likely, unlikely or cannot tell yet, with the reasons and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.eligibility.benefits import Estimate, estimate
from bot.eligibility.evaluator import Finding
from bot.eligibility.missing import MissingFacts
from bot.eligibility.near_misses import NearMiss, near_miss
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.sentences import plain, plain_number, range_in_yuan, sentence
from bot.eligibility.thresholds import ThresholdOnDay
from bot.eligibility.truth import Truth
from bot.eligibility.verdicts import Displacement, Verdict, Verdicts, is_assessed
from bot.situation import Range, Situation, Value
from knowledge.parameters import Confidence, Reference
from knowledge.programmes import Condition, Programme

ClauseIds = Callable[[Reference], str | None]
"""The clause of the current release that a reference means; None when it holds no such clause."""


class Likelihood(StrEnum):
    LIKELY = "likely"
    UNLIKELY = "unlikely"
    CANNOT_TELL = "cannot_tell"


_LIKELIHOOD: dict[Truth, Likelihood] = {True: Likelihood.LIKELY, False: Likelihood.UNLIKELY, None: Likelihood.CANNOT_TELL}


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition with its result and the plain sentence for it.

    fact_value: the fact as known, money in fen. threshold: what it was compared with on the day. constant: what it was compared
    with when that is no parameter. programme: set where another programme displaces this one; fact is then programme.<id>.
    """

    condition: str
    result: Truth
    said: str
    fact: str
    fact_value: Value | None = None
    threshold: ThresholdOnDay | None = None
    constant: bool | str | tuple[str, ...] | None = None
    reference: Reference | None = None
    clause_id: str | None = None
    programme: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """value: the parameter's on the day as it may be spoken (None while unverified), or the constant; fact_value: yuan."""
        threshold = self.threshold
        return {
            "condition": self.condition,
            "result": self.result,
            "clause_id": self.clause_id,
            "parameter": threshold.parameter if threshold else None,
            "value": _threshold_value(self),
            "said": self.said,
            "fact": self.fact,
            "fact_value": _plain_fact(self.fact, self.fact_value),
            "since": threshold.since.isoformat() if threshold and threshold.since else None,
            "confidence": threshold.confidence.value if threshold and threshold.confidence else None,
            "reference": None if self.reference is None else {
                "document": self.reference.document,
                "number": self.reference.number,
                "article": self.reference.article,
            },
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """What looks likely for one programme; never a grant or a refusal.

    because: what the likelihood rests on; trace: every condition. missing: askable facts that could still change it.
    judged: conditions only a person can judge, in words. recalled: a number we only remember took part in it.
    to_confirm: parameters that keep it open because nobody confirmed them or they have no value on the day; problems: the
    latter in words, for content staff.
    """

    programme: str
    name: str
    likelihood: Likelihood
    because: tuple[Reason, ...] = ()
    trace: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    near_miss: NearMiss | None = None
    judged: tuple[str, ...] = ()
    benefit: Estimate | None = None
    recalled: bool = False
    to_confirm: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The *assessment* form of architecture §7: a contract with whoever reads our JSON."""
        return {
            "programme": self.programme,
            "name": self.name,
            "likelihood": self.likelihood.value,
            "because": [reason.as_dict() for reason in self.because],
            "missing": list(self.missing),
            "near_miss": None if self.near_miss is None else _near_miss_dict(self.near_miss),
            "judged": list(self.judged),
            "benefit": None if self.benefit is None else _benefit_dict(self.benefit),
            "recalled": self.recalled,
            "to_confirm": list(self.to_confirm),
        }


def assess_all(
    situation: Situation, rulebook: Rulebook, on: date, clause_ids: ClauseIds | None = None
) -> tuple[Assessment, ...]:
    """Every programme with conditions that is in force on that day, in the order of the handbook.

    Raises RuleError when a rule makes no sense; never because of what a resident said.
    """
    verdicts = Verdicts(situation, rulebook, on)
    missing = MissingFacts(situation, rulebook, on, verdicts)
    assessor = _Assessor(rulebook, on, verdicts, missing, clause_ids or _no_clause)
    return tuple(assessor.assess(p) for p in rulebook.programmes.values() if is_assessed(p, on))


def _no_clause(reference: Reference) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class _Assessor:
    rulebook: Rulebook
    on: date
    verdicts: Verdicts
    missing: MissingFacts
    clause_ids: ClauseIds

    def assess(self, programme: Programme) -> Assessment:
        verdict = self.verdicts.of(programme)
        trace = tuple(verdict.own.findings())
        displaced = tuple(d for d in verdict.displacements if d.result is not False)
        return Assessment(
            programme=programme.id,
            name=programme.name,
            likelihood=_LIKELIHOOD[verdict.result],
            because=self._because(verdict, displaced),
            trace=(*(self._reason(f) for f in trace), *(self._displaced(d) for d in displaced)),
            missing=self.missing.of(programme),
            near_miss=near_miss(verdict.own),
            judged=programme.judged,
            benefit=None if verdict.result is False else estimate(
                programme.benefit, self.verdicts.facts, self.rulebook, self.on),
            recalled=any(f.result is not None and f.threshold.confidence is Confidence.RECALLED for f in trace),
            to_confirm=tuple(dict.fromkeys(f.threshold.parameter for f in trace if _waits_for_its_parameter(f)
                                           and f.threshold.parameter is not None)),
            problems=tuple(dict.fromkeys(f.threshold.problem for f in trace if f.threshold.problem)),
        )

    def _because(self, verdict: Verdict, displaced: tuple[Displacement, ...]) -> tuple[Reason, ...]:
        by_others = tuple(self._displaced(d) for d in displaced if verdict.result is d.result or d.result is True)
        if verdict.result is False and verdict.own.result is not False:
            return tuple(reason for reason in by_others if reason.result is False)
        return (*(self._reason(finding) for finding in verdict.own.reasons()), *by_others)

    def _reason(self, finding: Finding) -> Reason:
        condition = finding.condition
        return Reason(
            condition=condition.id,
            result=finding.result,
            said=self._said(finding),
            fact=condition.fact,
            fact_value=finding.value,
            threshold=finding.threshold,
            constant=condition.threshold.constant,
            reference=condition.basis,
            clause_id=self.clause_ids(condition.basis),
        )

    def _said(self, finding: Finding) -> str:
        if finding.result is None:
            key = "to_confirm" if _waits_for_its_parameter(finding) else "unknown"
            return sentence(key, fact=self._label(finding.condition))
        return finding.condition.yes if finding.result else finding.condition.no

    def _label(self, condition: Condition) -> str:
        definition = self.rulebook.facts.get(condition.fact)
        if definition is not None:
            return definition.label
        programme = self.rulebook.programmes.get(condition.fact.removeprefix("programme."))
        return programme.name if programme is not None else condition.id

    def _displaced(self, displacement: Displacement) -> Reason:
        other = self.rulebook.programmes.get(displacement.by)
        key = "received" if displacement.received else "displaced" if displacement.result else "either"
        return Reason(
            condition=f"excludes.{displacement.by}",
            result=None if displacement.result is None else not displacement.result,
            said=sentence(key, name=other.name if other is not None else displacement.by),
            fact=f"programme.{displacement.by}",
            fact_value=displacement.result,
            programme=displacement.by,
        )


def _waits_for_its_parameter(finding: Finding) -> bool:
    """Unknown although the fact is known exactly: only the number of the policy is in doubt."""
    value = finding.value
    known = value is not None and (not isinstance(value, Range) or value.exact is not None)
    return finding.result is None and known and finding.threshold.parameter is not None


def _threshold_value(reason: Reason) -> Any:
    if reason.threshold is None or reason.threshold.parameter is None:
        return list(reason.constant) if isinstance(reason.constant, tuple) else reason.constant
    shown: Decimal | None = reason.threshold.shown
    return None if shown is None else plain_number(shown)


def _plain_fact(name: str, value: Value | None) -> Any:
    if isinstance(value, Range):
        return plain(range_in_yuan(value) if "_yuan" in name else value)
    return value.isoformat() if isinstance(value, date) else value


def _near_miss_dict(miss: NearMiss) -> dict[str, Any]:
    return {
        "condition": miss.condition,
        "distance_yuan" if miss.is_money else "distance": plain(miss.distance),
        "said": miss.said,
    }


def _benefit_dict(benefit: Estimate) -> dict[str, Any]:
    return {
        "amount_yuan": plain(benefit.amount),
        "per": benefit.per,
        "per_person": benefit.per_person,
        "working": benefit.working,
        "note": benefit.note,
        "recalled": benefit.confidence is Confidence.RECALLED,
    }
