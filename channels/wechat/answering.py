"""Answers under way in this process: begun once for each message, whoever asks for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.consultations import Consultations
from bot.messages import Reply

log = logging.getLogger(__name__)


class AnswersUnderWay:
    """Begins answering a stored message and goes on when nobody waits any more. finished is called after each answer, so that the
    sender looks at once. The work is durable elsewhere: what is cancelled here, another worker or a later start takes up.

    give_up_seconds: an answer that takes longer is begun anew by whoever looks after waiting messages."""

    def __init__(self, consultations: Consultations, finished: Callable[[], None] = lambda: None, *,
                 give_up_seconds: float = 60.0) -> None:
        self._consultations = consultations
        self._give_up_seconds = give_up_seconds
        self._tasks: dict[str, asyncio.Task[Reply | None]] = {}
        self.finished = finished

    def begin(self, inbox_id: str) -> asyncio.Task[Reply | None]:
        """The task that answers this message; the same one for a retry that comes while it runs. It never raises: a failure is
        logged and the message stays waiting."""
        task = self._tasks.get(inbox_id)
        if task is None:
            task = self._tasks[inbox_id] = asyncio.create_task(self._answer(inbox_id))
        return task

    def is_running(self, inbox_id: str) -> bool:
        return inbox_id in self._tasks

    async def stop(self) -> None:
        for task in tuple(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _answer(self, inbox_id: str) -> Reply | None:
        try:
            async with asyncio.timeout(self._give_up_seconds):
                return await self._consultations.respond(inbox_id)
        except Exception:
            log.exception("message %s could not be answered", inbox_id)
            return None
        finally:
            del self._tasks[inbox_id]
            self.finished()
