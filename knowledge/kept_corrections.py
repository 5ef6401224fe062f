"""Corrections in the database. Steps of the transactions that storage.py opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.clauses import Clause
from knowledge.corrections import (
    ClauseCorrection,
    FieldCorrection,
    corrected_clauses,
    corrected_document,
    field_value,
    plain_value,
    value_from_plain,
)
from knowledge.documents.reading import ReadDocument
from knowledge.drafts import present_version, put_in_draft
from knowledge.errors import CorrectionError, UnknownClauseError, UnknownDocumentError
from knowledge.kept_versions import kept_version
from knowledge.release_contents import current_number, release_content
from knowledge.tables import ClauseCorrectionRow, ClauseRow, DocumentVersionRow, FieldCorrectionRow


async def correct_clause(
    session: AsyncSession, document_id: str, clause_id: str, new_text: str, by: str, at: datetime
) -> None:
    """Raises UnknownDocumentError, UnknownClauseError, and CorrectionError for words that are none or the same."""
    words = new_text.strip()
    if not words:
        raise CorrectionError("correction.empty")
    read = await _present(session, document_id)
    clause = _clause_in(read, clause_id)
    if words == clause.text:
        raise CorrectionError("correction.same", article=clause.article)
    former = await _clause_correction(session, document_id, clause_id)
    original = former.original if former and not former.is_open else clause.text
    await _forget_correction(session, document_id, clause_id)
    if words != original:
        await _keep_correction(session, clause, original, words, by, at)
    await put_in_draft(session, _with_words(read, clause_id, words), by, at)


async def settle_correction(
    session: AsyncSession, document_id: str, clause_id: str, keep: bool, by: str, at: datetime
) -> None:
    """Raises CorrectionError when nothing is open there, UnknownClauseError when the clause to keep the words in is gone."""
    open_one = await _clause_correction(session, document_id, clause_id)
    if open_one is None or not open_one.is_open:
        raise CorrectionError("correction.none", clause_id=clause_id)
    if not keep:
        await _forget_correction(session, document_id, clause_id)
        return
    read = await _present(session, document_id)
    clause = _clause_in(read, clause_id)
    await _forget_correction(session, document_id, clause_id)
    await _keep_correction(session, clause, clause.text, open_one.text, by, at)
    await put_in_draft(session, _with_words(read, clause_id, open_one.text), by, at)


async def correct_document(
    session: AsyncSession, document_id: str, values: Mapping[str, str], by: str, at: datetime
) -> None:
    """Raises UnknownDocumentError, and CorrectionError for a value that cannot be meant."""
    typed = {field: field_value(field, value) for field, value in values.items()}
    read = await _present(session, document_id)
    changed = {field: value for field, value in typed.items() if getattr(read.document, field) != value}
    for field, value in changed.items():
        await forget_fields(session, document_id, (field,))
        session.add(FieldCorrectionRow(
            document_id=document_id, field=field, value=plain_value(value), corrected_by=by, corrected_at=at,
        ))
    made = [FieldCorrection(document_id, field, value, by, at) for field, value in changed.items()]
    document = corrected_document(read.document, made)
    clauses = tuple(replace(clause, document=document) for clause in read.clauses)
    await put_in_draft(session, replace(read, document=document, clauses=clauses), by, at)


async def as_corrected(session: AsyncSession, read: ReadDocument) -> ReadDocument:
    """The document as read, with what people corrected in it laid over."""
    document_id = read.document.document_id
    document = corrected_document(read.document, await field_corrections(session, document_id))
    clauses = corrected_clauses(read.clauses, await _clause_corrections(session, document_id))
    return replace(read, document=document, clauses=tuple(replace(clause, document=document) for clause in clauses))


async def field_corrections(session: AsyncSession, document_id: str) -> tuple[FieldCorrection, ...]:
    rows = await session.scalars(
        select(FieldCorrectionRow).where(FieldCorrectionRow.document_id == document_id).order_by(FieldCorrectionRow.field)
    )
    return tuple(
        FieldCorrection(row.document_id, row.field, value_from_plain(row.field, row.value), row.corrected_by, row.corrected_at)
        for row in rows
    )


async def forget_fields(session: AsyncSession, document_id: str, fields: Iterable[str]) -> None:
    """What an upload form says now is newer than what was corrected before."""
    await session.execute(
        delete(FieldCorrectionRow)
        .where(FieldCorrectionRow.document_id == document_id, FieldCorrectionRow.field.in_(list(fields)))
    )


async def _clause_corrections(session: AsyncSession, document_id: str | None) -> tuple[ClauseCorrection, ...]:
    chosen = select(ClauseCorrectionRow).order_by(ClauseCorrectionRow.document_id, ClauseCorrectionRow.clause_id)
    if document_id is not None:
        chosen = chosen.where(ClauseCorrectionRow.document_id == document_id)
    return tuple(
        ClauseCorrection(row.document_id, row.clause_id, row.original, row.text, row.corrected_by, row.corrected_at)
        for row in await session.scalars(chosen)
    )


async def clause_corrections(session: AsyncSession, document_id: str | None) -> tuple[ClauseCorrection, ...]:
    """Corrections with what the draft holds at their place; of documents that the draft does not hold, none."""
    found = []
    for correction in await _clause_corrections(session, document_id):
        digest = await present_version(session, correction.document_id)
        if digest is not None:
            found.append(replace(correction, present=await _text_in(session, digest, correction.clause_id)))
    return tuple(found)


async def _clause_correction(session: AsyncSession, document_id: str, clause_id: str) -> ClauseCorrection | None:
    found = await clause_corrections(session, document_id)
    return next((correction for correction in found if correction.clause_id == clause_id), None)


async def _keep_correction(session: AsyncSession, clause: Clause, original: str, text: str, by: str, at: datetime) -> None:
    session.add(ClauseCorrectionRow(
        document_id=clause.document.document_id, clause_id=clause.clause_id, original=original, text=text,
        corrected_by=by, corrected_at=at,
    ))
    await session.flush()


async def _forget_correction(session: AsyncSession, document_id: str, clause_id: str) -> None:
    await session.execute(
        delete(ClauseCorrectionRow)
        .where(ClauseCorrectionRow.document_id == document_id, ClauseCorrectionRow.clause_id == clause_id)
    )


async def forget_unpublished(session: AsyncSession) -> None:
    """Corrections of a draft that is thrown away: those whose words the current release does not hold, nor ever had to settle."""
    published = (await release_content(session, await current_number(session))).versions
    for correction in await _clause_corrections(session, None):
        digest = published.get(correction.document_id)
        text = await _text_in(session, digest, correction.clause_id) if digest else None
        if text is None or text == correction.original:
            await _forget_correction(session, correction.document_id, correction.clause_id)
    for row in (await session.scalars(select(FieldCorrectionRow))).all():
        digest = published.get(row.document_id)
        version = await session.get(DocumentVersionRow, digest) if digest else None
        if version is None or version.record.get(row.field) != row.value:
            await forget_fields(session, row.document_id, (row.field,))


async def _text_in(session: AsyncSession, version_digest: str, clause_id: str) -> str | None:
    chosen = select(ClauseRow.text).where(ClauseRow.version_digest == version_digest, ClauseRow.clause_id == clause_id)
    return await session.scalar(chosen)


async def _present(session: AsyncSession, document_id: str) -> ReadDocument:
    """The document as the draft holds it. Raises UnknownDocumentError."""
    digest = await present_version(session, document_id)
    if digest is None:
        raise UnknownDocumentError("release.unknown_document", document_id=document_id)
    return await kept_version(session, digest)


def _clause_in(read: ReadDocument, clause_id: str) -> Clause:
    clause = next((clause for clause in read.clauses if clause.clause_id == clause_id), None)
    if clause is None:
        raise UnknownClauseError("correction.unknown_clause", clause_id=clause_id)
    return clause


def _with_words(read: ReadDocument, clause_id: str, words: str) -> ReadDocument:
    return replace(read, clauses=tuple(c.with_text(words) if c.clause_id == clause_id else c for c in read.clauses))
