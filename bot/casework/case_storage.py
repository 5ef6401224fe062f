"""The queue of cases in the database: histories that only grow, and the conversation's owner changed with them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.casework.cases import OUTCOMES, PRIORITIES, Case, CaseConflictError, CaseEvent, CaseNotFoundError, CaseSummary
from bot.messages import Handoff
from bot.privacy import FieldCipher, mask_numbers_of_identity
from bot.staff import Staff
from bot.tables import CaseEventRow, CaseRow, ConversationRow, MessageRow, OutboxRow
from bot.transcripts import transcript_lines

BOT = "bot"
RESIDENT = "resident"


class StoredCases:
    """Cases kept in the database; a bot.casework.cases.CaseQueue. now: the clock, UTC."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], cipher: FieldCipher, now: Callable[[], datetime]) -> None:
        self._sessions, self._cipher, self._now = sessions, cipher, now

    # ---- opened and extended by the bot, within its own transaction ---------------------------------------------------

    async def open_or_extend(
        self, session: AsyncSession, conversation_id: str, record: dict[str, Any], handoff: Handoff, at: datetime
    ) -> str:
        """The conversation's case: opened if there is none that is not closed, else its record renewed and its priority raised
        when this is graver. Part of the caller's transaction."""
        row = await session.scalar(
            select(CaseRow).where(CaseRow.conversation_id == conversation_id, CaseRow.state != "closed").with_for_update()
        )
        priority = handoff.priority or "R"
        if row is None:
            row = self._opened(conversation_id, record, priority, handoff.reason or "", at)
            session.add(row)
            await session.flush()
            await self._add_event(session, row, "opened", BOT, {"reason": handoff.reason, "priority": priority}, at)
            return row.id
        created = json.loads(self._cipher.open(row.sealed_record)).get("created_at", record["created_at"])
        row.sealed_record = self._sealed({**record, "created_at": created, "updated_at": at.isoformat()})
        row.subdistrict = record["subdistrict"] or row.subdistrict
        if PRIORITIES.index(priority) < row.priority_order:
            row.priority, row.priority_order, row.reason = priority, PRIORITIES.index(priority), handoff.reason or row.reason
            await self._add_event(session, row, "urgency_raised", BOT, {"reason": handoff.reason, "priority": priority}, at)
        else:
            await self._add_event(session, row, "fact_changed", BOT, {}, at)
        return row.id

    async def note_deletion_asked(self, session: AsyncSession, conversation_id: str, at: datetime) -> bool:
        """The resident wants their data deleted: said in the history of the conversation's open case, which is kept until it is
        closed. False when there is none. Part of the caller's transaction."""
        row = await session.scalar(
            select(CaseRow).where(CaseRow.conversation_id == conversation_id, CaseRow.state != "closed").with_for_update()
        )
        if row is not None:
            await self._add_event(session, row, "deletion_asked", RESIDENT, {}, at)
        return row is not None

    def _opened(self, conversation_id: str, record: dict[str, Any], priority: str, reason: str, at: datetime) -> CaseRow:
        return CaseRow(
            id=secrets.token_hex(8),
            conversation_id=conversation_id,
            opened_at=at,
            last_event_at=at,
            state="open",
            owner=None,
            priority=priority,
            priority_order=PRIORITIES.index(priority),
            reason=reason,
            subdistrict=record["subdistrict"],
            sealed_record=self._sealed(record),
        )

    # ---- read by the desk ------------------------------------------------------------------------------------------------

    async def list_cases(
        self, viewer: Staff, *, state: str = "waiting", limit: int = 50, offset: int = 0
    ) -> Sequence[CaseSummary]:
        rows = select(CaseRow, ConversationRow.channel).join(ConversationRow, CaseRow.conversation_id == ConversationRow.id)
        query = _within(rows, viewer)
        if state == "mine":
            query = query.where(CaseRow.owner == viewer.name, CaseRow.state == "claimed")
        elif state == "waiting":
            query = query.where(CaseRow.state.in_(("open", "claimed")))
        else:
            query = query.where(CaseRow.state == state)
        newest = CaseRow.last_event_at.desc() if state == "closed" else CaseRow.opened_at
        query = query.order_by(CaseRow.priority_order, newest, CaseRow.id).limit(limit).offset(offset)
        async with self._sessions() as session:
            return [self._summary(row, channel) for row, channel in (await session.execute(query)).all()]

    async def case(self, case_id: str, viewer: Staff) -> Case:
        async with self._sessions() as session:
            row = await self._row(session, case_id, viewer)
            channel = await session.scalar(select(ConversationRow.channel).where(ConversationRow.id == row.conversation_id))
            history = select(CaseEventRow).where(CaseEventRow.case_id == case_id).order_by(CaseEventRow.number)
            events = (await session.scalars(history)).all()
            lines = await transcript_lines(session, self._cipher, row.conversation_id)
            return Case(
                summary=self._summary(row, channel or ""),
                conversation_id=row.conversation_id,
                record=json.loads(self._cipher.open(row.sealed_record)),
                events=tuple(self._event(event) for event in events),
                transcript=tuple(replace(line, text=mask_numbers_of_identity(line.text)) for line in lines),
            )

    # ---- changed by advisors, one transaction each -------------------------------------------------------------------------

    async def claim(self, case_id: str, by: Staff) -> None:
        async with self._sessions.begin() as session:
            row = await self._row(session, case_id, by)
            if row.state == "claimed" and row.owner == by.name:
                return
            claimed = await session.execute(
                update(CaseRow)
                .where(CaseRow.id == case_id, CaseRow.state == "open")
                .values(state="claimed", owner=by.name)
                .execution_options(synchronize_session=False)
            )
            if claimed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result always counts rows
                await session.refresh(row)
                raise CaseConflictError(f"case {case_id} is {row.state}, held by {row.owner}", row.owner)
            await session.refresh(row)
            await self._give_conversation(session, row.conversation_id, by.name)
            await self._add_event(session, row, "claimed", by.name, {}, self._now())

    async def release(self, case_id: str, by: Staff) -> None:
        async with self._sessions.begin() as session:
            row = await self._held(session, case_id, by)
            row.state, row.owner = "open", None
            await self._give_conversation(session, row.conversation_id, BOT)
            await self._add_event(session, row, "released", by.name, {}, self._now())

    async def reply(self, case_id: str, by: Staff, text: str) -> None:
        text = text.strip()
        if not text:
            raise ValueError("an empty reply cannot be sent: write what the resident should read")
        async with self._sessions.begin() as session:
            row = await self._held(session, case_id, by)
            now = self._now()
            conversation = await session.get_one(ConversationRow, row.conversation_id)
            message = MessageRow(
                conversation_id=row.conversation_id, author=by.name, sealed_text=self._cipher.seal(text), evidence={}, at=now
            )
            session.add(message)
            await session.flush()
            if conversation.channel == "wechat":
                session.add(_delivery(conversation, message.id, now))
            await self._add_event(session, row, "replied", by.name, {"message_id": message.id}, now)

    async def note(self, case_id: str, by: Staff, text: str) -> None:
        text = text.strip()
        if not text:
            raise ValueError("an empty note cannot be kept: write what your colleagues should know")
        async with self._sessions.begin() as session:
            row = await self._row(session, case_id, by)
            await self._add_event(session, row, "note_added", by.name, {"text": text}, self._now())

    async def close(self, case_id: str, by: Staff, outcome: str, reason: str) -> None:
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome '{outcome}' is not known; wanted one of {', '.join(OUTCOMES)}")
        async with self._sessions.begin() as session:
            row = await self._held(session, case_id, by)
            row.state = "closed"
            await self._give_conversation(session, row.conversation_id, BOT)
            await self._add_event(session, row, "closed", by.name, {"outcome": outcome, "reason": reason.strip()}, self._now())

    # ---- within a transaction -----------------------------------------------------------------------------------------------

    async def _row(self, session: AsyncSession, case_id: str, viewer: Staff) -> CaseRow:
        row = await session.get(CaseRow, case_id)
        if row is None or not viewer.sees(row.subdistrict):
            raise CaseNotFoundError(f"no case '{case_id}' within the subdistricts of {viewer.name}")
        return row

    async def _held(self, session: AsyncSession, case_id: str, by: Staff) -> CaseRow:
        row = await self._row(session, case_id, by)
        if row.state != "claimed" or row.owner != by.name:
            raise CaseConflictError(f"case {case_id} is {row.state}, held by {row.owner}, not by {by.name}", row.owner)
        return row

    async def _give_conversation(self, session: AsyncSession, conversation_id: str, owner: str) -> None:
        await session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation_id)
            .values(owner=owner, version=ConversationRow.version + 1)
        )

    async def _add_event(
        self, session: AsyncSession, row: CaseRow, kind: str, by: str, data: dict[str, Any], at: datetime
    ) -> None:
        last = await session.scalar(select(func.max(CaseEventRow.number)).where(CaseEventRow.case_id == row.id))
        sealed = self._sealed(data) if data else None
        session.add(CaseEventRow(case_id=row.id, number=(last or 0) + 1, kind=kind, at=at, by=by, sealed_data=sealed))
        row.last_event_at = at
        await session.flush()

    def _event(self, row: CaseEventRow) -> CaseEvent:
        data = json.loads(self._cipher.open(row.sealed_data)) if row.sealed_data else {}
        return CaseEvent(row.number, row.kind, row.at, row.by, data)

    def _summary(self, row: CaseRow, channel: str) -> CaseSummary:
        record = json.loads(self._cipher.open(row.sealed_record))
        names = [a["name"] for a in record.get("assessments", []) if a.get("likelihood") == "likely"]
        return CaseSummary(
            case_id=row.id,
            state=row.state,
            owner=row.owner,
            priority=row.priority,
            reason=row.reason,
            subdistrict=row.subdistrict,
            channel=channel,
            opened_at=row.opened_at,
            last_event_at=row.last_event_at,
            wish=record.get("wish", ""),
            programmes=tuple(names),
        )

    def _sealed(self, data: dict[str, Any]) -> str:
        return self._cipher.seal(json.dumps(data, ensure_ascii=False))


def _within(query: Select[CaseRow, str], viewer: Staff) -> Select[CaseRow, str]:
    """Only cases of the viewer's subdistricts, and those whose subdistrict nobody knows yet."""
    return query.where(CaseRow.subdistrict.in_((*viewer.subdistricts, ""))) if viewer.subdistricts else query


def _delivery(conversation: ConversationRow, message_id: int, due_at: datetime) -> OutboxRow:
    return OutboxRow(
        message_id=message_id,
        inbox_id=None,
        channel=conversation.channel,
        account=conversation.account,
        recipient=conversation.sender,
        due_at=due_at,
    )
