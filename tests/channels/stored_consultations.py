"""Consultations for the tests of the WeChat channel: real rows in the real tables, answers from a function, as slow as wanted."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.consultations import Line, Receipt
from bot.messages import InboundMessage, Reply, Status
from bot.privacy import FieldCipher
from bot.tables import ConversationRow, InboxRow, MessageRow, OutboxRow

Answer = Callable[[str], Reply]


def echo(text: str) -> Reply:
    return Reply(Status.ANSWERED, f"您问的是：{text}", headline=f"您问的是：{text}")


class StoredConsultations:
    """delay_seconds: how long an answer takes. silent: a person holds the conversation. fails_to_store, fails_to_look: what
    storing and looking for waiting messages raise; looks has one item for each look."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], cipher: FieldCipher, now: Callable[[], datetime],
                 answer: Answer = echo, delay_seconds: float = 0.0, passive_seconds: float = 6.0) -> None:
        self.answer = answer
        self.delay_seconds = delay_seconds
        self.silent = False
        self.fails_to_store: Exception | None = None
        self.fails_to_look: Exception | None = None
        self.looks: asyncio.Queue[float] = asyncio.Queue()
        self.received: list[InboundMessage] = []
        self.answered: list[str] = []
        self._sessions = sessions
        self._cipher = cipher
        self._now = now
        self._passive = timedelta(seconds=passive_seconds)
        self._locks: dict[str, asyncio.Lock] = {}

    async def receive(self, message: InboundMessage) -> Receipt:
        if self.fails_to_store is not None:
            raise self.fails_to_store
        try:
            return await self._stored(message)
        except IntegrityError:
            return await self._stored(message)

    async def _stored(self, message: InboundMessage) -> Receipt:
        async with self._sessions.begin() as session:
            known = await session.scalar(select(InboxRow).where(
                InboxRow.account == message.account, InboxRow.sender == message.conversation,
                InboxRow.dedupe_key == message.dedupe_key))
            if known is not None:
                return Receipt(known.id, known.conversation_id, is_new=False)
            conversation = await session.scalar(select(ConversationRow).where(
                ConversationRow.account == message.account, ConversationRow.sender == message.conversation))
            if conversation is None:
                conversation = ConversationRow(
                    id=secrets.token_hex(16), channel=message.channel.value, account=message.account, sender=message.conversation,
                    created_at=message.received_at, last_message_at=message.received_at)
                session.add(conversation)
                await session.flush()
            row = InboxRow(
                id=secrets.token_hex(16), channel=message.channel.value, account=message.account, sender=message.conversation,
                dedupe_key=message.dedupe_key, conversation_id=conversation.id, kind=message.kind,
                sealed_text=self._cipher.seal(message.text), payload=message.payload, received_at=message.received_at)
            session.add(row)
        self.received.append(message)
        return Receipt(row.id, row.conversation_id, is_new=True)

    async def respond(self, inbox_id: str) -> Reply | None:
        async with self._locks.setdefault(inbox_id, asyncio.Lock()):
            if await self._state(inbox_id) == "received":
                await asyncio.sleep(self.delay_seconds)
                await self._keep(inbox_id)
            return await self._kept(inbox_id)

    async def waiting(self, older_than_seconds: float) -> list[str]:
        self.looks.put_nowait(older_than_seconds)
        if self.fails_to_look is not None:
            raise self.fails_to_look
        before = self._now() - timedelta(seconds=older_than_seconds)
        async with self._sessions() as session:
            rows = await session.scalars(select(InboxRow.id).where(
                InboxRow.state == "received", InboxRow.received_at <= before).order_by(InboxRow.received_at))
            return list(rows)

    async def ask(self, question: str, *, on: date | None = None, region: str | None = None) -> Reply:
        return self.answer(question)

    async def transcript(self, conversation_id: str, after: int = 0) -> list[Line]:
        async with self._sessions() as session:
            rows = await session.scalars(select(MessageRow).where(
                MessageRow.conversation_id == conversation_id, MessageRow.id > after).order_by(MessageRow.id))
            return [Line(row.id, row.author, self._cipher.open(row.sealed_text), row.at) for row in rows]

    async def conversation_of(self, channel: str, sender: str, account: str = "") -> str | None:
        async with self._sessions() as session:
            return await session.scalar(select(ConversationRow.id).where(
                ConversationRow.channel == channel, ConversationRow.account == account, ConversationRow.sender == sender))

    async def advisor_writes(self, conversation_id: str, by: str, text: str) -> None:
        """What the desk does when an advisor replies."""
        async with self._sessions.begin() as session:
            conversation = await session.get_one(ConversationRow, conversation_id)
            message = MessageRow(conversation_id=conversation.id, inbox_id=None, author=by, sealed_text=self._cipher.seal(text),
                                 at=self._now())
            session.add(message)
            await session.flush()
            row = _outbox_row(conversation.channel, conversation.account, conversation.sender, message.id, None, self._now())
            session.add(row)

    async def hand_to(self, conversation_id: str, owner: str) -> None:
        async with self._sessions.begin() as session:
            (await session.get_one(ConversationRow, conversation_id)).owner = owner

    async def _state(self, inbox_id: str) -> str:
        async with self._sessions() as session:
            return (await session.get_one(InboxRow, inbox_id)).state

    async def _keep(self, inbox_id: str) -> None:
        async with self._sessions.begin() as session:
            inbox = await session.get_one(InboxRow, inbox_id)
            self.answered.append(inbox_id)
            inbox.state = "silent" if self.silent else "answered"
            if self.silent:
                return
            reply = self.answer(self._cipher.open(inbox.sealed_text))
            message = MessageRow(
                conversation_id=inbox.conversation_id, inbox_id=inbox.id, author="bot", sealed_text=self._cipher.seal(reply.text),
                sealed_reply=self._cipher.seal(json.dumps(reply.as_dict(), ensure_ascii=False)), at=self._now())
            session.add(message)
            await session.flush()
            session.add(_outbox_row(inbox.channel, inbox.account, inbox.sender, message.id, inbox.id,
                                    inbox.received_at + self._passive))

    async def _kept(self, inbox_id: str) -> Reply | None:
        async with self._sessions() as session:
            row = await session.scalar(select(MessageRow).where(MessageRow.inbox_id == inbox_id, MessageRow.author == "bot"))
            if row is None or row.sealed_reply is None:
                return None
            return Reply.from_dict(json.loads(self._cipher.open(row.sealed_reply)))


def _outbox_row(channel: str, account: str, recipient: str, message_id: int, inbox_id: str | None, due_at: datetime) -> OutboxRow:
    return OutboxRow(
        message_id=message_id, inbox_id=inbox_id, channel=channel, account=account, recipient=recipient, due_at=due_at)
