"""Cases (个案): an intake record in the queue, and the history that says where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.consultations import Line
from bot.staff import Staff

PRIORITIES = ("S", "P1", "P2", "R")
"""S safety, P1 same day, P2 within two working days, R routine."""

OUTCOMES = ("helped", "referred", "not_eligible", "withdrawn", "no_contact", "duplicate", "other")


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """What happened, in the past tense: opened, fact_changed, urgency_raised, deletion_asked, claimed, released, replied,
    note_added, closed, reopened. by: staff name, "bot" or "resident"."""

    number: int
    kind: str
    at: datetime
    by: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One line of the queue. wish: what the resident wants, in their words, masked. programmes: names of likely ones."""

    case_id: str
    state: str  # open, claimed, closed
    owner: str | None
    priority: str
    reason: str
    subdistrict: str
    channel: str
    opened_at: datetime
    last_event_at: datetime
    wish: str
    programmes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A whole case. record: the intake record (受理单), see bot/casework/intake_record.py for its form."""

    summary: CaseSummary
    conversation_id: str
    record: dict[str, Any]
    events: tuple[CaseEvent, ...]
    transcript: tuple[Line, ...]


class CaseConflictError(Exception):
    """Somebody else holds the case, or it is closed. holder: who. Shown to the advisor who was second."""

    def __init__(self, message: str, holder: str | None = None) -> None:
        super().__init__(message)
        self.holder = holder


class CaseNotFoundError(LookupError):
    """No such case, or not within the viewer's subdistricts: both look the same to the viewer."""


class CaseQueue(Protocol):
    """What the desk may ask. Every change is one transaction; now comes from the caller's clock."""

    async def list_cases(
        self, viewer: Staff, *, state: str = "waiting", limit: int = 50, offset: int = 0
    ) -> Sequence[CaseSummary]:
        """state: waiting (open or claimed), open, mine, closed. Most urgent first, then oldest."""
        ...

    async def case(self, case_id: str, viewer: Staff) -> Case: ...

    async def claim(self, case_id: str, by: Staff) -> None:
        """The advisor now holds case and conversation; the bot is silent from then on. CaseConflictError if another has it."""
        ...

    async def release(self, case_id: str, by: Staff) -> None: ...

    async def reply(self, case_id: str, by: Staff, text: str) -> None:
        """To the resident's web page or WeChat. Only by the holder."""
        ...

    async def note(self, case_id: str, by: Staff, text: str) -> None: ...

    async def close(self, case_id: str, by: Staff, outcome: str, reason: str) -> None:
        """Ends the case and gives the conversation back to the bot."""
        ...
