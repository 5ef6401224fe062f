"""A whole set of pages over fakes, for tests: one staff database in memory, one clock, no network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.settings import Settings
from bot.staff import Role
from bot.staff_storage import StaffStore
from channels.doors import Doors
from channels.pages import mount_pages, prepare_pages
from knowledge.database import Base, open_engine
from knowledge.storage import KnowledgeStore
from tests.channels.fakes import Clock, FakeBot, FakeQueue, clause_of

PASSWORD = "correct horse battery"
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
"""argon2 with the least work, so that tests are quick; the product's own costs are the library's."""

STAFF = {
    "李顾问": (Role.ADVISOR,),
    "王顾问": (Role.ADVISOR,),
    "陈编辑": (Role.EDITOR,),
    "周科长": (Role.SUPERVISOR,),
    "管理员": (Role.ADMIN,),
}


@dataclass
class House:
    app: FastAPI
    doors: Doors
    bot: FakeBot
    queue: FakeQueue
    clock: Clock
    engine: AsyncEngine
    changed: list[int]

    @asynccontextmanager
    async def visitor(self, **headers: str) -> AsyncIterator[AsyncClient]:
        """A browser of its own: cookies kept, redirects followed by hand."""
        transport = ASGITransport(app=self.app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://test", headers={"Accept": "text/html", **headers}) as client:
            yield client

    @asynccontextmanager
    async def signed_in(self, name: str) -> AsyncIterator[AsyncClient]:
        async with self.visitor() as client:
            response = await client.post("/sign-in", data={"name": name, "password": PASSWORD})
            assert response.status_code == 303, response.text
            yield client


@asynccontextmanager
async def house(folder: Path, **changes: Any) -> AsyncIterator[House]:
    """changes: fields of Doors that a test wants otherwise."""
    settings = Settings(_env_file=None, data_dir=folder, secret_key="for tests only", region="上海市长宁区")
    engine = open_engine(f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    clock = Clock()
    staff = StaffStore(sessions, QUICK_HASHER)
    for name, roles in STAFF.items():
        await staff.add(name, PASSWORD, roles, at=clock())
    bot = FakeBot(clock)
    queue = FakeQueue(bot, clock)
    bot.queue = queue
    changed: list[int] = []

    async def release_changed() -> None:
        changed.append(len(changed) + 1)

    values: dict[str, Any] = {
        "settings": settings, "consultations": bot, "queue": queue, "staff": staff, "knowledge": KnowledgeStore(sessions),
        "clause": clause_of, "now": clock, "release_changed": release_changed,
        "fact_label": {"household.financial_assets_yuan": "存款", "event.kind": "最近的大事"}.get,
        "stream_poll_seconds": 0.02, "stream_seconds": 0.1, "patience_seconds": (0.05, 0.15), **changes,
    }
    doors = Doors(**values)
    app = FastAPI()
    prepare_pages(app, settings)
    mount_pages(app, doors)
    try:
        yield House(app, doors, bot, queue, clock, engine, changed)
    finally:
        await engine.dispose()
