"""The whole product for tests: the bundled handbook, a database of its own, a clock that stands still, no model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from bot.assembly import Product, open_product
from bot.messages import Channel, InboundMessage, Reply
from bot.settings import Settings
from knowledge.database import Base, open_engine

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""Noon of 2026-11-21 in Shanghai."""


@dataclass
class Clock:
    """Stands still until moved."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def settings_for(folder: Path, **changes: object) -> Settings:
    """Settings that read nothing from outside; words alone, no embedder, unless told otherwise."""
    settings = Settings(_env_file=None, data_dir=folder, embedding="none", field_key="test", secret_key="test")
    return settings.model_copy(update=changes)


@asynccontextmanager
async def opened(folder: Path, clock: Clock | None = None, **changes: object) -> AsyncIterator[Product]:
    settings = settings_for(folder, **changes)
    engine = open_engine(settings.database)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    product = await open_product(settings, now=clock or Clock())
    try:
        yield product
    finally:
        await product.close()


@dataclass
class Resident:
    """Somebody who talks with the product on one channel."""

    product: Product
    channel: Channel = Channel.WEB
    sender: str = field(default_factory=lambda: uuid4().hex)

    async def says(self, text: str) -> Reply | None:
        receipt = await self.product.consultations.receive(self.message(text))
        return await self.product.consultations.respond(receipt.inbox_id)

    async def hears(self, text: str) -> Reply:
        """Like says, where a reply must come."""
        reply = await self.says(text)
        assert reply is not None
        return reply

    def message(self, text: str, key: str | None = None) -> InboundMessage:
        return InboundMessage(self.channel, self.sender, text, key or uuid4().hex, self.product.now())

    @property
    async def conversation_id(self) -> str:
        found = await self.product.consultations.conversation_of(self.channel.value, self.sender)
        assert found is not None
        return found
