"""Tables of conversations, messages, replies, deliveries, cases and staff. Times are UTC.

Columns called sealed_… hold text encrypted by bot.privacy.FieldCipher: residents' words, records, identities.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime


class ConversationRow(Base):
    """One resident's talk with us on one channel. owner: "bot", or the staff name that holds it. version rises with every change
    of state or owner: who writes must have read the newest."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64), default="")
    sender: Mapped[str] = mapped_column(String(128))
    owner: Mapped[str] = mapped_column(String(64), default="bot")
    version: Mapped[int] = mapped_column(default=0)
    sealed_state: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("channel", "account", "sender"),)


class InboxRow(Base):
    """One message that arrived. state: received → answered | silent (a person holds the conversation) | failed.

    attempts counts how often answering it was begun: a message that keeps crashing us is given up with a fixed reply.
    """

    __tablename__ = "inbox"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64), default="")
    sender: Mapped[str] = mapped_column(String(128))
    dedupe_key: Mapped[str] = mapped_column(String(160))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16), default="text")
    sealed_text: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default="received", index=True)
    attempts: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("channel", "account", "sender", "dedupe_key"),)


class MessageRow(Base):
    """One line of the transcript as both sides saw it. author: resident, bot, or a staff name. inbox_id: what a bot line answers.

    evidence: release, clause ids and scores, status, timing: no personal data. sealed_reply: the whole reply as JSON.
    """

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    inbox_id: Mapped[str | None] = mapped_column(ForeignKey("inbox.id"), index=True)
    author: Mapped[str] = mapped_column(String(64))
    sealed_text: Mapped[str] = mapped_column(Text)
    sealed_reply: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutboxRow(Base):
    """One message to deliver to a resident. state: pending → sending → sent | failed | expired; passive: given to the channel as
    the direct answer of the callback. Written in the transaction that made the message. due_at: not tried before;
    claimed_until: a worker that dies loses its claim then."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    inbox_id: Mapped[str | None] = mapped_column(ForeignKey("inbox.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64), default="")
    recipient: Mapped[str] = mapped_column(String(128), index=True)
    state: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    parts_sent: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_outbox_state_due_at", "state", "due_at"),)


class CaseRow(Base):
    """One case: an intake record in the queue. state, owner, priority, subdistrict and last_event_at repeat what its events say,
    written in the same transaction, so that the queue can be listed."""

    __tablename__ = "casework"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_event_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), index=True)      # open, claimed, closed
    owner: Mapped[str | None] = mapped_column(String(64))
    priority: Mapped[str] = mapped_column(String(4))                # S, P1, P2, R
    priority_order: Mapped[int] = mapped_column(index=True)         # 0 = S
    reason: Mapped[str] = mapped_column(String(40))
    subdistrict: Mapped[str] = mapped_column(String(20), default="", index=True)
    sealed_record: Mapped[str] = mapped_column(Text)


class CaseEventRow(Base):
    """One thing that happened to a case, past tense, only ever added. sealed_data: what it carries, as JSON."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("casework.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(64))
    sealed_data: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("case_id", "number"),)


class StaffRow(Base):
    """Somebody who signs in. roles: advisor, editor, supervisor, admin. subdistricts: where an advisor sees cases; empty: all."""

    __tablename__ = "staff"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    subdistricts: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ChannelStateRow(Base):
    """Small shared state of a channel (access token with its end, replayed nonces), one row a key."""

    __tablename__ = "channel_state"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    sealed_value: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
