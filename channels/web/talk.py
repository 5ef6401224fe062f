"""A resident's side of a consultation on the web: saying something, and reading what was said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from bot.consultations import Line, Receipt
from bot.messages import Channel, InboundMessage, Reply
from channels.doors import Doors
from channels.rate_limit import RateLimit
from channels.sign_in import client_address


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a message. reply None: an advisor holds the conversation and the bot stays silent."""

    receipt: Receipt
    reply: Reply | None


class Talk:
    """Conversations of the web page. token: the random value of the browser's cookie."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self._rate = RateLimit()
        self._answering: set[asyncio.Task[Reply | None]] = set()

    async def limit(self, request: Request, token: str) -> None:
        """RefusedRequestError when this conversation or this address sends too fast."""
        await self._rate.take("message of address", client_address(request), self.doors.messages_a_minute_per_address)
        await self._rate.take("message of conversation", token, self.doors.messages_a_minute)

    async def store(self, token: str, text: str, key: str) -> Receipt:
        message = InboundMessage(
            channel=Channel.WEB,
            conversation=token,
            text=_storable(text),
            dedupe_key=key,
            received_at=self.doors.now(),
        )
        return await self.doors.consultations.receive(message)

    def answer(self, receipt: Receipt) -> asyncio.Task[Reply | None]:
        """Answers in the background: a browser that goes away does not stop the work, the answer waits in the transcript."""
        task = asyncio.create_task(self._respond(receipt.inbox_id))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        return task

    async def say(self, token: str, text: str, key: str) -> Said:
        receipt = await self.store(token, text, key)
        return Said(receipt, await asyncio.shield(self.answer(receipt)))

    async def lines(self, token: str, after: int = 0) -> Sequence[Line]:
        """Lines above `after`; a browser that never wrote has none."""
        conversation = await self.conversation(token)
        return [] if conversation is None else await self.doors.consultations.transcript(conversation, after)

    async def conversation(self, token: str) -> str | None:
        """The id of this browser's conversation; None before its first message."""
        return await self.doors.consultations.conversation_of(Channel.WEB.value, token)

    async def _respond(self, inbox_id: str) -> Reply | None:
        return await self.doors.consultations.respond(inbox_id)


def _storable(text: str) -> str:
    """The text without what no database or cipher takes: half a character becomes ?, NUL goes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
