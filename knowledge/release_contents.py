"""What a release or the draft points at in the database, and the clauses and texts behind it; storage.py opens the sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.clauses import Clause
from knowledge.documents.succession import bundled_table_text, parse_table, with_succession
from knowledge.errors import UnknownReleaseError
from knowledge.releases import content_hash, document_from, overlaid, text_digest
from knowledge.tables import (
    ClauseRow,
    DocumentVersionRow,
    DraftCatalogueRow,
    DraftDocumentRow,
    KeptTextRow,
    ReleaseDocumentRow,
    ReleaseRow,
)
from knowledge.wording import say

Which = int | Literal["draft"] | None
"""Which content is meant: a release by number, the draft, or None for the current release."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a release or the draft points at. number 0: unpublished. at, changed_by: when and by whom it was made or changed last.
    versions: document_id to version digest. bundle_digest: the bundled handbook that the catalogue was founded on or last merged
    with. succession_digest None: the table of this program."""

    number: int
    at: datetime | None
    versions: Mapping[str, str]
    catalogue_digest: str | None
    bundle_digest: str | None
    succession_digest: str | None
    changed_by: str | None = None


async def current_number(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(ReleaseRow.number))) or 0


async def content_of(session: AsyncSession, which: Which) -> Content:
    """Raises UnknownReleaseError for a number that does not exist; an empty database has an empty current release."""
    if which == "draft":
        return await draft_content(session)
    if which is None:
        return await release_content(session, await current_number(session))
    return await existing_release(session, which)


async def existing_release(session: AsyncSession, number: int) -> Content:
    content = await release_content(session, number)
    if content.catalogue_digest is None:
        last = await current_number(session)
        existing = say("release.existing", last=last) if last else say("release.none")
        raise UnknownReleaseError("release.unknown", number=number, existing=existing)
    return content


async def release_content(session: AsyncSession, number: int) -> Content:
    """What that release points at; nothing at all for a number that does not exist, 0 included."""
    row = await session.get(ReleaseRow, number)
    if row is None:
        return Content(number, None, {}, None, None, None)
    found = await session.execute(
        select(ReleaseDocumentRow.document_id, ReleaseDocumentRow.version_digest)
        .where(ReleaseDocumentRow.release_number == number).order_by(ReleaseDocumentRow.document_id)
    )
    versions = dict(found.all())
    return Content(
        number, row.published_at, versions, row.catalogue_digest, row.bundle_digest, row.succession_digest, row.published_by
    )


async def draft_content(session: AsyncSession) -> Content:
    base = await release_content(session, await current_number(session))
    rows = (await session.scalars(select(DraftDocumentRow))).all()
    catalogue = await session.get(DraftCatalogueRow, 1)
    touched = [(row.changed_at, row.changed_by) for row in (*rows, *((catalogue,) if catalogue else ()))]
    at, by = max(touched, default=(base.at, None))
    versions = overlaid(base.versions, {row.document_id: row.version_digest for row in rows})
    catalogue_digest = catalogue.catalogue_digest if catalogue else base.catalogue_digest
    bundle_digest = (catalogue.bundle_digest if catalogue else None) or base.bundle_digest
    # An untouched draft is the release as it stands; a changed one is put together with the table of this program.
    return Content(0, at, versions, catalogue_digest, bundle_digest, None if touched else base.succession_digest, by)


async def hash_of(session: AsyncSession, content: Content) -> str | None:
    """The content hash that publishing this would give; None while there is no handbook."""
    if content.catalogue_digest is None:
        return None
    return content_hash(content.versions, content.catalogue_digest, text_digest(await succession_text(session, content)))


async def versions_of(session: AsyncSession, content: Content) -> dict[str, DocumentVersionRow]:
    rows = await session.scalars(select(DocumentVersionRow).where(DocumentVersionRow.digest.in_(list(content.versions.values()))))
    return {row.digest: row for row in rows}


async def clauses_of(session: AsyncSession, content: Content) -> tuple[Clause, ...]:
    """All imported clauses, by document id and in their order, with succession applied."""
    versions = await versions_of(session, content)
    documents = {digest: document_from(row.record, row.source) for digest, row in versions.items()}
    chosen = select(ClauseRow).where(ClauseRow.version_digest.in_(list(versions)))
    rows = await session.scalars(chosen.order_by(ClauseRow.version_digest, ClauseRow.ordinal))
    by_version: dict[str, list[Clause]] = {digest: [] for digest in versions}
    for row in rows:
        by_version[row.version_digest].append(Clause(
            row.clause_id, documents[row.version_digest], row.article, row.text, tuple(row.heading_path), row.ordinal,
            place=row.place, confidence=row.confidence,
        ))
    in_order = sorted(versions.values(), key=lambda row: row.document_id)
    clauses = [clause for row in in_order for clause in by_version[row.digest]]
    return with_succession(clauses, parse_table(await succession_text(session, content)))


async def kept_text(session: AsyncSession, digest: str) -> str:
    return (await session.get_one(KeptTextRow, digest)).text


async def keep_text(session: AsyncSession, content: str) -> str:
    digest = text_digest(content)
    if await session.get(KeptTextRow, digest) is None:
        session.add(KeptTextRow(digest=digest, text=content))
        await session.flush()
    return digest


async def succession_text(session: AsyncSession, content: Content) -> str:
    """The table a release was put together with; for a changed draft the table of this program."""
    if content.succession_digest is None:
        return bundled_table_text()
    return await kept_text(session, content.succession_digest)
