"""Doors: everything the pages need from the rooms below, handed over once by the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from bot.casework.cases import CaseQueue
from bot.consultations import Consultations
from bot.settings import Settings
from bot.situation import Situation
from bot.staff_storage import StaffStore
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.storage import KnowledgeStore


async def _nothing_to_do() -> None:
    """A release change that nobody listens to, e.g. in a test of one page."""


def _no_label(_fact: str) -> str | None:
    return None


async def _nothing_told(_conversation_id: str) -> Situation:
    return Situation()


@dataclass(frozen=True, slots=True)
class Doors:
    """clause: the clause of the current release as it reads on a day, None when there is none. now: UTC, aware.
    situation_of: what the household of a conversation has told so far.
    knowledge_in_use: the release that answers are made from, read by the handbook's pages; None: no such pages.
    release_changed: awaited after the studio published or rolled back. fact_label: the Chinese label of a fact's name.

    stream_poll_seconds: how often an open stream looks for new lines; stream_seconds: a stream ends after that long and the
    browser comes back by itself; patience_seconds: when a streamed answer says "still looking", and when "too slow".
    """

    settings: Settings
    consultations: Consultations
    queue: CaseQueue
    staff: StaffStore
    knowledge: KnowledgeStore
    clause: Callable[[str, date], Clause | None]
    now: Callable[[], datetime]
    release_changed: Callable[[], Awaitable[object]] = _nothing_to_do
    fact_label: Callable[[str], str | None] = _no_label
    knowledge_in_use: Callable[[], KnowledgeBase] | None = None
    situation_of: Callable[[str], Awaitable[Situation]] = _nothing_told
    stream_poll_seconds: float = 2.0
    stream_seconds: float = 55.0
    patience_seconds: tuple[float, float] = (5.0, 30.0)
    messages_a_minute: int = 20
    messages_a_minute_per_address: int = 240
    sign_ins_a_minute_per_address: int = 30
