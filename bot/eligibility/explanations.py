"""Explanations: an assessment as one would say it to the resident, and as an advisor wants to check it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.eligibility.assessments import Assessment, Likelihood, Reason
from bot.eligibility.sentences import range_in_yuan, sentence, written
from bot.situation import Range
from knowledge.facts import FactDefinition
from knowledge.places import as_people_write

MOST_NAMED = 3
"""Open facts named in one sentence."""


def explained(assessment: Assessment, facts: Mapping[str, FactDefinition], refused: frozenset[str] = frozenset()) -> str:
    """One paragraph in the resident's words: how it looks, because of what, what is still open, by how much it is missed, what
    only a
    person can judge, and about how much it would be. refused: said to be open because it was not told."""
    return "".join((
        sentence(f"explained.{assessment.likelihood.value}", name=assessment.name),
        *_reasons(assessment),
        *_open(assessment, facts, refused),
        *(() if assessment.near_miss is None else (assessment.near_miss.said,)),
        *_amount(assessment),
        *_judged(assessment),
    ))


def advisors_trace(assessment: Assessment) -> tuple[str, ...]:
    """Every condition on a line of its own: result, sentence, what is known, the number with its day and how sure we are, the
    article."""
    return tuple(_traced(reason) for reason in assessment.trace)


def _reasons(assessment: Assessment) -> Iterator[str]:
    wanted = assessment.likelihood is not Likelihood.UNLIKELY
    said = [reason.said for reason in assessment.because if reason.result is wanted]
    if said and assessment.near_miss is None:
        yield sentence("explained.because", reasons="；".join(text.rstrip("。") for text in dict.fromkeys(said)))


def _open(assessment: Assessment, facts: Mapping[str, FactDefinition], refused: frozenset[str]) -> Iterator[str]:
    asked = [facts[name].label for name in assessment.missing if name in facts and name not in refused]
    if asked:
        key = "explained.one_open" if len(asked) == 1 else "explained.several_open"
        yield sentence(key, count=str(len(asked)), facts="、".join(asked[:MOST_NAMED]))
    if kept := [facts[name].label for name in assessment.missing if name in refused and name in facts]:
        yield sentence("explained.refused", facts="、".join(kept[:MOST_NAMED]))
    if assessment.to_confirm and assessment.likelihood is Likelihood.CANNOT_TELL:
        yield sentence("explained.to_confirm")


def _amount(assessment: Assessment) -> Iterator[str]:
    if assessment.benefit is not None and assessment.likelihood is Likelihood.LIKELY:
        yield sentence("explained.amount", working=assessment.benefit.working, note=assessment.benefit.note)


def _judged(assessment: Assessment) -> Iterator[str]:
    if assessment.judged:
        yield sentence("explained.judged", judged="；".join(assessment.judged))


def _traced(reason: Reason) -> str:
    threshold, reference = reason.threshold, reason.reference
    parts = [sentence(f"traced.{str(reason.result).lower()}", said=reason.said)]
    known = reason.fact_value
    if isinstance(known, Range) and known.low is not None and known.high is not None:
        parts.append(sentence("traced.known", value=written(range_in_yuan(known) if "_yuan" in reason.fact else known)))
    if threshold is not None and threshold.parameter and threshold.since is not None and threshold.confidence is not None:
        value = sentence("traced.not_confirmed") if threshold.shown is None else as_people_write(threshold.shown)
        parts.append(sentence("traced.parameter", parameter=threshold.parameter, value=value, since=threshold.since.isoformat(),
                              confidence=threshold.confidence.value))
    if reference is not None:
        parts.append(sentence("traced.source", document=reference.document, article=reference.article or ""))
    return "".join(parts)
