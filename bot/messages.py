"""What goes in and out of a consultation: messages, replies and what they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    WEB = "web"
    WECHAT = "wechat"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What arrived, as the channel understood it.

    channel + account + sender + dedupe_key is unique: WeChat's MsgId, or CreateTime+Event for events; for the web a key the page
    made. conversation: who talks, per channel (openid; the web page's random token). text may be empty for events.
    received_at is UTC.
    """

    channel: Channel
    conversation: str
    text: str
    dedupe_key: str
    received_at: datetime
    account: str = ""
    kind: str = "text"  # text, voice, image, location, link, event
    payload: dict[str, Any] = field(default_factory=dict)


class Status(StrEnum):
    """What sort of reply it is; the first word is its family."""

    ANSWERED = "answered"
    ANSWERED_PARTIAL = "answered_partial"
    ANSWERED_ASSESSMENT = "answered_assessment"
    CLARIFY_PROGRAMME = "clarify_programme"
    CLARIFY_FACT = "clarify_fact"
    CLARIFY_EMPTY = "clarify_empty"
    CLARIFY_TOO_LONG = "clarify_too_long"
    ANSWERED_GREETING = "answered_greeting"
    ANSWERED_THANKS = "answered_thanks"
    ANSWERED_RESTART = "answered_restart"
    ANSWERED_FORGOTTEN = "answered_forgotten"
    ANSWERED_FORGOTTEN_BUT_CASE = "answered_forgotten_but_case"
    UNANSWERED_NO_CLAUSE = "unanswered_no_clause"
    UNANSWERED_NEAREST = "unanswered_nearest"
    UNANSWERED_NOT_SUPPORTED = "unanswered_not_supported"
    UNANSWERED_AMOUNT = "unanswered_amount"
    UNANSWERED_MEDIA = "unanswered_media"
    UNANSWERED_CASE_STATE = "unanswered_case_state"
    REFUSED_OTHER_REGION = "refused_other_region"
    REFUSED_OFF_TOPIC = "refused_off_topic"
    REFUSED_PROMISE = "refused_promise"
    REFUSED_ABUSE = "refused_abuse"
    REFUSED_ACCOUNT_DATA = "refused_account_data"
    REFUSED_INSTRUCTIONS = "refused_instructions"
    REFUSED_FRAUD = "refused_fraud"
    REFUSED_MEDICAL = "refused_medical"
    REFUSED_LEGAL = "refused_legal"
    CRISIS = "crisis"
    CRISIS_URGENT_NEED = "crisis_urgent_need"
    HANDOFF = "handoff"
    HANDOFF_ALREADY = "handoff_already"
    ERROR_UNEXPECTED = "error_unexpected"

    @property
    def family(self) -> str:
        return self.value.split("_", 1)[0]


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause a statement rests on, with the words quoted from it."""

    clause_id: str
    document: str
    number: str | None
    article: str
    quote: str
    in_force_from: date | None
    rank: str
    region: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What the bot asks next. options: what can be tapped, as (value, label)."""

    fact: str
    text: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Handoff:
    """Whether a person is offered, or must take over. priority: "S" safety, "P1" same day, "P2" two working days, "R" routine."""

    offered: bool = False
    required: bool = False
    reason: str | None = None
    priority: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says. headline, points, next_steps: the text in the order of the answer card; text is the same as one string.

    marks: for the headline and then each point, the positions in citations it rests on. assessments: as
    bot.eligibility.assessments writes them (plain dictionaries, architecture §7). options: what to say next, tappable.
    """

    status: Status
    text: str
    citations: tuple[Citation, ...] = ()
    programmes: tuple[str, ...] = ()
    assessments: tuple[dict[str, Any], ...] = ()
    asks: Ask | None = None
    handoff: Handoff = Handoff()
    options: tuple[str, ...] = ()
    headline: str = ""
    points: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    marks: tuple[tuple[int, ...], ...] = ()
    release: int = 0
    as_of: date | None = None
    model: str | None = None
    elapsed_ms: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The *reply* form of architecture §7: a contract with whoever reads our JSON."""
        return {
            "status": self.status.value,
            "text": self.text,
            "citations": [_citation_dict(c) for c in self.citations],
            "programmes": list(self.programmes),
            "assessments": list(self.assessments),
            "asks": None
            if self.asks is None
            else {
                "fact": self.asks.fact,
                "text": self.asks.text,
                "options": [{"value": value, "label": label} for value, label in self.asks.options],
            },
            "handoff": {
                "offered": self.handoff.offered,
                "required": self.handoff.required,
                "reason": self.handoff.reason,
                "priority": self.handoff.priority,
            },
            "options": list(self.options),
            "headline": self.headline,
            "points": list(self.points),
            "next_steps": list(self.next_steps),
            "marks": [list(positions) for positions in self.marks],
            "release": self.release,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "model": self.model,
            "elapsed_ms": round(self.elapsed_ms, 2),
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Reply:
        """The reply that as_dict wrote."""
        asks, handoff, as_of = kept["asks"], kept["handoff"], kept["as_of"]
        return cls(
            status=Status(kept["status"]),
            text=kept["text"],
            citations=tuple(_citation(c) for c in kept["citations"]),
            programmes=tuple(kept["programmes"]),
            assessments=tuple(kept["assessments"]),
            asks=Ask(asks["fact"], asks["text"], tuple((o["value"], o["label"]) for o in asks["options"])) if asks else None,
            handoff=Handoff(**handoff),
            options=tuple(kept["options"]),
            headline=kept["headline"],
            points=tuple(kept["points"]),
            next_steps=tuple(kept["next_steps"]),
            marks=tuple(tuple(positions) for positions in kept["marks"]),
            release=kept["release"],
            as_of=date.fromisoformat(as_of) if as_of else None,
            model=kept["model"],
            elapsed_ms=kept["elapsed_ms"],
        )


def _citation(kept: dict[str, Any]) -> Citation:
    since = kept["in_force_from"]
    return Citation(**{**kept, "in_force_from": date.fromisoformat(since) if since else None})


def _citation_dict(citation: Citation) -> dict[str, Any]:
    return {
        "clause_id": citation.clause_id,
        "document": citation.document,
        "number": citation.number,
        "article": citation.article,
        "quote": citation.quote,
        "in_force_from": citation.in_force_from.isoformat() if citation.in_force_from else None,
        "rank": citation.rank,
        "region": citation.region,
    }
