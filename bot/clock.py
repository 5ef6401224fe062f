"""The only file that reads the system clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """UTC, aware."""
    return datetime.now(UTC)


def shanghai_day(at: datetime) -> date:
    """The calendar day in Shanghai: it decides which rules count as today's."""
    return at.astimezone(SHANGHAI).date()
