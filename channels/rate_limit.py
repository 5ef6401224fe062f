"""How often one conversation, one sign-in or one address may knock."""

from __future__ import annotations

from math import ceil

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from bot.clock import now
from channels.errors import RefusedRequestError


class RateLimit:
    """Counts in this worker's memory over a moving minute. With n workers a limit is at most n times as generous."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def take(self, what: str, who: str, a_minute: int) -> None:
        """Counts one; RefusedRequestError (429, with Retry-After in seconds) when that was one too many."""
        limit = RateLimitItemPerMinute(a_minute)
        if await self._limiter.hit(limit, what, who):
            return
        window = await self._limiter.get_window_stats(limit, what, who)
        seconds = max(1, ceil(window.reset_time - now().timestamp()))
        raise RefusedRequestError("too_many", headers={"Retry-After": str(seconds)}, seconds=seconds)
