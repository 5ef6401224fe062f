"""Transcripts: the lines of a conversation as both sides saw them."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.consultations import Line
from bot.privacy import FieldCipher
from bot.tables import MessageRow


async def transcript_lines(session: AsyncSession, cipher: FieldCipher, conversation_id: str, after: int = 0) -> list[Line]:
    """Lines with an id above `after`, oldest first, without those a resident had wiped (bot/forgetting.py)."""
    query = select(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.id > after).order_by(MessageRow.id)
    said = ((row, cipher.open(row.sealed_text)) for row in (await session.scalars(query)).all())
    return [
        Line(
            id=row.id,
            author=row.author,
            text=text,
            at=row.at,
            reply=json.loads(cipher.open(row.sealed_reply)) if row.sealed_reply else None,
        )
        for row, text in said
        if text
    ]
