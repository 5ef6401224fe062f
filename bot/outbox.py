"""The outbox: messages that must reach a resident, each claimed by one worker at a time and never forgotten.

What a crash may do. A message is marked done only after the channel took it, part by part. A process killed before the call to
the platform leaves a claim that runs out: the message is sent then, once. A process killed between the platform's "ok" and our
mark (milliseconds) leaves a part that may be sent again: whether the platform had it cannot be known, and a resident who reads a
line twice is better off than one who never gets it. The same holds for a call whose answer never came.

States of a row, beside those named in bot.tables: "pull" waits for the resident's next message, because the account may not send
on its own. A "passive" row whose sent_at is empty was handed to a connection that has not been finished yet; when its claim runs
out, nobody finished it, and it is sent like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.messages import Channel
from bot.privacy import FieldCipher
from bot.tables import ConversationRow, InboxRow, MessageRow, OutboxRow

BOT = "bot"
SPOKEN_EVEN_IF_HELD = ("crisis", "handoff")
"""Families of replies that still go out although an advisor took the conversation meanwhile: help lines, and the word that a
person comes."""

WAITS_FOR_RESIDENT = "quota"
"""last_error of a row that no quota was left for; the resident's next message opens it again."""

Claim = tuple[OutboxRow, MessageRow, ConversationRow]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as its present holder sees it. author: "bot" or a staff name. reply: the bot's whole reply in the form of
    Reply.as_dict(); None for people's lines. parts_sent: parts the channel already took. claim: counts the claims; a holder
    whose claim ran out and was given to another can no longer mark anything. withheld: the bot's words, but a person has taken
    the conversation since, so they must not go out."""

    id: int
    inbox_id: str | None
    account: str
    recipient: str
    author: str
    text: str
    reply: Mapping[str, Any] | None
    parts_sent: int
    claim: int
    withheld: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """What a reply window is computed from. last_message_at: when the resident last wrote; last_event_at: last tapped, followed
    or scanned; pushes: one moment for each message sent to them on our own since."""

    last_message_at: datetime | None
    last_event_at: datetime | None
    pushes: tuple[datetime, ...] = ()


class Outbox:
    """Delivery's view of the outbox table. Every method is one short transaction; `now` comes from the caller's clock. Read by
    channels; rows are written by the transaction that makes the message, never here."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], cipher: FieldCipher,
                 channel: Channel = Channel.WECHAT) -> None:
        self._sessions = sessions
        self._cipher = cipher
        self._channel = channel.value

    async def claim_passive(self, inbox_id: str, now: datetime, lease: timedelta) -> tuple[Outgoing, ...]:
        """What may be given as the direct answer to this message, oldest first, held until now + lease.

        That is its own reply, and whatever could not be pushed to this resident before. Asked again within the lease (a retry of
        the same message) the same comes out; what a sender has claimed or sent meanwhile does not.
        """
        async with self._sessions.begin() as session:
            inbox = await session.get(InboxRow, inbox_id)
            if inbox is None:
                return ()
            await self._attach_waiting(session, inbox, now)
            claimable = or_(OutboxRow.state == "pending", and_(OutboxRow.state == "passive", OutboxRow.claimed_until > now))
            # Two connections may bring the same message at once: the second waits for the first and gets the same answer.
            found = self._rows(skip_locked=False).where(
                OutboxRow.inbox_id == inbox_id, OutboxRow.parts_sent == 0, claimable).order_by(OutboxRow.id)
            rows = [row for row in await _claims(session, found) if not self._withheld(*row)]
            for outbox, _, _ in rows:
                if outbox.state == "pending":
                    outbox.state, outbox.claimed_until, outbox.sent_at = "passive", now + lease, None
            return tuple(self._outgoing(*row) for row in rows)

    async def mark_given(self, ids: Iterable[int], now: datetime) -> None:
        """The direct answer that carried these was written to the connection to its end."""
        given = update(OutboxRow).where(OutboxRow.id.in_(tuple(ids)), OutboxRow.state == "passive", OutboxRow.sent_at.is_(None))
        async with self._sessions.begin() as session:
            await session.execute(given.values(sent_at=now))

    async def push_instead(self, ids: Iterable[int], now: datetime) -> None:
        """These were claimed as the direct answer and do not fit there: the sender takes them, now."""
        back = update(OutboxRow).where(OutboxRow.id.in_(tuple(ids)), OutboxRow.state == "passive", OutboxRow.sent_at.is_(None))
        async with self._sessions.begin() as session:
            await session.execute(back.values(state="pending", due_at=now, claimed_until=None))

    async def claim_due(self, now: datetime, limit: int, lease: timedelta) -> tuple[Outgoing, ...]:
        """Up to `limit` messages that are due, or whose holder died; each goes to one caller only, until now + lease."""
        due = or_(
            and_(OutboxRow.state == "pending", OutboxRow.due_at <= now),
            and_(OutboxRow.state == "sending", OutboxRow.claimed_until <= now),
            and_(OutboxRow.state == "passive", OutboxRow.sent_at.is_(None), OutboxRow.claimed_until <= now),
        )
        async with self._sessions.begin() as session:
            rows = await _claims(session, self._rows().where(due).order_by(OutboxRow.due_at, OutboxRow.id).limit(limit))
            for outbox, _, _ in rows:
                outbox.state, outbox.claimed_until = "sending", now + lease
                outbox.attempts += 1
            return tuple(self._outgoing(*row) for row in rows)

    async def mark_part_sent(self, outgoing: Outgoing, parts: int) -> bool:
        """The channel took the first `parts` parts. False: the claim was lost, stop sending."""
        return await self._mark(outgoing, parts_sent=parts)

    async def mark_sent(self, outgoing: Outgoing, now: datetime) -> bool:
        return await self._mark(outgoing, state="sent", sent_at=now, claimed_until=None, last_error=None)

    async def mark_failed(self, outgoing: Outgoing, error: str, retry_at: datetime | None) -> bool:
        """Not taken. retry_at None: given up, with the error kept for the people at the desk."""
        if retry_at is None:
            return await self._mark(outgoing, state="failed", claimed_until=None, last_error=error)
        return await self._mark(outgoing, state="pending", due_at=retry_at, claimed_until=None, last_error=error)

    async def mark_expired(self, outgoing: Outgoing, error: str) -> bool:
        """The time in which this resident could be written to is over."""
        return await self._mark(outgoing, state="expired", claimed_until=None, last_error=error)

    async def wait_for_resident(self, outgoing: Outgoing, until: datetime) -> bool:
        """No message is left in the resident's quota: theirs comes first. Looked at again at `until`, when the window ends."""
        return await self._mark(outgoing, state="pending", due_at=until, claimed_until=None, last_error=WAITS_FOR_RESIDENT)

    async def hold_for_pull(self, outgoing: Outgoing, error: str) -> bool:
        """The account may not send: it goes out, whole, in the direct answer to the resident's next message."""
        return await self._mark(outgoing, state="pull", parts_sent=0, claimed_until=None, last_error=error)

    async def contact(self, account: str, recipient: str, since: datetime) -> Contact:
        """When the resident was last heard of, and what we sent on our own since that moment."""
        async with self._sessions() as session:
            message_at = await session.scalar(self._last_heard(account, recipient).where(InboxRow.kind != "event"))
            event_at = await session.scalar(self._last_heard(account, recipient).where(InboxRow.kind == "event"))
            pushed = select(OutboxRow.parts_sent, OutboxRow.sent_at, OutboxRow.due_at).where(
                OutboxRow.channel == self._channel, OutboxRow.account == account, OutboxRow.recipient == recipient,
                OutboxRow.parts_sent > 0, or_(OutboxRow.sent_at.is_(None), OutboxRow.sent_at >= since))
            # A message of which only some parts went out has no sent_at yet: the moment it was due stands for it.
            rows = (await session.execute(pushed)).all()
        return Contact(message_at, event_at, tuple(at or due for parts, at, due in rows for _ in range(parts)))

    def _last_heard(self, account: str, sender: str) -> Select[datetime | None]:
        return select(func.max(InboxRow.received_at)).where(
            InboxRow.channel == self._channel, InboxRow.account == account, InboxRow.sender == sender)

    def _rows(self, *, skip_locked: bool = True) -> Select[OutboxRow, MessageRow, ConversationRow]:
        joined = select(OutboxRow, MessageRow, ConversationRow).join(MessageRow, OutboxRow.message_id == MessageRow.id)
        return joined.join(ConversationRow, MessageRow.conversation_id == ConversationRow.id).where(
            OutboxRow.channel == self._channel).with_for_update(of=OutboxRow, skip_locked=skip_locked)

    async def _attach_waiting(self, session: AsyncSession, inbox: InboxRow, now: datetime) -> None:
        # What waited for the resident rides on this message from now on, so that a retry of it finds the same.
        waits: ColumnElement[bool] = or_(
            OutboxRow.state == "pull", and_(OutboxRow.state == "pending", OutboxRow.last_error == WAITS_FOR_RESIDENT))
        await session.execute(update(OutboxRow).where(
            OutboxRow.channel == inbox.channel, OutboxRow.account == inbox.account, OutboxRow.recipient == inbox.sender,
            waits).values(state="pending", due_at=now, inbox_id=inbox.id, last_error=None))

    async def _mark(self, outgoing: Outgoing, **values: Any) -> bool:
        if isinstance(values.get("last_error"), str):
            values["last_error"] = values["last_error"][:200]
        mine = update(OutboxRow).where(
            OutboxRow.id == outgoing.id, OutboxRow.state == "sending", OutboxRow.attempts == outgoing.claim)
        async with self._sessions.begin() as session:
            result = await session.execute(mine.values(**values))
        return isinstance(result, CursorResult) and result.rowcount == 1

    def _withheld(self, _outbox: OutboxRow, message: MessageRow, conversation: ConversationRow) -> bool:
        if message.author != BOT or conversation.owner == BOT:
            return False
        reply = self._reply(message)
        return str((reply or {}).get("status", "")).split("_", 1)[0] not in SPOKEN_EVEN_IF_HELD

    def _reply(self, message: MessageRow) -> Mapping[str, Any] | None:
        if message.sealed_reply is None:
            return None
        reply: Mapping[str, Any] = json.loads(self._cipher.open(message.sealed_reply))
        return reply

    def _outgoing(self, outbox: OutboxRow, message: MessageRow, conversation: ConversationRow) -> Outgoing:
        return Outgoing(
            id=outbox.id, inbox_id=outbox.inbox_id, account=outbox.account, recipient=outbox.recipient, author=message.author,
            text=self._cipher.open(message.sealed_text), reply=self._reply(message), parts_sent=outbox.parts_sent,
            claim=outbox.attempts, withheld=self._withheld(outbox, message, conversation))


async def _claims(session: AsyncSession, statement: Select[OutboxRow, MessageRow, ConversationRow]) -> Sequence[Claim]:
    return [(outbox, message, conversation) for outbox, message, conversation in (await session.execute(statement)).all()]
