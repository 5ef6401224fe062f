"""A WeChat channel on a temporary database with a clock that stands still, and the platform beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.channel_state import ChannelState
from bot.outbox import Outbox
from bot.privacy import FieldCipher
from bot.settings import Settings
from bot.tables import InboxRow, OutboxRow
from channels.wechat import WeChatChannel
from eval.fake_wechat import Platform
from knowledge.database import Base, open_engine
from tests.channels.stored_consultations import Answer, StoredConsultations, echo

APP_ID, SECRET, TOKEN, ACCOUNT = "wx0123456789abcdef", "f" * 32, "yibentong2026", "gh_0123456789ab"
KEY, OLD_KEY, OTHER_KEY = "k" * 43, "P" * 42 + "Q", "z" * 42 + "0"
RESIDENT = "oResident_0000000000000001"
NOBODY = "http://127.0.0.1:9"       # nothing listens there


class Clock:
    """Stands still until told."""

    def __init__(self, at: datetime = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@dataclass
class Bench:
    app: FastAPI
    channel: WeChatChannel
    consultations: StoredConsultations
    outbox: Outbox
    state: ChannelState
    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    http: httpx.AsyncClient
    platform: Platform

    def message(self, text: str = "低保怎么申请", message_id: str = "100", openid: str = RESIDENT) -> str:
        return self.platform.message(openid, "text", message_id, {"Content": text}, created=int(self.clock().timestamp()))

    def signed(self, xml: str, nonce: str = "") -> tuple[dict[str, str], bytes]:
        return self.platform.sealed(xml, int(self.clock().timestamp()), nonce)

    async def post(self, xml: str, nonce: str = "") -> httpx.Response:
        query, body = self.signed(xml, nonce)
        return await self.http.post("/wechat", params=query, content=body)

    async def send(self, text: str = "低保怎么申请", message_id: str = "100", openid: str = RESIDENT) -> str | None:
        """What the phone shows at once: the direct answer; None for `success`."""
        response = await self.post(self.message(text, message_id, openid))
        assert response.status_code == 200, response.text
        return None if response.text == "success" else self.platform.read_answer(response.text, openid)

    async def rows(self) -> list[OutboxRow]:
        async with self.sessions() as session:
            return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))

    async def row(self) -> OutboxRow:
        (row,) = await self.rows()
        return row

    async def inbox(self) -> list[InboxRow]:
        async with self.sessions() as session:
            return list(await session.scalars(select(InboxRow).order_by(InboxRow.received_at)))


def settings_for(folder: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "_env_file": None, "data_dir": folder, "wechat_app_id": APP_ID, "wechat_app_secret": SECRET, "wechat_token": TOKEN,
        "wechat_api_base": NOBODY, **changes}
    return Settings(**values)


@asynccontextmanager
async def bench(folder: Path, *, answer: Answer = echo, delay_seconds: float = 0.0, sealed_with: str = "",
                **changes: Any) -> AsyncIterator[Bench]:
    """changes: settings that differ. sealed_with: the AES key the platform uses; empty: plain mode."""
    settings = settings_for(folder, **changes)
    engine = open_engine(settings.database)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions, cipher, clock = async_sessionmaker(engine, expire_on_commit=False), FieldCipher("test"), Clock()
    consultations = StoredConsultations(sessions, cipher, clock, answer, delay_seconds)
    channel = WeChatChannel(settings, consultations, sessions, cipher, clock=clock, call_seconds=1.0)
    app = FastAPI()
    app.include_router(channel.router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Bench(app, channel, consultations, Outbox(sessions, cipher), ChannelState(sessions, cipher), sessions, clock, http,
                    Platform(TOKEN, APP_ID, ACCOUNT, sealed_with))
    await channel.close()
    await engine.dispose()
