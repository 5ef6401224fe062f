"""The reply window: how many messages an Official Account may still send to a resident on its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.outbox import Contact


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many messages within so long after the resident did something."""

    messages: int
    lasts: timedelta


AFTER_MESSAGE = Allowance(5, timedelta(hours=48))
AFTER_EVENT = Allowance(3, timedelta(minutes=1))
"""A menu click, a follow or a scan. Source of both: 发送客服消息, developers.weixin.qq.com/doc/service/api/customer/message/
api_sendcustommessage, read 2026-11. Older texts say 20 messages. Direct answers to a callback do not count."""


@dataclass(frozen=True, slots=True)
class WeChatReplyWindow:
    """Computed from what we know; the platform's own word (45015, 45047) stands above it."""

    contact: Contact

    def remaining(self, now: datetime) -> int:
        """Messages left at `now`: the better of what the last message and the last tap, follow or scan allow."""
        return max((self._left(opened, allowance, now) for opened, allowance in self._opened()), default=0)

    def closes_at(self) -> datetime | None:
        """When the last allowance ends, used up or not; None: the resident has never been heard of."""
        return max((opened + allowance.lasts for opened, allowance in self._opened()), default=None)

    def is_open(self, now: datetime) -> bool:
        end = self.closes_at()
        return end is not None and now < end

    def _opened(self) -> list[tuple[datetime, Allowance]]:
        given = ((self.contact.last_message_at, AFTER_MESSAGE), (self.contact.last_event_at, AFTER_EVENT))
        return [(at, allowance) for at, allowance in given if at is not None]

    def _left(self, opened: datetime, allowance: Allowance, now: datetime) -> int:
        if not opened <= now < opened + allowance.lasts:
            return 0
        return max(0, allowance.messages - sum(at >= opened for at in self.contact.pushes))
