"""Tables of documents, clauses, releases and the draft. Times are UTC.

Versions of documents and texts are kept by digest and never changed: releases point at them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, String, Text
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

    file_sha256, source, remarks, proposals, imported_by and imported_at tell of the first import that gave this version.
    proposals: what was read of each field, how sure that is and where it stands, as knowledge.documents.proposals writes it."""

    __tablename__ = "document_version"

    digest: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    document_id: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(DIGEST)
    remarks: Mapped[list[str]] = mapped_column(JSON)
    proposals: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    imported_by: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClauseRow(Base):
    """One clause of a document version. digest: of article, heading path and text, to tell changed clauses from moved ones.

    place, confidence: where the original has it and how surely it was read from a picture; no part of the digest."""

    __tablename__ = "clause"

    version_digest: Mapped[str] = mapped_column(ForeignKey("document_version.digest"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    clause_id: Mapped[str] = mapped_column(Text, index=True)
    article: Mapped[str] = mapped_column(Text)
    heading_path: Mapped[list[str]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(DIGEST)
    place: Mapped[str] = mapped_column(Text, default="", server_default="")
    confidence: Mapped[float | None] = mapped_column(Float)


class ReadFileRow(Base):
    """What a file gave when it was last read: the same bytes, read by the same program with the same manifest entry, need no
    second reading. key: digest of all these."""

    __tablename__ = "read_file"

    key: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    document_id: Mapped[str] = mapped_column(Text)
    version_digest: Mapped[str] = mapped_column(ForeignKey("document_version.digest"))


class ClauseCorrectionRow(Base):
    """What a person made of the words of one clause, laid over every import of the document. original: the words it replaces."""

    __tablename__ = "clause_correction"

    document_id: Mapped[str] = mapped_column(Text, primary_key=True)
    clause_id: Mapped[str] = mapped_column(Text, primary_key=True)
    original: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    corrected_by: Mapped[str] = mapped_column(String(64))
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FieldCorrectionRow(Base):
    """What a person says of one field of a document, laid over every import of it. value: as JSON; null: nothing is known."""

    __tablename__ = "field_correction"

    document_id: Mapped[str] = mapped_column(Text, primary_key=True)
    field: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    corrected_by: Mapped[str] = mapped_column(String(64))
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleaseRow(Base):
    """One published release; rows are only ever added. restores: the release whose content a rollback published again; withdraws:
    the document that was taken out at once. approved_by: who looked at it beside the last changer; override: why it was published
    without a second person, or against a severe finding. bundle_digest: the bundled handbook that its catalogue was founded on or
    last merged with."""

    __tablename__ = "knowledge_release"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_hash: Mapped[str] = mapped_column(DIGEST)
    catalogue_digest: Mapped[str] = mapped_column(ForeignKey("kept_text.digest"))
    bundle_digest: Mapped[str] = mapped_column(ForeignKey("kept_text.digest"))
    succession_digest: Mapped[str] = mapped_column(ForeignKey("kept_text.digest"))
    note: Mapped[str] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    restores: Mapped[int | None]
    withdraws: Mapped[str | None] = mapped_column(Text)
    approved_by: Mapped[str | None] = mapped_column(String(64))
    override: Mapped[str] = mapped_column(Text, default="", server_default="")


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
    """The catalogue that the next release will hold, when it is another than the current one's. At most one row.

    bundle_digest: the bundled handbook it was merged with; None: the current release's. staff_digest, staff_bundle_digest: the
    staff's catalogue and its bundle before that merge, so that it can be merged anew; None: not merged, or changed since."""

    __tablename__ = "draft_catalogue"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    catalogue_digest: Mapped[str] = mapped_column(ForeignKey("kept_text.digest"))
    bundle_digest: Mapped[str | None] = mapped_column(ForeignKey("kept_text.digest"))
    staff_digest: Mapped[str | None] = mapped_column(ForeignKey("kept_text.digest"))
    staff_bundle_digest: Mapped[str | None] = mapped_column(ForeignKey("kept_text.digest"))
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class HandbookChoiceRow(Base):
    """What somebody decided about one part of a newer bundled handbook. entry: names the part; value: digest of what the bundle
    says there: of another value it says nothing. take: "new" or "staff"."""

    __tablename__ = "handbook_choice"

    entry: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(DIGEST)
    take: Mapped[str] = mapped_column(String(8))
    chosen_by: Mapped[str] = mapped_column(String(64))
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftApprovalRow(Base):
    """Who approved the draft, and what it held then: a draft changed since is not approved. At most one row."""

    __tablename__ = "draft_approval"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_hash: Mapped[str] = mapped_column(DIGEST)
    approved_by: Mapped[str] = mapped_column(String(64))
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
