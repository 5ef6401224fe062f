"""Publishing (发布): a content becomes the next numbered release. Steps of the transactions that storage.py opens."""

from __future__ import annotations

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import drafts, release_contents
from knowledge.errors import EmptyDraftError, KnowledgeError, UnapprovedDraftError
from knowledge.release_contents import Content
from knowledge.releases import ReleaseInfo, content_hash
from knowledge.tables import ReleaseDocumentRow, ReleaseRow


async def all_releases(session: AsyncSession) -> tuple[ReleaseInfo, ...]:
    """Newest first."""
    counted = select(ReleaseDocumentRow.release_number, func.count()).group_by(ReleaseDocumentRow.release_number)
    counts = dict((await session.execute(counted)).all())
    rows = await session.scalars(select(ReleaseRow).order_by(ReleaseRow.number.desc()))
    return tuple(_info(row, counts.get(row.number, 0)) for row in rows)


async def approver_of(session: AsyncSession, draft: Content, by: str, reason: str) -> str | None:
    """Who looked at the draft beside its last changer: whoever approved it, else a publisher who is somebody else.

    Raises UnapprovedDraftError when nobody did and no reason is given."""
    approval = await drafts.valid_approval(session)
    if approval is not None:
        return approval.approved_by
    if by != draft.changed_by:
        return by
    if not reason.strip():
        raise UnapprovedDraftError("release.unapproved", changer=draft.changed_by)
    return None


async def refuse_the_same(session: AsyncSession, content: Content, restores: int | None = None) -> None:
    """Raises EmptyDraftError for what the current release holds already."""
    current = await release_contents.current_number(session)
    latest = await session.get(ReleaseRow, current)
    if latest is None or latest.content_hash != await release_contents.hash_of(session, content):
        return
    if restores is not None:
        raise EmptyDraftError("release.same", number=restores, current=current)
    raise EmptyDraftError("release.empty")


async def publish_content(session: AsyncSession, content: Content, asked: ReleaseInfo) -> ReleaseInfo:
    """asked: who publishes what and why; number, hash and count of documents are found here."""
    if content.catalogue_digest is None:
        raise KnowledgeError("release.no_catalogue")
    await refuse_the_same(session, content, asked.restores)
    table = await release_contents.succession_text(session, content)
    succession = await release_contents.keep_text(session, table)
    row = ReleaseRow(
        number=await release_contents.current_number(session) + 1,
        content_hash=content_hash(content.versions, content.catalogue_digest, succession),
        catalogue_digest=content.catalogue_digest, bundle_digest=content.bundle_digest or content.catalogue_digest,
        succession_digest=succession,
        note=asked.note, published_by=asked.published_by, published_at=asked.published_at, restores=asked.restores,
        withdraws=asked.withdraws, approved_by=asked.approved_by, override=asked.override,
    )
    session.add(row)
    await session.flush()
    if content.versions:
        await session.execute(insert(ReleaseDocumentRow), [
            {"release_number": row.number, "document_id": document_id, "version_digest": digest}
            for document_id, digest in content.versions.items()
        ])
    return _info(row, len(content.versions))


def _info(row: ReleaseRow, documents: int) -> ReleaseInfo:
    return ReleaseInfo(
        row.number, row.content_hash, row.note, row.published_by, row.published_at, documents, row.restores, row.withdraws,
        row.approved_by, row.override,
    )
