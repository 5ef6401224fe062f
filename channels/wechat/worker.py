"""The worker beside the callback: answers what a killed worker left, and sends what could not be given at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.channel_state import ChannelState
from bot.consultations import Consultations
from bot.outbox import BOT, Outbox, Outgoing
from channels.wechat.answering import AnswersUnderWay
from channels.wechat.api import WeChatApi
from channels.wechat.api_error import Consequence, WeChatApiError, consequence
from channels.wechat.delivery import PushPermission
from channels.wechat.plain_text import MAX_MESSAGES, PlainText
from channels.wechat.window import AFTER_MESSAGE, WeChatReplyWindow

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
PURGE_EVERY_SECONDS = 300.0


def pause_before_retry(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, at most 5 minutes. attempts: how often it was tried, from 1."""
    doublings = min(max(attempts - 1, 0), 16)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


class WeChatWorker:
    """One of any number of workers on the same database. lease: a claim lasts so long; it must outlast the slowest sending.

    rescue_after_seconds: a message that old without an answer belonged to a worker that is no more."""

    def __init__(self, consultations: Consultations, outbox: Outbox, answers: AnswersUnderWay, api: WeChatApi,
                 state: ChannelState, permission: PushPermission, plain_text: PlainText, *, clock: Callable[[], datetime],
                 poll_seconds: float = 1.0, rescue_after_seconds: float = 6.0, lease: timedelta = timedelta(seconds=60),
                 batch: int = 20) -> None:
        self._consultations = consultations
        self._outbox = outbox
        self._answers = answers
        self._api = api
        self._state = state
        self._permission = permission
        self._plain_text = plain_text
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._rescue_after_seconds = rescue_after_seconds
        self._lease = lease
        self._batch = batch
        self._wake = asyncio.Event()
        self._purged = time.monotonic()

    def wake(self) -> None:
        """Look now, do not wait for the next round."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until stop is set; the round under way is finished first. Never raises: a database or network that is down is logged
        and tried again."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                busy = await self._round_or_log()
                if not busy:
                    await self._pause(stopping)
        finally:
            stopping.cancel()

    async def run_once(self) -> int:
        """One round; returns how many messages were claimed for sending."""
        await self._rescue()
        claimed = await self._outbox.claim_due(self._clock(), self._batch, self._lease)
        by_recipient: dict[tuple[str, str], list[Outgoing]] = defaultdict(list)
        for outgoing in claimed:
            by_recipient[outgoing.account, outgoing.recipient].append(outgoing)
        await asyncio.gather(*(self._send_in_order(messages) for messages in by_recipient.values()))
        await self._purge()
        return len(claimed)

    async def _round_or_log(self) -> bool:
        try:
            return await self.run_once() >= self._batch
        except Exception:
            log.exception("a round of the WeChat worker failed; the next one tries again")
            return False

    async def _pause(self, stopping: asyncio.Task[bool]) -> None:
        waking = asyncio.create_task(self._wake.wait())
        await asyncio.wait({waking, stopping}, timeout=self._poll_seconds, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()

    async def _rescue(self) -> None:
        # Not waited for: a slow answer must not hold up the sending of the others.
        for inbox_id in (await self._consultations.waiting(self._rescue_after_seconds))[: self._batch]:
            if not self._answers.is_running(inbox_id):
                self._answers.begin(inbox_id)

    async def _purge(self) -> None:
        if time.monotonic() - self._purged > PURGE_EVERY_SECONDS:
            self._purged = time.monotonic()
            await self._state.purge(self._clock())

    async def _send_in_order(self, messages: Sequence[Outgoing]) -> None:
        """To one resident, oldest first."""
        for outgoing in sorted(messages, key=lambda message: message.id):
            try:
                await self._send(outgoing)
            except Exception as error:
                log.exception("outgoing message %s was not sent", outgoing.id)
                await self._outbox.mark_failed(outgoing, type(error).__name__, self._retry_at(outgoing))

    async def _send(self, outgoing: Outgoing) -> None:
        now = self._clock()
        if outgoing.withheld:
            await self._outbox.mark_expired(outgoing, "withheld: a person holds the conversation")
            return
        if await self._permission.denied(outgoing.account, now):
            await self._outbox.hold_for_pull(outgoing, "48001")
            return
        window = await self._window(outgoing, now)
        if not window.is_open(now):
            await self._outbox.mark_expired(outgoing, "window closed")
        elif not window.remaining(now):
            await self._wait_for_resident(outgoing, window, now)
        else:
            await self._send_parts(outgoing, window.remaining(now))

    async def _send_parts(self, outgoing: Outgoing, remaining: int) -> None:
        # What a person wrote may use all that is left; the bot leaves the advisor some.
        at_most = remaining + outgoing.parts_sent if outgoing.author != BOT else MAX_MESSAGES
        if not outgoing.parts_sent:
            at_most = min(at_most, remaining)
        parts = self._plain_text.messages(outgoing, at_most)
        for number, part in enumerate(parts[outgoing.parts_sent:], outgoing.parts_sent + 1):
            try:
                await self._send_part(outgoing, part)
            except WeChatApiError as error:
                await self._after(error, outgoing)
                return
            if not await self._outbox.mark_part_sent(outgoing, number):
                log.warning("outgoing message %s went to another worker while it was being sent", outgoing.id)
                return
        await self._outbox.mark_sent(outgoing, self._clock())

    async def _send_part(self, outgoing: Outgoing, part: str) -> None:
        try:
            await self._api.send_text(outgoing.recipient, part)
        except WeChatApiError as error:
            if consequence(error) is not Consequence.SMALLER:
                raise
            for smaller in self._plain_text.split(part):
                await self._api.send_text(outgoing.recipient, smaller)

    async def _after(self, error: WeChatApiError, outgoing: Outgoing) -> None:
        """Source: the table in api_error."""
        now, word = self._clock(), _word(error)
        log.warning("outgoing message %s: %s", outgoing.id, error)
        match consequence(error):
            case Consequence.EXPIRED:
                await self._outbox.mark_expired(outgoing, word)
            case Consequence.NEXT_MESSAGE:
                await self._wait_for_resident(outgoing, await self._window(outgoing, now), now)
            case Consequence.PULL:
                await self._permission.note_denied(outgoing.account, now)
                await self._outbox.hold_for_pull(outgoing, word)
            case Consequence.RETRY:
                await self._outbox.mark_failed(outgoing, word, self._retry_at(outgoing))
            case Consequence.SMALLER | Consequence.FAILED:
                await self._outbox.mark_failed(outgoing, word, None)

    async def _window(self, outgoing: Outgoing, now: datetime) -> WeChatReplyWindow:
        contact = await self._outbox.contact(outgoing.account, outgoing.recipient, now - AFTER_MESSAGE.lasts)
        return WeChatReplyWindow(contact)

    async def _wait_for_resident(self, outgoing: Outgoing, window: WeChatReplyWindow, now: datetime) -> None:
        await self._outbox.wait_for_resident(outgoing, window.closes_at() or now)

    def _retry_at(self, outgoing: Outgoing) -> datetime:
        return self._clock() + pause_before_retry(outgoing.claim)


def _word(error: WeChatApiError) -> str:
    return str(error) if error.code is None else f"{error.code}"
