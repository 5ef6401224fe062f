"""Answers from the rules: what looks likely, what is still open, what to bring and where, what to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.answering.drafts import Draft, Statement
from bot.answering.from_handbook import limit_statements, next_steps
from bot.eligibility.assessments import Assessment, Likelihood
from bot.eligibility.papers import papers_for
from bot.messages import Ask, Status
from bot.situation import Situation
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.programmes import Need

MOST_REASONS = 3
MOST_OPEN = 2
MOST_CARDS = 6


def assessment_draft(
    knowledge: KnowledgeBase,
    assessments: Sequence[Assessment],
    focus: Sequence[str],
    ask: Ask | None,
    on: date,
    situation: Situation,
) -> Draft | None:
    """What the facts told so far mean. focus: programmes the resident spoke of, first in line. None: the facts touch nothing."""
    touched = [a for a in assessments if _touched(a)]
    likely = _in_order([a for a in touched if a.likelihood is Likelihood.LIKELY], focus)
    open_ones = _in_order([a for a in touched if a.likelihood is Likelihood.CANNOT_TELL and not _one_failed(a)], focus)
    unlikely = [a for a in assessments if a.likelihood is Likelihood.UNLIKELY and a.programme in focus]
    near = [a for a in assessments if a.near_miss is not None and a.likelihood is Likelihood.UNLIKELY and a not in unlikely]
    speaker = _Speaker(knowledge, on, situation)
    shown = tuple(dict.fromkeys(a.programme for a in (*likely, *open_ones[:MOST_OPEN], *unlikely)))
    written = tuple(a.as_dict() for a in (*unlikely, *likely, *open_ones, *near)[:MOST_CARDS])
    first = next((a.programme for a in (*likely, *unlikely, *open_ones, *near)), "")
    if unlikely:
        headline, points = speaker.unlikely(unlikely[0]), []
        points += speaker.also_likely(likely)
    elif likely:
        headline, points = speaker.likely(likely[0]), speaker.reasons(likely[0])
        points += speaker.also_likely(likely[1:])
    elif open_ones:
        headline, points = speaker.open(open_ones[0]), speaker.reasons(open_ones[0])
        open_ones = open_ones[1:]
    elif near:
        headline, points = speaker.unlikely(near[0]), []
    else:
        return None
    points += [speaker.open(a) for a in open_ones[:MOST_OPEN] if not likely or a.programme in focus]
    points += [speaker.near_miss(a) for a in (*unlikely, *near) if a.near_miss is not None][:1]
    limits = limit_statements(knowledge, knowledge.catalogue.programmes[first], on)[:2] if likely else []
    return Draft(
        status=Status.ANSWERED_ASSESSMENT,
        headline=headline,
        points=tuple(dict.fromkeys((*points, *limits))),
        next_steps=speaker.next_steps(first, likely=bool(likely), asking=ask is not None),
        programmes=shown,
        assessments=written,
        asks=ask,
        options=tuple(label for _, label in ask.options) if ask else speaker.options(),
    )


def _touched(assessment: Assessment) -> bool:
    return any(reason.result is not None for reason in assessment.trace)


def _one_failed(assessment: Assessment) -> bool:
    return any(reason.result is False for reason in assessment.because)


def _in_order(assessments: Sequence[Assessment], focus: Sequence[str]) -> list[Assessment]:
    return sorted(assessments, key=lambda a: focus.index(a.programme) if a.programme in focus else len(focus))


class _Speaker:
    """Puts assessments into the handbook's sentences, each with the clauses of the condition it speaks of."""

    def __init__(self, knowledge: KnowledgeBase, on: date, situation: Situation) -> None:
        self.knowledge, self.catalogue, self.on, self.situation = knowledge, knowledge.catalogue, on, situation

    def likely(self, assessment: Assessment) -> Statement:
        return self._about(assessment, "answer.likely")

    def unlikely(self, assessment: Assessment) -> Statement:
        return self._about(assessment, "answer.unlikely", why=self._first_no(assessment))

    def open(self, assessment: Assessment) -> Statement:
        labels = [self.catalogue.facts[name].label for name in assessment.missing if name in self.catalogue.facts][:3]
        key = "answer.cannot_tell" if labels else "answer.judged_only"
        return self._about(assessment, key, missing="、".join(labels))

    def also_likely(self, assessments: Sequence[Assessment]) -> list[Statement]:
        names = "、".join(assessment.name for assessment in assessments)
        clauses = tuple(c for a in assessments for c in self._own(a.programme))
        return [Statement(self.catalogue.wording("answer.also_likely", names=names), clauses)] if names else []

    def near_miss(self, assessment: Assessment) -> Statement:
        missed = assessment.as_dict()["near_miss"]
        return Statement(missed["said"], self._law(assessment, missed["condition"]))

    def reasons(self, assessment: Assessment) -> list[Statement]:
        found = [
            Statement(reason.said, self._law(assessment, reason.condition))
            for reason in assessment.because
            if reason.result is True and reason.said
        ][:MOST_REASONS]
        benefit = assessment.as_dict()["benefit"]
        if benefit is not None and assessment.likelihood is Likelihood.LIKELY:
            amount, working = amount_said(benefit["amount_yuan"]), str(benefit["working"])
            per = self.catalogue.wording(f"per.{benefit['per']}")
            found.append(self._about(assessment, "answer.benefit", per=per, amount=amount, working=working))
        return found

    def next_steps(self, programme_id: str, *, likely: bool, asking: bool) -> tuple[Statement, ...]:
        programme = self.catalogue.programmes[programme_id]
        steps: list[Statement] = []
        if likely:
            papers = papers_for(programme, self.situation, self.catalogue, self.on)
            names = "、".join(paper.material.name for paper in papers if paper.needed)
            own = self._own(programme_id, Need.MATERIALS)
            if names and own:
                steps.append(Statement(self.catalogue.wording("answer.materials", materials=names), own))
            steps += next_steps(self.knowledge, programme, set(), self.on)
            steps.append(Statement(self.catalogue.wording("answer.decided_elsewhere"), fixed=True))
        steps.append(Statement(self.catalogue.wording("answer.offer_person"), fixed=True))
        return tuple(steps)

    def options(self) -> tuple[str, ...]:
        return tuple(self.catalogue.wording(f"option.{name}") for name in ("person", "materials", "where"))

    def _about(self, assessment: Assessment, key: str, **places: str) -> Statement:
        text = self.catalogue.wording(key, name=assessment.name, **places)
        return Statement(text, (*self._law(assessment, None), *self._own(assessment.programme)))

    def _law(self, assessment: Assessment, condition: str | None) -> tuple[Clause, ...]:
        """The clauses of one condition, or of the programme; the handbook's own section when nobody imported the law."""
        ids = [r.clause_id for r in assessment.because if r.clause_id and (condition is None or r.condition == condition)]
        found = [self.knowledge.clause(clause_id, self.on) for clause_id in dict.fromkeys(ids)]
        law = tuple(clause for clause in found if clause is not None)[:2]
        return law or self._own(assessment.programme)

    def _own(self, programme_id: str, need: Need = Need.WHO) -> tuple[Clause, ...]:
        clause = self.knowledge.clause(f"一本通:{programme_id}#{need.value}", self.on)
        return (clause,) if clause else ()

    def _first_no(self, assessment: Assessment) -> str:
        return next((reason.said for reason in assessment.because if reason.result is False and reason.said), "")


def amount_said(amount: Any) -> str:
    """A benefit in yuan as people say it: 790, or 690–790 when only a range is known."""
    if isinstance(amount, dict):
        return f"{_plain(amount['min'])}–{_plain(amount['max'])}"
    return _plain(amount)


def _plain(number: Any) -> str:
    value = Decimal(str(number))
    return f"{value.quantize(Decimal(1)):f}" if value == value.to_integral_value() else f"{value.normalize():f}"
