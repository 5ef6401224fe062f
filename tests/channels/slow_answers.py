"""A small server with the WeChat channel and answers as slow as wanted; a test starts it, kills it and starts it again.

Environment: DATABASE (a file), API_BASE, ANSWER_SECONDS, CALL_SECONDS, DEADLINE_SECONDS. All other times are far shorter than in
the product.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.clock import now
from bot.privacy import FieldCipher
from channels.wechat import WeChatChannel
from knowledge.database import Base, open_engine
from tests.channels.stored_consultations import StoredConsultations
from tests.channels.wechat_bench import settings_for

PASSIVE_SECONDS = 0.8
DEADLINE_SECONDS = float(os.environ.get("DEADLINE_SECONDS", "0.5"))


def create_app() -> FastAPI:
    database = Path(os.environ["DATABASE"])
    engine = open_engine(f"sqlite+aiosqlite:///{database}")
    sessions, cipher = async_sessionmaker(engine, expire_on_commit=False), FieldCipher("test")
    settings = settings_for(
        database.parent, wechat_api_base=os.environ["API_BASE"], wechat_reply_deadline_seconds=DEADLINE_SECONDS)
    consultations = StoredConsultations(
        sessions, cipher, now, delay_seconds=float(os.environ["ANSWER_SECONDS"]), passive_seconds=PASSIVE_SECONDS)
    channel = WeChatChannel(
        settings, consultations, sessions, cipher, poll_seconds=0.1, rescue_after_seconds=PASSIVE_SECONDS,
        lease=timedelta(seconds=1), call_seconds=float(os.environ.get("CALL_SECONDS", "5")))

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        stop = asyncio.Event()
        worker = asyncio.create_task(channel.worker.run(stop))
        yield
        stop.set()
        await worker
        await channel.close()
        await engine.dispose()

    app = FastAPI(lifespan=running)
    app.include_router(channel.router)
    return app
