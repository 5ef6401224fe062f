"""Measured consultations: the same doors, with counts and times for /metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.consultations import Consultations, Line, Receipt
from bot.messages import InboundMessage, Reply


@dataclass(frozen=True)
class MeasuredConsultations:
    """A bot.consultations.Consultations that counts messages by channel, replies by status, and times answers in seconds."""

    inner: Consultations
    registry: CollectorRegistry
    received: Counter
    replied: Counter
    seconds: Histogram

    @classmethod
    def of(cls, inner: Consultations) -> MeasuredConsultations:
        registry = CollectorRegistry()
        return cls(
            inner=inner,
            registry=registry,
            received=Counter("yibentong_messages_received", "Messages received", ["channel", "new"], registry=registry),
            replied=Counter("yibentong_replies", "Replies given", ["status"], registry=registry),
            seconds=Histogram(
                "yibentong_reply_seconds",
                "Time to answer a stored message",
                registry=registry,
                buckets=(0.005, 0.01, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1, 2.5, 5),
            ),
        )

    async def receive(self, message: InboundMessage) -> Receipt:
        receipt = await self.inner.receive(message)
        self.received.labels(message.channel.value, str(receipt.is_new).lower()).inc()
        return receipt

    async def respond(self, inbox_id: str) -> Reply | None:
        started = time.perf_counter()
        reply = await self.inner.respond(inbox_id)
        self.seconds.observe(time.perf_counter() - started)
        self.replied.labels(reply.status.value if reply else "silent").inc()
        return reply

    async def waiting(self, older_than_seconds: float) -> list[str]:
        return await self.inner.waiting(older_than_seconds)

    async def ask(self, question: str, *, on: date | None = None, region: str | None = None) -> Reply:
        return await self.inner.ask(question, on=on, region=region)

    async def transcript(self, conversation_id: str, after: int = 0) -> list[Line]:
        return await self.inner.transcript(conversation_id, after)

    async def conversation_of(self, channel: str, sender: str, account: str = "") -> str | None:
        return await self.inner.conversation_of(channel, sender, account)
