"""The next question: the unanswered fact expected to settle most verdicts for the effort of answering it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.eligibility.answers import answered, possible_answers
from bot.eligibility.assessments import Assessment
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.verdicts import Verdicts
from bot.messages import Ask
from bot.situation import Situation, Value
from knowledge.facts import FactDefinition

FOCUS_WEIGHT = 3.0
"""How much more a programme counts that the conversation is about."""

STEP = 0.5
"""What all missing facts of a programme count together as steps on the way, beside its verdict settled, which counts 1."""

MOST_ANSWERS = 4
"""Of longer lists of options the first, the last and two others stand for all."""

UNTOUCHED = 0.25
"""What a programme counts of which nothing is fulfilled yet; one with everything fulfilled but one counts nearly 1 more."""


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
    wanted = {name for a in assessments for name in a.missing} - skipped
    worths = _Worths(situation, rulebook, on, assessments, frozenset(focus))
    scored = [(worths.of(definition), definition) for name, definition in rulebook.facts.items() if name in wanted]
    if not scored:
        return None
    _, chosen = max(scored, key=lambda pair: pair[0])
    return Ask(chosen.name, chosen.question, tuple((option.value, option.label) for option in chosen.options))


@dataclass(frozen=True, slots=True)
class _Worths:
    situation: Situation
    rulebook: Rulebook
    on: date
    assessments: Sequence[Assessment]
    focus: frozenset[str]

    def of(self, definition: FactDefinition) -> float:
        """Verdicts expected to be settled by its answer, and steps towards them, for the effort of answering."""
        concerned = [a for a in self.assessments if definition.name in a.missing]
        weights = {a.programme: self._weight(a) for a in concerned}
        steps = sum(weights[a.programme] * STEP / len(a.missing) for a in concerned)
        answers = _few(possible_answers(definition, self.situation.value(definition.name)))
        settled = sum(
            chance * self._settled(definition.name, answer, weights)
            for answer, chance in zip(answers, _chances(len(answers)), strict=True)
        )
        return (settled + steps) / definition.effort

    def _weight(self, assessment: Assessment) -> float:
        """The more of a programme is fulfilled, the more its verdict is worth knowing."""
        fulfilled = sum(1 for reason in assessment.trace if reason.result is True)
        touched = UNTOUCHED + fulfilled / max(1, len(assessment.trace))
        return touched * (FOCUS_WEIGHT if assessment.programme in self.focus else 1.0)

    def _settled(self, name: str, answer: Value, weights: Mapping[str, float]) -> float:
        verdicts = Verdicts(answered(self.situation, name, answer), self.rulebook, self.on)
        return sum(
            weight for programme, weight in weights.items() if verdicts.of(self.rulebook.programmes[programme]).result is not None
        )


def _few(answers: tuple[Value, ...]) -> tuple[Value, ...]:
    return answers if len(answers) <= MOST_ANSWERS else (*answers[:MOST_ANSWERS - 1], answers[-1])


def _chances(count: int) -> list[float]:
    """The dictionary names the commonest answer first: it is as likely as all others together."""
    return [1.0] * count if count < 2 else [0.5, *([0.5 / (count - 1)] * (count - 1))]
