"""The access token: one for all workers, kept encrypted, fetched by one at a time and never in a hurry."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.channel_state import ChannelState
from channels.wechat.api_error import WeChatApiError

EARLY = timedelta(minutes=5)
"""A token is renewed so long before its end: the platform hands out the next one from then on."""

REFRESH_EVERY = timedelta(minutes=1)
FORCED_EVERY = timedelta(minutes=90)
"""The platform allows 20 forced refreshes a day, 30 seconds apart. Source: 获取稳定版接口调用凭据."""

PAUSE_AFTER_ERROR = timedelta(seconds=30)
LOOK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class FetchedToken:
    """What WeChat gave: valid for so many seconds."""

    value: str
    seconds: int


Fetch = Callable[[bool], Awaitable[FetchedToken]]
"""Asks WeChat for a token; True forces a new one, which ends the old. Raises WeChatApiError."""


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str
    replaces: str = ""              # the refused token this one was asked for in place of


class AccessTokens:
    """Gives the token of one account. Many callers at once cause one fetch; a token that keeps being refused is renewed at most
    once a minute, without force first: another program may have renewed it, and forcing would end the token of everybody.

    fetch_seconds: the longest that one fetch may take."""

    def __init__(self, state: ChannelState, app_id: str, fetch: Fetch, clock: Callable[[], datetime], *,
                 fetch_seconds: float) -> None:
        self._state = state
        # Long enough for a fetch, its writing down and a slow clock; a worker that dies meanwhile holds up the others no longer.
        self._lease_seconds = 2 * fetch_seconds + 1
        self._fetch = fetch
        self._clock = clock
        self._key = f"wechat:token:{app_id}"
        self._lock = asyncio.Lock()
        self._me = secrets.token_hex(8)

    async def current(self) -> str:
        """WeChatApiError when none can be had."""
        async with self._lock:
            kept = await self._kept()
            return kept.value if kept else await self._fetched_by_one(None)

    async def replacement(self, refused: str) -> str:
        """Another token than the one that was refused; WeChatApiError when that would be asked too soon."""
        async with self._lock:
            kept = await self._kept()
            if kept is not None and kept.value != refused:
                return kept.value
            if not await self._first_within("replaced", REFRESH_EVERY):
                raise WeChatApiError(40001, "the access token is refused although it was replaced less than a minute ago")
            return await self._fetched_by_one(refused)

    async def _kept(self) -> _Kept | None:
        stored = await self._state.get(self._key, self._clock())
        return None if stored is None else _Kept(**json.loads(stored))

    async def _fetched_by_one(self, refused: str | None) -> str:
        """Fetches, or waits for the worker that does; `refused` is not accepted as the result of somebody else's fetch."""
        for _ in range(int(self._lease_seconds / LOOK_AGAIN_SECONDS) + 10):
            now, lease = self._clock(), timedelta(seconds=self._lease_seconds)
            if await self._state.put_first(self._key + ":fetch", self._me, now + lease, now) == self._me:
                return await self._fetch_under_lease(refused)
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            kept = await self._kept()
            if kept is not None and kept.value != refused:
                return kept.value
        raise WeChatApiError(None, "another worker has been fetching the access token for too long")

    async def _fetch_under_lease(self, refused: str | None) -> str:
        try:
            kept = await self._kept()
            if kept is not None and kept.value != refused:
                return kept.value       # somebody finished between our look and our lease
            await self._respect_pause()
            return await self._fetch_and_keep(refused, kept)
        finally:
            await self._state.drop(self._key + ":fetch")

    async def _fetch_and_keep(self, refused: str | None, kept: _Kept | None) -> str:
        # Asked without force it came back the same and is refused still: only now is a new one forced.
        force = refused is not None and kept is not None and kept.replaces == refused and await self._first_within(
            "forced", FORCED_EVERY)
        try:
            token = await self._fetch(force)
        except WeChatApiError as error:
            now = self._clock()
            await self._state.put(self._key + ":pause", json.dumps([error.code, str(error)]), now + PAUSE_AFTER_ERROR)
            raise
        now = self._clock()
        lasts = max(timedelta(seconds=token.seconds) - EARLY, REFRESH_EVERY)
        await self._state.put(self._key, json.dumps(asdict(_Kept(token.value, refused or ""))), now + lasts)
        return token.value

    async def _first_within(self, what: str, period: timedelta) -> bool:
        """True once in that period, for all workers together."""
        now, mark = self._clock(), secrets.token_hex(8)
        return await self._state.put_first(f"{self._key}:{what}", mark, now + period, now) == mark

    async def _respect_pause(self) -> None:
        pause = await self._state.get(self._key + ":pause", self._clock())
        if pause is not None:
            code, message = json.loads(pause)
            raise WeChatApiError(code, f"no access token, asked less than {PAUSE_AFTER_ERROR.seconds} s ago: {message}")
