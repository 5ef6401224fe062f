"""Lists of the documents of a release or draft, with what was read of each field and who corrected it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import kept_corrections, release_contents
from knowledge.documents.proposals import Proposal, shown
from knowledge.release_contents import Content
from knowledge.releases import ListedDocument
from knowledge.tables import DocumentVersionRow
from knowledge.wording import say

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def listed_documents(session: AsyncSession, content: Content) -> tuple[ListedDocument, ...]:
    """Imported documents by title and first day; the handbook is not among them."""
    clauses = await release_contents.clauses_of(session, content)
    rows = {row.document_id: row for row in (await release_contents.versions_of(session, content)).values()}
    counts: dict[str, int] = {}
    documents = {clause.document.document_id: clause.document for clause in clauses}
    for clause in clauses:
        counts[clause.document.document_id] = counts.get(clause.document.document_id, 0) + 1
    listed = [
        ListedDocument(
            document, counts[key], rows[key].imported_by, rows[key].imported_at, tuple(rows[key].remarks),
            await _proposals(session, rows[key]),
        )
        for key, document in documents.items()
    ]
    return tuple(sorted(listed, key=lambda d: (d.document.title, d.document.first_day, d.document.document_id)))


async def _proposals(session: AsyncSession, row: DocumentVersionRow) -> tuple[Proposal, ...]:
    """What was read of each field; where a person corrected it, what that person said."""
    said = {
        c.field: Proposal(c.field, shown(c.value), 1.0, say("where.person", by=c.by, day=c.at.astimezone(SHANGHAI).date()))
        for c in await kept_corrections.field_corrections(session, row.document_id)
    }
    read = map(Proposal.from_dict, row.proposals)
    return tuple(said.get(proposal.field, proposal) for proposal in read)
