"""When a person is offered, and when one must take over."""

from __future__ import annotations

from bot.messages import Handoff
from bot.safety import Danger, Level
from bot.understanding.routing import Route

OFFER_AFTER_UNANSWERED = 2


def decide_handoff(
    *,
    route: Route,
    danger: Danger | None,
    accepted_offer: bool,
    likely: tuple[str, ...],
    complaint: bool,
    urgent_money: bool,
    unanswered_in_row: int,
    refused_family: bool,
) -> Handoff:
    """Offered or required, with reason code and priority (S safety, P1 same day, P2 two working days, R routine).

    Required opens a case at once: danger, urgent need, or the resident asked for a person. Everything else is an offer.
    """
    if danger is not None:
        priority = "S" if danger.level is Level.SAFETY else "P1"
        return Handoff(offered=True, required=True, reason=f"danger_{danger.kind}", priority=priority)
    if route is Route.WANTS_PERSON or accepted_offer:
        return Handoff(
            offered=True, required=True, reason="asked_for", priority="P1" if urgent_money else "P2" if likely else "R"
        )
    if urgent_money:
        return Handoff(offered=True, reason="urgent_need", priority="P1")
    if complaint:
        return Handoff(offered=True, reason="complaint", priority="P2")
    if likely:
        return Handoff(offered=True, reason="likely", priority="P2")
    if unanswered_in_row >= OFFER_AFTER_UNANSWERED:
        return Handoff(offered=True, reason="bot_failed_twice", priority="R")
    if unanswered_in_row or refused_family:
        return Handoff(offered=True, reason="unanswered", priority="R")
    return Handoff(offered=True, reason="always_possible", priority="R")
