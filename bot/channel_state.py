"""Small facts that all workers of a channel share: access tokens, callbacks seen, who may refresh. Encrypted, with an end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.privacy import FieldCipher
from bot.tables import ChannelStateRow


class ChannelState:
    """Values by key, each with a last moment (UTC); a value past it is as good as absent. Keys are at most 160 characters and
    carry nothing personal; values may, they are sealed. Safe to use from several workers at once."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], cipher: FieldCipher) -> None:
        self._sessions = sessions
        self._cipher = cipher

    async def get(self, key: str, now: datetime) -> str | None:
        async with self._sessions() as session:
            row = await session.get(ChannelStateRow, key)
        return None if row is None or row.expires_at <= now else self._cipher.open(row.sealed_value)

    async def put(self, key: str, value: str, expires_at: datetime) -> None:
        """The value now stands, whatever stood before."""
        if not await self._replace(key, value, expires_at) and not await self._insert(key, value, expires_at):
            # Another worker inserted between the two: its row is there now.
            await self._replace(key, value, expires_at)

    async def put_first(self, key: str, value: str, expires_at: datetime, now: datetime) -> str:
        """The value that stands: ours, or the one somebody put before and that has not ended. One caller wins among workers."""
        if await self._insert(key, value, expires_at, ended_by=now):
            return value
        standing = await self.get(key, now)
        return value if standing is None else standing

    async def drop(self, key: str) -> None:
        async with self._sessions.begin() as session:
            await session.execute(delete(ChannelStateRow).where(ChannelStateRow.key == key))

    async def purge(self, now: datetime) -> int:
        """Removes what has ended; returns how many."""
        async with self._sessions.begin() as session:
            return _touched(await session.execute(delete(ChannelStateRow).where(ChannelStateRow.expires_at <= now)))

    async def _replace(self, key: str, value: str, expires_at: datetime) -> bool:
        change = update(ChannelStateRow).where(ChannelStateRow.key == key)
        async with self._sessions.begin() as session:
            result = await session.execute(change.values(sealed_value=self._cipher.seal(value), expires_at=expires_at))
        return _touched(result) > 0

    async def _insert(self, key: str, value: str, expires_at: datetime, ended_by: datetime | None = None) -> bool:
        """False when a value stands; one that ended by that moment does not."""
        try:
            async with self._sessions.begin() as session:
                if ended_by is not None:
                    ended = delete(ChannelStateRow).where(ChannelStateRow.key == key, ChannelStateRow.expires_at <= ended_by)
                    await session.execute(ended)
                session.add(ChannelStateRow(key=key, sealed_value=self._cipher.seal(value), expires_at=expires_at))
        except IntegrityError:
            return False
        return True


def _touched(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
