"""Watches that run beside the web application: a newer release comes into use, and messages of a killed worker are answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.assembly import Product
from bot.consultations import Consultations

LOG = logging.getLogger("channels.watch")
RELEASE_SECONDS = 2.0
RESCUE_SECONDS = 3.0
RESCUE_OLDER_THAN_SECONDS = 8.0


async def watch_release(product: Product, stop: asyncio.Event, published: asyncio.Event) -> None:
    """Somebody may publish, at this worker (published), another or the command line: all follow within RELEASE_SECONDS and the
    time it takes to make the index, which nobody waits for."""
    await _every(RELEASE_SECONDS, stop, product.refresh, woken=published)


async def rescue_messages(consultations: Consultations, stop: asyncio.Event) -> None:
    """Answers what was received and not answered, oldest first: the worker that had it is gone."""

    async def rescue() -> None:
        for inbox_id in await consultations.waiting(RESCUE_OLDER_THAN_SECONDS):
            await consultations.respond(inbox_id)

    await _every(RESCUE_SECONDS, stop, rescue)


async def _every(
    seconds: float, stop: asyncio.Event, act: Callable[[], Awaitable[object]], woken: asyncio.Event | None = None
) -> None:
    """Acts now and again until stopped. A failure is logged and tried again: the database may be away for a moment."""
    while not stop.is_set():
        try:
            await act()
        except Exception:
            LOG.exception("watch failed, trying again in %s s", seconds)
        awaited = [asyncio.create_task(event.wait()) for event in (stop, woken) if event is not None]
        await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in awaited:
            task.cancel()
        if woken is not None:
            woken.clear()
