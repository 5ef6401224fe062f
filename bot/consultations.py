"""Consultations as the channels see them: receive a message durably, answer it once, read the transcript."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.messages import InboundMessage, Reply


@dataclass(frozen=True, slots=True)
class Receipt:
    """inbox_id of a stored message; is_new False: this message was stored before (a retry)."""

    inbox_id: str
    conversation_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript. reply: the bot's whole reply, for its citations and options; None for people's lines."""

    id: int
    author: str
    text: str
    at: datetime
    reply: dict[str, object] | None = None


class Consultations(Protocol):
    """What channels may ask of the bot. All methods are safe to call from several workers at once."""

    async def receive(self, message: InboundMessage) -> Receipt:
        """Stores the message, durable when this returns; the same message twice gives the same inbox_id."""
        ...

    async def respond(self, inbox_id: str) -> Reply | None:
        """Answers a stored message exactly once and returns the reply; asked again (or at the same time by another caller),
        returns that same reply. Reply, transcript line, case and outbox row (WeChat) are one transaction.
        None: a person holds the conversation and the bot stays silent."""
        ...

    async def waiting(self, older_than_seconds: float) -> list[str]:
        """inbox_ids of messages received but not answered, e.g. by a worker that was killed. Oldest first."""
        ...

    async def ask(self, question: str, *, on: date | None = None, region: str | None = None) -> Reply:
        """One question without a conversation; nothing is kept."""
        ...

    async def transcript(self, conversation_id: str, after: int = 0) -> list[Line]:
        """Lines with an id above `after`, oldest first."""
        ...

    async def conversation_of(self, channel: str, sender: str, account: str = "") -> str | None: ...
