"""The next question: the unanswered fact expected to settle most verdicts for the effort of answering it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bot.eligibility.answers import answered, possible_answers
from bot.eligibility.assessments import Assessment, Likelihood
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.verdicts import Verdicts
from bot.messages import Ask
from bot.situation import Situation
from knowledge.facts import FactDefinition
from knowledge.programmes import Programme

FOCUS_WEIGHT = 3.0
"""How much more a programme counts that the conversation is about."""

STEP_SHARE = 0.2
"""What a condition settled on the way counts, beside a verdict settled, which counts 1."""

UNTOUCHED = 0.25
"""What a programme counts of which nothing is fulfilled yet; one with everything fulfilled but one counts nearly 1 more."""

Weights = Mapping[str, float]


def next_question(
    situation: Situation,
    rulebook: Rulebook,
    on: date,
    assessments: Sequence[Assessment],
    *,
    focus: Iterable[str] = (),
    just_asked: Iterable[str] = (),
) -> Ask | None:
    """What to ask next; None when no answer changes anything any more.

    assessments: as assess_all gave them for this situation. focus: programme ids that the conversation is about. just_asked:
    facts not to ask again now; refused ones are never asked again. Equal worth: the order of the dictionary decides.
    """
    skipped = situation.refused | frozenset(just_asked)
    focused = frozenset(focus)
    weights = {a.programme: _weight(a, a.programme in focused) for a in assessments}
    wanted = {name for a in assessments if a.likelihood is Likelihood.CANNOT_TELL for name in a.missing} - skipped
    worth = [
        (_worth(definition, situation, rulebook, on, assessments, weights), definition)
        for name, definition in rulebook.facts.items() if name in wanted
    ]
    if not worth:
        return None
    _, chosen = max(worth, key=lambda scored: scored[0])
    return Ask(chosen.name, chosen.question, tuple((option.value, option.label) for option in chosen.options))


def _weight(assessment: Assessment, focused: bool) -> float:
    """The more of a programme is fulfilled, the more its verdict is worth knowing."""
    fulfilled = sum(1 for reason in assessment.trace if reason.result is True)
    touched = UNTOUCHED + fulfilled / max(1, len(assessment.trace))
    return touched * (FOCUS_WEIGHT if focused else 1.0)


def _worth(
    definition: FactDefinition,
    situation: Situation,
    rulebook: Rulebook,
    on: date,
    assessments: Sequence[Assessment],
    weights: Weights,
) -> float:
    open_ones = [
        rulebook.programmes[a.programme] for a in assessments
        if a.likelihood is Likelihood.CANNOT_TELL and definition.name in a.missing
    ]
    answers = possible_answers(definition, situation.value(definition.name))
    if not answers:
        return sum(weights[p.id] for p in open_ones) * STEP_SHARE / definition.effort
    before = {a.programme: _open_conditions(a) for a in assessments}
    worth = 0.0
    for answer, chance in zip(answers, _chances(len(answers)), strict=True):
        verdicts = Verdicts(answered(situation, definition.name, answer), rulebook, on)
        worth += chance * sum(weights[p.id] * _settled(verdicts, p, before[p.id]) for p in open_ones)
    return worth / definition.effort


def _chances(count: int) -> list[float]:
    """The dictionary names the commonest answer first: it is as likely as all others together."""
    return [1.0] if count == 1 else [0.5, *([0.5 / (count - 1)] * (count - 1))]


def _settled(verdicts: Verdicts, programme: Programme, open_before: int) -> float:
    """1 for a verdict settled, else the share of its open conditions settled, at STEP_SHARE."""
    verdict = verdicts.of(programme)
    if verdict.result is not None:
        return 1.0
    still_open = sum(1 for finding in verdict.own.findings() if finding.result is None)
    return STEP_SHARE * max(0, open_before - still_open) / max(1, open_before)


def _open_conditions(assessment: Assessment) -> int:
    return sum(1 for reason in assessment.trace if reason.result is None and reason.programme is None)
