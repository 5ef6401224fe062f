"""Staff accounts in the database: who may sign in, with which password, and when an account is locked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio
from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.staff import Role, Staff
from bot.tables import StaffRow
from bot.understanding.phrase_files import entries

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
LONGEST_NAME = 64
FAILURES_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)
RESERVED_NAMES = frozenset({"bot", "resident"})
"""Authors of transcript lines that are not staff."""

HASHES_AT_ONCE = 2
"""One argon2 hash takes 64 MiB: a rush of sign-ins waits in line instead of filling the memory."""


class StaffInputError(ValueError):
    """An account cannot be made as asked. The Chinese message, for operators, quotes what was given and says what is wanted."""


class StaffNotFoundError(LookupError):
    """No account of that name. Read by operators."""


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """Somebody who may sign in. password_mark changes with the password, so that sessions begun before end."""

    staff: Staff
    password_mark: str


class StaffStore:
    """Accounts on StaffRow. Times are UTC and come from the caller."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], hasher: PasswordHash | None = None) -> None:
        self._sessions = sessions
        self._hasher = hasher or PasswordHash((Argon2Hasher(),))
        self._hashing = CapacityLimiter(HASHES_AT_ONCE)
        self._nobodys_hash: str | None = None
        self._nobodys_hash_made = anyio.Lock()

    async def add(
        self, name: str, password: str, roles: Iterable[Role], subdistricts: Iterable[str] = (), *, at: datetime
    ) -> Staff:
        """A new account. StaffInputError for a bad name or password, no role, or a name already taken."""
        staff = Staff(_checked_name(name), frozenset(roles), frozenset(subdistricts))
        if not staff.roles:
            raise StaffInputError(_say("no_role", name=name, roles="、".join(Role)))
        row = StaffRow(
            name=staff.name,
            password_hash=await self._hash(_checked_password(password)),
            roles=sorted(staff.roles),
            subdistricts=sorted(staff.subdistricts),
            created_at=at,
            failed_sign_ins=0,
        )
        try:
            async with self._sessions.begin() as session:
                session.add(row)
        except IntegrityError as error:
            raise StaffInputError(_say("name_taken", name=name)) from error
        return staff

    async def set_password(self, name: str, password: str) -> None:
        """A new password; it also unlocks the account and ends its sessions."""
        hashed = await self._hash(_checked_password(password))
        async with self._sessions.begin() as session:
            row = await session.get(StaffRow, name)
            if row is None:
                raise StaffNotFoundError(_say("no_account", name=name))
            row.password_hash = hashed
            row.failed_sign_ins = 0
            row.locked_until = None

    async def list(self) -> Sequence[Staff]:
        """Everybody, in order of name."""
        async with self._sessions() as session:
            rows = (await session.scalars(select(StaffRow).order_by(StaffRow.name))).all()
        return [_staff(row) for row in rows]

    async def get(self, name: str) -> StaffAccount | None:
        async with self._sessions() as session:
            row = await session.get(StaffRow, name)
        return None if row is None else StaffAccount(_staff(row), _mark(row.password_hash))

    async def verify(self, name: str, password: str, now: datetime) -> StaffAccount | None:
        """The account when name and password are right and it is not locked, else None.

        Five failures in a row lock the account for fifteen minutes. An unknown name and a locked account take as long as a wrong
        password, so the time tells nothing.
        """
        stored = await self._begin_attempt(name, now)
        matches = await self._matches(password, stored or await self._hash_of_nobody())
        if stored is None or not matches:
            return None
        return await self._finish_attempt(name, stored)

    async def _begin_attempt(self, name: str, now: datetime) -> str | None:
        """The stored hash, or None when there is no such account or it is locked.

        Counts a failure in advance, taken back when the password is right: attempts at the same time cannot share one count.
        """
        async with self._sessions.begin() as session:
            row = await session.get(StaffRow, name, with_for_update=True)
            if row is None or (row.locked_until is not None and now < row.locked_until):
                return None
            if row.locked_until is not None:
                row.failed_sign_ins, row.locked_until = 0, None
            row.failed_sign_ins += 1
            if row.failed_sign_ins >= FAILURES_ALLOWED:
                row.locked_until = now + LOCKED_FOR
            return row.password_hash

    async def _finish_attempt(self, name: str, stored: str) -> StaffAccount | None:
        async with self._sessions.begin() as session:
            row = await session.get(StaffRow, name, with_for_update=True)
            # The account may have been removed, or given another password, while we were hashing.
            if row is None or row.password_hash != stored:
                return None
            row.failed_sign_ins = 0
            row.locked_until = None
            return StaffAccount(_staff(row), _mark(stored))

    async def _hash(self, password: str) -> str:
        return await to_thread.run_sync(self._hasher.hash, password, limiter=self._hashing)

    async def _matches(self, password: str, hashed: str) -> bool:
        # A password longer than any we accept is not worth hashing, but still costs a comparison.
        return await to_thread.run_sync(self._hasher.verify, password[: LONGEST_PASSWORD + 1], hashed, limiter=self._hashing)

    async def _hash_of_nobody(self) -> str:
        async with self._nobodys_hash_made:
            if self._nobodys_hash is None:
                self._nobodys_hash = await self._hash("no account has this password")
        return self._nobodys_hash


def _say(message: str, **places: object) -> str:
    texts = {entry["message"]: str(entry["text"]) for entry in entries("staff")}
    return texts[message].format(**places)


def _staff(row: StaffRow) -> Staff:
    return Staff(row.name, frozenset(Role(role) for role in row.roles), frozenset(row.subdistricts))


def _mark(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


def _checked_name(name: str) -> str:
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise StaffInputError(_say("bad_name", name=name, longest=LONGEST_NAME))
    if name.casefold() in RESERVED_NAMES:
        raise StaffInputError(_say("reserved_name", name=name))
    return name


def _checked_password(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise StaffInputError(_say("bad_password", given=len(password), shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD))
    return password
