"""Answers: a fact put into a situation by its name, whatever shape the situation keeps it in; and the answers worth trying."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.eligibility.thresholds import FEN
from bot.situation import Range, Situation, Told, Value
from knowledge.facts import FactDefinition, FactType

RECEIVES = "household.receives"
NOTHING = "none"
"""The answer of a household that receives nothing, or to which nothing has happened."""

EVENT_KIND = "event.kind"
HAS_EVENT = "household.has_event"

LARGE = 10_000_000
"""Above any amount, count or age that a fact without an upper bound can have in one household."""

HALF_AS_MUCH_AGAIN = Decimal("1.5")

NUMBERS = frozenset({FactType.INTEGER, FactType.MONEY, FactType.AREA})


def answered(situation: Situation, name: str, answer: Value, told: Told | None = None) -> Situation:
    """The situation after this answer. What a household receives and what has happened to it grow with each answer; any other
    fact is replaced."""
    if name == RECEIVES:
        return _with_receipt(situation, str(answer), told)
    if name == EVENT_KIND:
        return _with_event(situation, str(answer), told)
    return situation.with_fact(name, answer, told)


def possible_answers(
    definition: FactDefinition, known: Value | None = None, limit: Decimal | None = None
) -> tuple[Value, ...]:
    """Answers that stand for all: yes and no, every option, or the two ends of a number. () when no answer can be thought up, as
    for a name.

    known: what is known of it so far, for numbers. limit: the threshold of the condition that it is wanted for; an amount a
    little above it is tried too, since shared among several it may fall below.
    """
    if definition.type is FactType.YES_NO:
        return (True, False)
    if definition.type in NUMBERS:
        low, high = _ends(definition, known if isinstance(known, Range) else Range(None, None))
        between = [] if limit is None or definition.type is not FactType.MONEY else [limit * HALF_AS_MUCH_AGAIN]
        return tuple(Range.exactly(number) for number in (low, *(n for n in between if low < n < high), high))
    return tuple(option.value for option in definition.options)


def _ends(definition: FactDefinition, known: Range) -> tuple[Decimal, Decimal]:
    unit = FEN if definition.type is FactType.MONEY else Decimal(1)
    low = (definition.low or 0) * unit if known.low is None else known.low
    high = (LARGE if definition.high is None else definition.high) * unit if known.high is None else known.high
    return Decimal(low), Decimal(max(low, high))


def _with_receipt(situation: Situation, programme: str, told: Told | None) -> Situation:
    received = (situation.receives or frozenset()) | (frozenset() if programme == NOTHING else {programme})
    return replace(
        situation,
        receives=frozenset(received),
        refused=situation.refused - {RECEIVES},
        told={**situation.told, RECEIVES: told} if told else situation.told,
    )


def _with_event(situation: Situation, kind: str, told: Told | None) -> Situation:
    if kind == NOTHING:
        return situation if situation.events else situation.with_fact(HAS_EVENT, False, told)
    if any(event.get("kind") == kind for event in situation.events):
        return situation
    return replace(
        situation,
        events=(*situation.events, {"kind": kind}),
        refused=situation.refused - {EVENT_KIND},
        told={**situation.told, EVENT_KIND: told} if told else situation.told,
    )
