"""The draft of the next release in the database: what goes in, what it changes, who approved it.

Steps of the transactions that storage.py opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.differences import DraftChange, compared
from knowledge.documents.reading import ReadDocument
from knowledge.errors import EmptyDraftError, UnapprovedDraftError, UnknownDocumentError
from knowledge.kept_versions import keep_version, version_content
from knowledge.release_contents import current_number, draft_content, hash_of, kept_text, release_content
from knowledge.releases import Draft, Outcome, catalogue_change
from knowledge.tables import DraftApprovalRow, DraftCatalogueRow, DraftDocumentRow


async def present_version(session: AsyncSession, document_id: str) -> str | None:
    """The version of a document that the draft holds; None: it holds none."""
    drafted = await session.get(DraftDocumentRow, document_id)
    if drafted is not None:
        return drafted.version_digest
    return (await _published(session)).get(document_id)


async def put_in_draft(session: AsyncSession, read: ReadDocument, by: str, at: datetime) -> tuple[Outcome, str]:
    """What became of it, and the digest of its version. Equal to the current release, it leaves the draft again."""
    document_id = read.document.document_id
    present = await present_version(session, document_id)
    digest = await keep_version(session, read, by, at)
    if present == digest:
        return Outcome.UNCHANGED, digest
    await _set(session, document_id, digest, by, at)
    return Outcome.CREATED if present is None else Outcome.UPDATED, digest


async def take_out(session: AsyncSession, document_id: str, by: str, at: datetime) -> None:
    """The document will not be in the next release. Raises UnknownDocumentError."""
    if await present_version(session, document_id) is None:
        raise UnknownDocumentError("release.unknown_document", document_id=document_id)
    await _set(session, document_id, None, by, at)


async def _set(session: AsyncSession, document_id: str, digest: str | None, by: str, at: datetime) -> None:
    drafted = await session.get(DraftDocumentRow, document_id)
    if drafted is not None:
        await session.delete(drafted)
        await session.flush()
    if digest != (await _published(session)).get(document_id):
        session.add(DraftDocumentRow(document_id=document_id, version_digest=digest, changed_by=by, changed_at=at))
        await session.flush()


async def _published(session: AsyncSession) -> Mapping[str, str]:
    return (await release_content(session, await current_number(session))).versions


async def clear_draft(session: AsyncSession) -> None:
    for table in (DraftDocumentRow, DraftCatalogueRow, DraftApprovalRow):
        await session.execute(delete(table))


async def set_draft_catalogue(session: AsyncSession, digest: str, by: str, at: datetime) -> None:
    current = await release_content(session, await current_number(session))
    drafted = await session.get(DraftCatalogueRow, 1)
    # What a merge brought into the draft stays merged, whatever is changed in it later.
    bundle = drafted.bundle_digest if drafted else None
    await session.execute(delete(DraftCatalogueRow))
    if digest != current.catalogue_digest:
        session.add(DraftCatalogueRow(
            id=1, catalogue_digest=digest, bundle_digest=bundle, changed_by=by, changed_at=at,
        ))


# -- what it changes -------------------------------------------------------------------------------------------------------------


async def draft_changes(session: AsyncSession) -> Draft:
    """What publishing now would change, by title."""
    number = await current_number(session)
    base = (await release_content(session, number)).versions
    rows = (await session.scalars(select(DraftDocumentRow))).all()
    changes = [change for row in rows if (change := await _document_change(session, base, row)) is not None]
    changes.sort(key=lambda change: (change.title, change.document_id or ""))
    catalogue = await _catalogue_change(session, number)
    approval = await valid_approval(session)
    return Draft(
        number,
        (*changes, *((catalogue,) if catalogue else ())),
        (await draft_content(session)).changed_by,
        approval.approved_by if approval else None,
        approval.approved_at if approval else None,
    )


async def _document_change(session: AsyncSession, base: Mapping[str, str], row: DraftDocumentRow) -> DraftChange | None:
    before_digest = base.get(row.document_id)
    if before_digest == row.version_digest:
        # A rollback may have brought the current release to where the draft already was.
        return None
    before, after = await version_content(session, before_digest), await version_content(session, row.version_digest)
    return replace(compared(before, after, row.document_id), changed_by=row.changed_by, changed_at=row.changed_at)


async def _catalogue_change(session: AsyncSession, number: int) -> DraftChange | None:
    drafted = await session.get(DraftCatalogueRow, 1)
    base = await release_content(session, number)
    if drafted is None or drafted.catalogue_digest == base.catalogue_digest:
        return None
    before = await kept_text(session, base.catalogue_digest) if base.catalogue_digest else None
    change = catalogue_change(before, await kept_text(session, drafted.catalogue_digest))
    return replace(change, changed_by=drafted.changed_by, changed_at=drafted.changed_at)


# -- the second person -----------------------------------------------------------------------------------------------------------


async def approve(session: AsyncSession, by: str, at: datetime) -> None:
    """Raises EmptyDraftError, and UnapprovedDraftError for the last changer."""
    if (await draft_changes(session)).is_empty:
        raise EmptyDraftError("release.nothing_to_approve")
    content = await draft_content(session)
    hashed = await hash_of(session, content)
    if by == content.changed_by or hashed is None:
        raise UnapprovedDraftError("release.own_approval", changer=by)
    await session.execute(delete(DraftApprovalRow))
    session.add(DraftApprovalRow(id=1, content_hash=hashed, approved_by=by, approved_at=at))
    await session.flush()


async def valid_approval(session: AsyncSession) -> DraftApprovalRow | None:
    """The approval of the draft as it is now; one given before the last change does not count."""
    row = await session.get(DraftApprovalRow, 1)
    if row is None:
        return None
    content = await draft_content(session)
    is_own = row.approved_by == content.changed_by
    return None if is_own or row.content_hash != await hash_of(session, content) else row
