"""The way of an answer to the resident: as the direct answer of the callback when it is in time, pushed when it is not."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channel_state import ChannelState
from bot.consultations import Consultations
from bot.messages import InboundMessage
from bot.outbox import Outbox, Outgoing
from channels.wechat.answering import AnswersUnderWay
from channels.wechat.api import WeChatApi
from channels.wechat.api_error import WeChatApiError
from channels.wechat.plain_text import LIMIT_BYTES, PlainText
from channels.wechat.text_cut import size
from channels.wechat.wording import Wording

log = logging.getLogger(__name__)

PASSIVE_LEASE = timedelta(seconds=20)
"""The platform tries three times, 5 s each: for so long a retry may ask for the same direct answer again."""


class NotStoredError(Exception):
    """The message could not be stored in time; WeChat must be told so, then it sends it again."""


@dataclass(frozen=True, slots=True)
class DirectAnswer:
    """What the callback's connection carries back. ids: the outbox rows it delivers."""

    text: str
    ids: tuple[int, ...]


class PushPermission:
    """Whether an account may send on its own (客服消息权限): learnt from error 48001, asked again after a day."""

    FORGOTTEN_AFTER = timedelta(hours=24)

    def __init__(self, state: ChannelState) -> None:
        self._state = state

    async def denied(self, account: str, now: datetime) -> bool:
        return await self._state.get(self._key(account), now) is not None

    async def note_denied(self, account: str, now: datetime) -> None:
        await self._state.put(self._key(account), "48001", now + self.FORGOTTEN_AFTER)

    @staticmethod
    def _key(account: str) -> str:
        return f"wechat:may-not-push:{account}"


class WeChatDelivery:
    """Takes one message in and gives its direct answer, or none when it will be pushed.

    deadline_seconds: counted from the first byte of the callback, storing included. The platform cuts at 5 s.
    """

    def __init__(self, consultations: Consultations, outbox: Outbox, answers: AnswersUnderWay, api: WeChatApi,
                 permission: PushPermission, plain_text: PlainText, wording: Wording, *, deadline_seconds: float,
                 clock: Callable[[], datetime]) -> None:
        self._consultations = consultations
        self._outbox = outbox
        self._answers = answers
        self._api = api
        self._permission = permission
        self._plain_text = plain_text
        self._wording = wording
        self._deadline_seconds = deadline_seconds
        self._clock = clock
        self._background: set[asyncio.Task[None]] = set()

    async def answer(self, message: InboundMessage, began: float, gone: Callable[[], Awaitable[bool]]) -> DirectAnswer | None:
        """None: say `success`. began: time.monotonic() of the callback; gone: has WeChat closed the connection?

        NotStoredError when the message is not durable by the deadline. Everything after that point can fail or be killed without
        loss: the message waits in the inbox, the reply in the outbox.
        """
        end = began + self._deadline_seconds
        inbox_id, is_new = await self._stored(message, end)
        work = self._answers.begin(inbox_id)
        await asyncio.wait({work}, timeout=max(0.0, end - time.monotonic()))
        if not work.done() and is_new:
            self._later(self._show_typing(message))
        if await gone():
            # Whoever listened is gone: a retry or the sender takes the answer.
            return None
        try:
            return await self._direct_answer(inbox_id, message.account)
        except Exception:
            log.exception("message %s has no direct answer; it will be pushed", inbox_id)
            return None

    async def given(self, answer: DirectAnswer) -> None:
        """The direct answer was written to its end."""
        await self._outbox.mark_given(answer.ids, self._clock())

    async def stop(self) -> None:
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def _stored(self, message: InboundMessage, end: float) -> tuple[str, bool]:
        try:
            async with asyncio.timeout(max(0.0, end - time.monotonic())):
                receipt = await self._consultations.receive(message)
        except TimeoutError as error:
            raise NotStoredError("the message was not stored in time") from error
        except Exception as error:
            raise NotStoredError("the message was not stored") from error
        return receipt.inbox_id, receipt.is_new

    async def _direct_answer(self, inbox_id: str, account: str) -> DirectAnswer | None:
        now = self._clock()
        claimed = await self._outbox.claim_passive(inbox_id, now, PASSIVE_LEASE)
        if not claimed:
            return None
        items = _crisis_first(claimed)
        texts = [self._plain_text.whole_in_one(item) for item in items]
        answer = self._together(items, texts)
        if len(answer.ids) == len(items):
            return answer
        if await self._permission.denied(account, now):
            answer = self._together(items, [self._shortened(item) for item in items], self._wording.more_waiting)
        await self._outbox.push_instead([item.id for item in items if item.id not in answer.ids], now)
        self._answers.finished()
        return answer if answer.ids else None

    def _shortened(self, item: Outgoing) -> str:
        """One message, cut where it must be."""
        return self._plain_text.messages(item, at_most=1)[0]

    def _together(self, items: Sequence[Outgoing], texts: Sequence[str | None], more: str = "") -> DirectAnswer:
        """As many of these, from the first on, as one message holds. more: said at the end when some are left. A text that is
        None takes more than one message and is left, with whatever comes after it."""
        parts: list[str] = []
        for text in texts:
            if text is None or (parts and size(self._joined([*parts, text, more])) > LIMIT_BYTES):
                break
            parts.append(text)
        ids = tuple(item.id for item in items[: len(parts)])
        # The room for the last line was kept free above, unless the first text alone fills the message.
        closed = self._joined([*parts, more]) if len(ids) < len(items) else ""
        return DirectAnswer(closed if closed and size(closed) <= LIMIT_BYTES else self._joined(parts), ids)

    def _joined(self, parts: Sequence[str]) -> str:
        return f"\n{self._wording.divider}\n".join(part for part in parts if part)

    async def _show_typing(self, message: InboundMessage) -> None:
        try:
            if not await self._permission.denied(message.account, self._clock()):
                await self._api.show_typing(message.conversation)
        except WeChatApiError as error:
            # A courtesy: the answer does not depend on it.
            log.info("typing state not shown: %s", error)
        except Exception:
            log.exception("typing state not shown")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _crisis_first(items: Sequence[Outgoing]) -> list[Outgoing]:
    return sorted(items, key=lambda item: (not str((item.reply or {}).get("status", "")).startswith("crisis"), item.id))
