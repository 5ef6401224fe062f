"""Forgetting (删除我的信息): what a resident said to us is wiped from the conversation, and cannot be brought back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.casework.case_storage import StoredCases
from bot.privacy import FieldCipher
from bot.tables import ConversationRow, InboxRow, MessageRow, OutboxRow

WIPED = ""
"""What stands in the place of words that were wiped. Transcripts leave such lines out."""
UNDELIVERED = ("pending", "pull")


async def forget(session: AsyncSession, cipher: FieldCipher, cases: StoredCases, conversation_id: str, at: datetime) -> bool:
    """Wipes the words of both sides, what the bot remembers and what is still on its way out; part of the caller's transaction.

    Kept: messages not answered yet (the wish itself among them); that messages came and when, so that a repeated delivery is
    still recognised; evidence, which holds no personal data; an open case with its record, whose advisor is told. Returns whether
    such a case stands. The bot's memory is wiped here too; a caller that writes a new state writes it after this.
    """
    nothing = cipher.seal(WIPED)
    unanswered = select(InboxRow.id).where(InboxRow.conversation_id == conversation_id, InboxRow.state == "received")
    lines = select(MessageRow.id).where(
        MessageRow.conversation_id == conversation_id,
        or_(MessageRow.inbox_id.is_(None), MessageRow.inbox_id.not_in(unanswered)),
    )
    undelivered = update(OutboxRow).where(OutboxRow.message_id.in_(lines), OutboxRow.state.in_(UNDELIVERED))
    await session.execute(undelivered.values(state="expired", last_error="forgotten"))
    await session.execute(
        update(MessageRow).where(MessageRow.id.in_(lines)).values(sealed_text=nothing, sealed_reply=None)
    )
    await session.execute(
        update(InboxRow)
        .where(InboxRow.conversation_id == conversation_id, InboxRow.state != "received")
        .values(sealed_text=nothing, payload={})
    )
    case_stands = await cases.note_deletion_asked(session, conversation_id, at)
    if not case_stands:
        await session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(sealed_state=None))
    return case_stands
