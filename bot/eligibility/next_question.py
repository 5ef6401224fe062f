"""The next question: the unanswered fact expected to settle most verdicts for the effort of answering it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

STEP = 1.0
"""What all missing facts of a programme count together as steps on the way, beside its verdict settled, which counts 1. Chosen
with
`yibentong eval dialogue-length`: at 0.5 dialogues were a twentieth longer."""

MOST_TOGETHER = 3
"""Questions in one breath; more than that nobody keeps in mind."""

MOST_ANSWERS = 4
"""Of longer lists of options the commonest stand for all."""

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
    budget: int | None = None,
) -> Ask | None:
    """What to ask next; None when no answer changes anything any more, or when as many as the budget were asked already.

    assessments: as assess_all gave them for this situation. focus: programme ids that the conversation is about. just_asked:
    facts not to ask again now; refused ones are never asked again. budget: the most questions of one talk, None: no limit. A
    sensitive fact is not the first thing to be asked of anybody. Equal worth: the order of the dictionary decides.
    """
    asked = frozenset(just_asked)
    if budget is not None and len(asked) >= budget:
        return None
    wanted = open_facts(assessments) - situation.refused - asked
    worths = _Worths(situation, rulebook, on, assessments, frozenset(focus))
    scored = [(worths.of(definition), definition) for name, definition in rulebook.facts.items() if name in wanted]
    if not asked and not any(situation.known()):
        scored = [pair for pair in scored if not pair[1].sensitive] or scored
    if not scored:
        return None
    _, chosen = max(scored, key=lambda pair: pair[0])
    return _ask(chosen)


def asked_together(
    first: Ask, situation: Situation, rulebook: Rulebook, assessments: Sequence[Assessment], *, just_asked: Iterable[str] = ()
) -> tuple[Ask, ...]:
    """The question with those that belong into the same breath and are wanted as well, at most MOST_TOGETHER; never two that the
    dictionary keeps apart."""
    wanted = open_facts(assessments) - situation.refused - frozenset(just_asked)
    chosen = [rulebook.facts[first.fact]]
    for name in chosen[0].together:
        definition = rulebook.facts[name]
        if name in wanted and not any(one.name in definition.apart or name in one.apart for one in chosen):
            chosen.append(definition)
    return (first, *(_ask(definition) for definition in chosen[1:MOST_TOGETHER]))


def open_facts(assessments: Sequence[Assessment]) -> frozenset[str]:
    """Every fact that could still change a verdict: what stays open when asking stops."""
    return frozenset(name for assessment in assessments for name in assessment.missing)


def _ask(definition: FactDefinition) -> Ask:
    return Ask(definition.name, definition.question, tuple((option.value, option.label) for option in definition.options))


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
        settled = sum(
            chance * self._settled(definition.name, answer, weights)
            for answer, chance in _chances(definition, self.situation.value(definition.name))
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


def _chances(definition: FactDefinition, known: Value | None) -> Iterator[tuple[Value, float]]:
    """The answers worth trying, each with how likely it is: by the dictionary's shares, or, where it gives none, the first as
    likely
    as all others together."""
    answers = possible_answers(definition, known)
    shares = dict(definition.shares)
    if shares:
        common = sorted(answers, key=lambda answer: -shares[_as_text(answer)])[:MOST_ANSWERS]
        total = sum(shares[_as_text(answer)] for answer in common)
        yield from ((answer, shares[_as_text(answer)] / total) for answer in common)
        return
    few = answers if len(answers) <= MOST_ANSWERS else (*answers[: MOST_ANSWERS - 1], answers[-1])
    for place, answer in enumerate(few):
        yield answer, 1.0 if len(few) == 1 else 0.5 if place == 0 else 0.5 / (len(few) - 1)


def _as_text(answer: Value) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)
