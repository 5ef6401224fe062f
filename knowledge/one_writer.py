"""One writer at a time: the transaction in which the knowledge base is changed."""

from __future__ import annotations

from types import TracebackType

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

WRITER_LOCK = 8_214_001
"""Any number, but the same in every worker: PostgreSQL lets one transaction at a time hold it."""


class OneWriter:
    """A transaction that writes: on PostgreSQL it first waits until no other one does; on SQLite there is never more than one."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._transaction = sessions.begin()

    async def __aenter__(self) -> AsyncSession:
        session = await self._transaction.__aenter__()
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
        return session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transaction.__aexit__(kind, error, trace)
