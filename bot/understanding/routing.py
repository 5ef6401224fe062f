"""What kind of message it is: the first label that fits, tried in the order of bot/phrases/routes.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.understanding.phrase_files import entries, one_of
from bot.understanding.plain import squeeze


class Route(StrEnum):
    QUESTION = "question"  # also telling facts: the default
    WANTS_PERSON = "wants_person"
    FORGET = "forget"  # delete what I said
    RESTART = "restart"
    GREETING = "greeting"
    THANKS = "thanks"
    INSTRUCTIONS = "instructions"  # orders to the machine: injection, role play
    FRAUD = "fraud"
    ACCOUNT_DATA = "account_data"  # data about other people
    CASE_STATE = "case_state"  # how far is my application
    PROMISE = "promise"
    ABUSE = "abuse"
    MEDICAL_ADVICE = "medical_advice"
    LEGAL_ADVICE = "legal_advice"
    GOSSIP = "gossip"
    OFF_TOPIC = "off_topic"
    OTHER_REGION = "other_region"
    EMPTY = "empty"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class _Sign:
    route: Route
    whole: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _signs() -> tuple[_Sign, ...]:
    return tuple(
        _Sign(
            Route(entry["route"]),
            one_of(entry.get("whole", []), f"routes.yaml: {entry['route']}", whole=True),
            one_of(entry.get("patterns", []), f"routes.yaml: {entry['route']}"),
        )
        for entry in entries("routes")
    )


def route_message(text: str, *, longest: int) -> Route:
    """The label of a message, by its words alone. longest: characters above which it is asked to be shortened."""
    if len(text) > longest:
        return Route.TOO_LONG
    words = squeeze(text)
    if not words:
        return Route.EMPTY
    for sign in _signs():
        if (sign.whole and sign.whole.search(words)) or (sign.anywhere and sign.anywhere.search(words)):
            return sign.route
    return Route.QUESTION
