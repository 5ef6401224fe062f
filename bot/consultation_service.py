"""Consultations on the database: every message stored before anything else, answered once, kept in one transaction."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.answering.drafts import to_reply
from bot.answering.fixed import crisis_draft, fixed_draft
from bot.casework.case_storage import StoredCases
from bot.casework.intake_record import intake_record
from bot.clock import shanghai_day
from bot.consultation import Consulted, Office, consult
from bot.consultations import Line, Receipt
from bot.conversation import ConversationState
from bot.forgetting import forget
from bot.handoff import decide_handoff
from bot.messages import Channel, Handoff, InboundMessage, Reply, Status
from bot.privacy import FieldCipher
from bot.safety import find_danger
from bot.tables import ConversationRow, InboxRow, MessageRow, OutboxRow
from bot.transcripts import transcript_lines
from bot.understanding.routing import Route

LOG = logging.getLogger("bot.consultations")
PASSIVE_SECONDS = 6
"""A WeChat answer may leave as the callback's direct reply for so long; after that the sender pushes it."""
MOST_ATTEMPTS = 3
"""A message whose answering was begun so often and never ended gets the fixed error reply."""
FORGETS = (Status.ANSWERED_FORGOTTEN, Status.ANSWERED_FORGOTTEN_BUT_CASE)
RESIDENT = "resident"
BOT = "bot"


class ConsultationService:
    """bot.consultations.Consultations over the database. office: the current release, asked anew for each message."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        cipher: FieldCipher,
        cases: StoredCases,
        office: Callable[[], Office],
        now: Callable[[], datetime],
    ) -> None:
        self._sessions, self._cipher, self._cases, self._office, self._now = sessions, cipher, cases, office, now
        self._running: dict[str, asyncio.Task[Reply | None]] = {}
        self._conversation_locks: dict[str, tuple[asyncio.Lock, int]] = {}

    # ---- receive ---------------------------------------------------------------------------------------------------------

    async def receive(self, message: InboundMessage) -> Receipt:
        try:
            return await self._receive(message)
        except IntegrityError:
            # Another worker stored this message, or made its conversation, in the same moment: now it is there to be found.
            return await self._receive(message)

    async def _receive(self, message: InboundMessage) -> Receipt:
        async with self._sessions.begin() as session:
            known = await session.scalar(
                select(InboxRow).where(
                    InboxRow.channel == message.channel.value,
                    InboxRow.account == message.account,
                    InboxRow.sender == message.conversation,
                    InboxRow.dedupe_key == message.dedupe_key,
                )
            )
            if known is not None:
                return Receipt(known.id, known.conversation_id, is_new=False)
            conversation = await self._conversation(session, message)
            inbox = InboxRow(
                id=secrets.token_hex(16),
                channel=message.channel.value,
                account=message.account,
                sender=message.conversation,
                dedupe_key=message.dedupe_key,
                conversation_id=conversation.id,
                kind=message.kind,
                sealed_text=self._cipher.seal(message.text),
                payload=message.payload,
                received_at=message.received_at,
            )
            session.add(inbox)
            await session.flush()
            if message.text.strip():
                session.add(self._resident_line(conversation.id, inbox.id, message))
            return Receipt(inbox.id, conversation.id, is_new=True)

    async def _conversation(self, session: AsyncSession, message: InboundMessage) -> ConversationRow:
        row = await session.scalar(
            select(ConversationRow).where(
                ConversationRow.channel == message.channel.value,
                ConversationRow.account == message.account,
                ConversationRow.sender == message.conversation,
            )
        )
        if row is None:
            row = ConversationRow(
                id=secrets.token_hex(16),
                channel=message.channel.value,
                account=message.account,
                sender=message.conversation,
                created_at=message.received_at,
                last_message_at=message.received_at,
            )
            session.add(row)
            await session.flush()
        row.last_message_at = message.received_at
        return row

    def _resident_line(self, conversation_id: str, inbox_id: str, message: InboundMessage) -> MessageRow:
        return MessageRow(
            conversation_id=conversation_id,
            inbox_id=inbox_id,
            author=RESIDENT,
            sealed_text=self._cipher.seal(message.text),
            evidence={},
            at=message.received_at,
        )

    # ---- respond ---------------------------------------------------------------------------------------------------------

    async def respond(self, inbox_id: str) -> Reply | None:
        task = self._running.get(inbox_id)
        if task is None:
            task = asyncio.create_task(self._respond(inbox_id))
            self._running[inbox_id] = task
            task.add_done_callback(lambda _: self._running.pop(inbox_id, None))
        # Shielded: a caller that stops waiting (WeChat's deadline) does not stop the answer.
        return await asyncio.shield(task)

    async def _respond(self, inbox_id: str) -> Reply | None:
        conversation_id = await self._conversation_id(inbox_id)
        async with self._turn(conversation_id):
            while True:
                done, reply = await self._attempt(inbox_id)
                if done:
                    return reply

    async def _conversation_id(self, inbox_id: str) -> str:
        async with self._sessions() as session:
            row = await session.get(InboxRow, inbox_id)
            if row is None:
                raise LookupError(f"no message '{inbox_id}' in the inbox")
            return row.conversation_id

    def _turn(self, conversation_id: str) -> AbstractAsyncContextManager[None]:
        """One message of a conversation at a time within this process; the version column guards against other processes."""

        @asynccontextmanager
        async def turn() -> AsyncIterator[None]:
            lock, users = self._conversation_locks.get(conversation_id, (asyncio.Lock(), 0))
            self._conversation_locks[conversation_id] = (lock, users + 1)
            try:
                async with lock:
                    yield
            finally:
                lock, users = self._conversation_locks.pop(conversation_id)
                if users > 1:
                    self._conversation_locks[conversation_id] = (lock, users - 1)

        return turn()

    async def _attempt(self, inbox_id: str) -> tuple[bool, Reply | None]:
        """One try: read, think without holding the database, keep. (False, None): somebody changed the conversation meanwhile."""
        async with self._sessions.begin() as session:
            inbox = await session.get_one(InboxRow, inbox_id)
            if inbox.state != "received":
                return True, await self._kept_reply(session, inbox_id)
            conversation = await session.get_one(ConversationRow, inbox.conversation_id)
            inbox.attempts += 1
            attempts, version, owner = inbox.attempts, conversation.version, conversation.owner
            text, kind, at = self._cipher.open(inbox.sealed_text), inbox.kind, inbox.received_at
            payload = dict(inbox.payload)
            state = self._state(conversation)
        started = time.perf_counter()
        office = self._office()
        if owner != BOT and find_danger(text) is None:
            return await self._keep_silence(inbox_id, version)
        consulted = await asyncio.to_thread(
            self._think, text, state, office, at=at, on=shanghai_day(at), kind=kind, payload=payload, attempts=attempts
        )
        reply = replace(consulted.reply, elapsed_ms=(time.perf_counter() - started) * 1000)
        return await self._keep(inbox_id, version, replace(consulted, reply=reply), office, at)

    def _think(
        self,
        text: str,
        state: ConversationState,
        office: Office,
        *,
        at: datetime,
        on: date,
        kind: str = "text",
        payload: Mapping[str, object] = MappingProxyType({}),
        attempts: int = 1,
    ) -> Consulted:
        """The outermost ring: whatever goes wrong inside, the resident gets a reply, and danger is never missed for it."""
        try:
            if attempts > MOST_ATTEMPTS:
                return self._failed(text, state, office, on)
            if kind != "text" and not text.strip():
                return _not_readable(kind, payload, state, office, on)
            return consult(text, state, office, on=on, at=at)
        except Exception:
            LOG.exception("answering failed")
            return self._failed(text, state, office, on)

    def _failed(self, text: str, state: ConversationState, office: Office, on: date) -> Consulted:
        danger = find_danger(text)
        catalogue = office.knowledge.catalogue
        draft = crisis_draft(danger, catalogue, on) if danger else fixed_draft(Status.ERROR_UNEXPECTED, catalogue)
        handoff = decide_handoff(
            route=Route.QUESTION,
            danger=danger,
            accepted_offer=False,
            likely=(),
            complaint=False,
            urgent_money=False,
            unanswered_in_row=1,
            refused_family=False,
        )
        reply = replace(to_reply(draft, on), handoff=handoff, release=office.knowledge.release)
        return Consulted(reply, replace(state, unanswered=state.unanswered + 1), evidence={"status": reply.status.value})

    # ---- keep ------------------------------------------------------------------------------------------------------------

    async def _keep(
        self, inbox_id: str, version: int, consulted: Consulted, office: Office, at: datetime
    ) -> tuple[bool, Reply | None]:
        async with self._sessions.begin() as session:
            inbox = await session.get_one(InboxRow, inbox_id)
            if not await self._still_ours(session, inbox, version):
                if inbox.state != "received":
                    return True, await self._kept_reply(session, inbox_id)
                await session.rollback()
                return False, None
            now = self._now()
            state = consulted.state
            if consulted.reply.handoff.required or state.case_id:
                state = await self._keep_case(session, inbox, consulted, office, now)
            if consulted.reply.status in FORGETS:
                await forget(session, self._cipher, self._cases, inbox.conversation_id, now)
            await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == inbox.conversation_id)
                .values(sealed_state=self._cipher.seal(state.to_json()), version=version + 1)
            )
            message = MessageRow(
                conversation_id=inbox.conversation_id,
                inbox_id=inbox_id,
                author=BOT,
                sealed_text=self._cipher.seal(consulted.reply.text),
                sealed_reply=self._cipher.seal(json.dumps(consulted.reply.as_dict(), ensure_ascii=False)),
                evidence=consulted.evidence,
                at=now,
            )
            session.add(message)
            await session.flush()
            if inbox.channel == Channel.WECHAT.value:
                session.add(_answer_delivery(inbox, message.id))
            inbox.state = "answered"
        return True, consulted.reply

    async def _still_ours(self, session: AsyncSession, inbox: InboxRow, version: int) -> bool:
        """Nobody answered this message or changed the conversation (another message, an advisor's claim) since we read it."""
        locked = await session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == inbox.conversation_id, ConversationRow.version == version)
            .values(version=version)
        )
        await session.refresh(inbox)
        return locked.rowcount == 1 and inbox.state == "received"  # type: ignore[attr-defined]  # an UPDATE's result counts rows

    async def _keep_case(
        self, session: AsyncSession, inbox: InboxRow, consulted: Consulted, office: Office, now: datetime
    ) -> ConversationState:
        state, handoff = consulted.state, consulted.reply.handoff
        if not handoff.required and state.case_id and not consulted.evidence.get("facts"):
            return state
        if handoff.required:
            state = replace(state, consent={**state.consent, "handoff": now.isoformat()})
        record = intake_record(
            state,
            consulted.assessments,
            handoff,
            office.knowledge.catalogue,
            channel=inbox.channel,
            release=office.knowledge.release,
            on=shanghai_day(inbox.received_at),
            at=now,
        )
        graver = handoff if handoff.required else Handoff(reason=None, priority="R")
        case_id = await self._cases.open_or_extend(session, inbox.conversation_id, record, graver, now)
        return replace(state, case_id=case_id)

    async def _keep_silence(self, inbox_id: str, version: int) -> tuple[bool, Reply | None]:
        async with self._sessions.begin() as session:
            inbox = await session.get_one(InboxRow, inbox_id)
            if not await self._still_ours(session, inbox, version):
                return (True, await self._kept_reply(session, inbox_id)) if inbox.state != "received" else (False, None)
            inbox.state = "silent"
        return True, None

    async def _kept_reply(self, session: AsyncSession, inbox_id: str) -> Reply | None:
        row = await session.scalar(select(MessageRow).where(MessageRow.inbox_id == inbox_id, MessageRow.author == BOT))
        if row is None or row.sealed_reply is None:
            return None
        return Reply.from_dict(json.loads(self._cipher.open(row.sealed_reply)))

    # ---- read ------------------------------------------------------------------------------------------------------------

    async def waiting(self, older_than_seconds: float) -> list[str]:
        before = self._now() - timedelta(seconds=older_than_seconds)
        unanswered = select(InboxRow.id).where(InboxRow.state == "received", InboxRow.received_at <= before)
        query = unanswered.order_by(InboxRow.received_at)
        async with self._sessions() as session:
            return [inbox_id for inbox_id in (await session.scalars(query)).all() if inbox_id not in self._running]

    async def ask(self, question: str, *, on: date | None = None, region: str | None = None) -> Reply:
        now = self._now()
        office = self._office()
        if region is not None:
            office = replace(office, region=region)
        started = time.perf_counter()
        consulted = await asyncio.to_thread(
            self._think, question, ConversationState(), office, at=now, on=on or shanghai_day(now)
        )
        return replace(consulted.reply, elapsed_ms=(time.perf_counter() - started) * 1000)

    async def transcript(self, conversation_id: str, after: int = 0) -> list[Line]:
        async with self._sessions() as session:
            return await transcript_lines(session, self._cipher, conversation_id, after)

    async def state(self, conversation_id: str) -> ConversationState:
        """What the bot remembers of a conversation."""
        async with self._sessions() as session:
            row = await session.get_one(ConversationRow, conversation_id)
            return self._state(row)

    def _state(self, row: ConversationRow) -> ConversationState:
        return ConversationState.from_json(self._cipher.open(row.sealed_state) if row.sealed_state else None)

    async def conversation_of(self, channel: str, sender: str, account: str = "") -> str | None:
        async with self._sessions() as session:
            return await session.scalar(
                select(ConversationRow.id).where(
                    ConversationRow.channel == channel, ConversationRow.account == account, ConversationRow.sender == sender
                )
            )


def _not_readable(kind: str, payload: Mapping[str, object], state: ConversationState, office: Office, on: date) -> Consulted:
    """Pictures, voice without words, places: said kindly; a new follower is greeted."""
    greeting = kind == "event" and payload.get("event") in ("subscribe", "SCAN", "CLICK")
    status = Status.ANSWERED_GREETING if greeting else Status.UNANSWERED_MEDIA
    draft = fixed_draft(status, office.knowledge.catalogue)
    offered = Handoff(offered=True, reason="always_possible", priority="R")
    reply = replace(to_reply(draft, on), handoff=offered, release=office.knowledge.release)
    return Consulted(reply, state, evidence={"status": status.value, "kind": kind})


def _answer_delivery(inbox: InboxRow, message_id: int) -> OutboxRow:
    return OutboxRow(
        message_id=message_id,
        inbox_id=inbox.id,
        channel=inbox.channel,
        account=inbox.account,
        recipient=inbox.sender,
        due_at=inbox.received_at + timedelta(seconds=PASSIVE_SECONDS),
    )
