"""Tables of documents, clauses, releases and the draft. Times are UTC.

Versions of documents and texts are kept by digest and never changed: releases point at them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.database import Base, UtcDateTime

DIGEST = String(64)


class KeptTextRow(Base):
    """A text by the SHA-256 of its UTF-8 bytes: the catalogue's content, the succession table."""

    __tablename__ = "kept_text"

    digest: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class DocumentVersionRow(Base):
    """One version of a document as imported, before succession. digest: of its record and clauses, not of file or source.

    file_sha256, source, remarks, imported_by and imported_at tell of the first import that gave this version."""

    __tablename__ = "document_version"

    digest: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    document_id: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(DIGEST)
    remarks: Mapped[list[str]] = mapped_column(JSON)
    imported_by: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClauseRow(Base):
    """One clause of a document version. digest: of article, heading path and text, to tell changed clauses from moved ones."""

    __tablename__ = "clause"

    version_digest: Mapped[str] = mapped_column(ForeignKey("document_version.digest"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[str] = mapped_column(Text, index=True)
    article: Mapped[str] = mapped_column(Text)
    heading_path: Mapped[list[str]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(DIGEST)


class ReleaseRow(Base):
    """One published release; rows are only ever added. restores: the release whose content a rollback published again."""

    __tablename__ = "knowledge_release"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_hash: Mapped[str] = mapped_column(DIGEST)
    catalogue_digest: Mapped[str] = mapped_column(ForeignKey("kept_text.digest"))
    succession_digest: Mapped[str] = mapped_column(ForeignKey("kept_text.digest"))
    note: Mapped[str] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    restores: Mapped[int | None]


class ReleaseDocumentRow(Base):
    """Which version of which document a release holds."""

    __tablename__ = "release_document"

    release_number: Mapped[int] = mapped_column(ForeignKey("knowledge_release.number"), primary_key=True)
    document_id: Mapped[str] = mapped_column(Text, primary_key=True)
    version_digest: Mapped[str] = mapped_column(ForeignKey("document_version.digest"))


class DraftDocumentRow(Base):
    """One document that the next release will hold otherwise than the current one. version_digest None: not any more."""

    __tablename__ = "draft_document"

    document_id: Mapped[str] = mapped_column(Text, primary_key=True)
    version_digest: Mapped[str | None] = mapped_column(ForeignKey("document_version.digest"))
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftCatalogueRow(Base):
    """The catalogue that the next release will hold, when it is another than the current one's. At most one row."""

    __tablename__ = "draft_catalogue"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    catalogue_digest: Mapped[str] = mapped_column(ForeignKey("kept_text.digest"))
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
