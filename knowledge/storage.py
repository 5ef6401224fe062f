"""The store of the knowledge base: imports go into a draft, a draft becomes a numbered release that never changes.

Every write is one transaction, and there is one writer at a time. The methods say what happened in values; what goes wrong is a
KnowledgeError whose text is Chinese, for the person at the studio or the command line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.documents.files import files_in
from knowledge.documents.readers import MAX_BYTES
from knowledge.documents.reading import ReadDocument, read_content, read_document
from knowledge.documents.succession import bundled_table_text, parse_table, with_succession
from knowledge.errors import EmptyDraftError, KnowledgeError, UnknownDocumentError, UnknownReleaseError, UnreadableDocumentError
from knowledge.knowledge_base import KnowledgeBase
from knowledge.manifest import Manifest, ManifestEntry
from knowledge.policy_documents import Kind, Rank
from knowledge.releases import (
    ChangeKind,
    Draft,
    DraftChange,
    ImportEntry,
    ImportReport,
    ListedDocument,
    Outcome,
    ReleaseInfo,
    VersionContent,
    catalogue_change,
    clause_digest,
    compared,
    content_hash,
    content_record,
    document_from,
    document_record,
    overlaid,
    text_digest,
    version_digest,
)
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

log = logging.getLogger("knowledge")

SHANGHAI = ZoneInfo("Asia/Shanghai")
WRITER_LOCK = 8_214_001
"""Any number, but the same in every worker: PostgreSQL lets one transaction at a time hold it."""
SYSTEM = "system"

Which = int | Literal["draft"] | None
"""Which content is meant: a release by number, the draft, or None for the current release."""

Progress = Callable[[ImportEntry, int, int], None]
"""Told after each file: its entry, how many are done, how many there are."""


@dataclass(frozen=True, slots=True)
class _Content:
    """What a release or the draft points at. number 0: unpublished. at: when it was published or last changed."""

    number: int
    at: datetime | None
    versions: Mapping[str, str]
    catalogue_digest: str | None
    succession_digest: str | None


class KnowledgeStore:
    """Documents, draft and releases in one database, SQLite or PostgreSQL. max_bytes: largest file taken.

    read_catalogue makes a catalogue of the content kept with a release; it raises ValueError for content that is not one."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        *,
        max_bytes: int = MAX_BYTES,
        read_catalogue: Callable[[str], Catalogue] = Catalogue.from_content,
    ) -> None:
        self._sessions = sessions
        self._max_bytes = max_bytes
        self._read_catalogue = read_catalogue

    # -- into the draft ------------------------------------------------------------------------------------------------------

    async def import_paths(
        self, paths: Iterable[Path], *, manifest: Manifest | None, by: str, at: datetime, progress: Progress | None = None,
    ) -> ImportReport:
        """Files, and every file below folders, into the draft; each on its own, so one that fails stops no other.

        A document that is not among the files stays as it is: removing is an act of its own."""
        found = await asyncio.to_thread(files_in, list(paths), manifest)
        entries: list[ImportEntry] = []
        seen: dict[str, tuple[str, str]] = {}
        for done, file in enumerate(found.files, start=1):
            entry = await self._import_file(file, manifest.entry_for(file) if manifest else None, seen, by, at)
            entries.append(entry)
            if progress is not None:
                progress(entry, done, len(found.files))
        failed = [ImportEntry(str(path), Outcome.FAILED, reason=reason) for path, reason in found.failures]
        return ImportReport((*entries, *failed), found.remarks)

    async def import_upload(
        self,
        name: str,
        content: bytes,
        *,
        by: str,
        at: datetime,
        title: str | None = None,
        kind: Kind | None = None,
        rank: Rank | None = None,
        region: str | None = None,
        issuer: str | None = None,
        number: str | None = None,
        issued_on: date | None = None,
        in_force_from: date | None = None,
        in_force_until: date | None = None,
    ) -> ImportEntry:
        """One uploaded file into the draft. What the form says wins; what it leaves None the file itself says."""
        known = ManifestEntry(
            title=title, kind=kind, rank=rank, region=region, issuer=issuer, number=number, issued_on=issued_on,
            in_force_from=in_force_from, in_force_until=in_force_until,
        )
        try:
            read = await asyncio.to_thread(read_content, name, content, known, max_bytes=self._max_bytes)
        except UnreadableDocumentError as error:
            return ImportEntry(name, Outcome.FAILED, reason=str(error))
        except Exception as error:
            return _unexpected(name, error)
        return await self._take(name, read, by, at)

    async def remove(self, document_id: str, *, by: str, at: datetime) -> None:
        """The document will not be in the next release. Raises UnknownDocumentError."""
        async with self._sessions.begin() as session:
            await _one_writer(session)
            base = (await _release_content(session, await _current_number(session))).versions
            drafted = await session.get(DraftDocumentRow, document_id)
            present = drafted.version_digest if drafted else base.get(document_id)
            if present is None:
                raise UnknownDocumentError("release.unknown_document", document_id=document_id)
            if drafted is not None:
                await session.delete(drafted)
                await session.flush()
            if document_id in base:
                session.add(DraftDocumentRow(document_id=document_id, version_digest=None, changed_by=by, changed_at=at))

    async def set_catalogue(self, content: str, *, by: str, at: datetime) -> None:
        """The handbook of the next release, as Catalogue.content() gives it. Raises KnowledgeError for content that is none."""
        try:
            canonical = self._read_catalogue(content).content()
        except ValueError as error:
            raise KnowledgeError("release.catalogue_wrong", reason=error) from error
        async with self._sessions.begin() as session:
            await _one_writer(session)
            digest = await _keep_text(session, canonical)
            current = await _release_content(session, await _current_number(session))
            await session.execute(delete(DraftCatalogueRow))
            if digest != current.catalogue_digest:
                session.add(DraftCatalogueRow(id=1, catalogue_digest=digest, changed_by=by, changed_at=at))

    async def discard_draft(self) -> None:
        async with self._sessions.begin() as session:
            await _one_writer(session)
            await _clear_draft(session)

    async def draft(self) -> Draft:
        """What publishing now would change, by title."""
        async with self._sessions() as session:
            number = await _current_number(session)
            base = (await _release_content(session, number)).versions
            rows = (await session.scalars(select(DraftDocumentRow))).all()
            changes = [change for row in rows if (change := await _document_change(session, base, row)) is not None]
            changes.sort(key=lambda change: (change.title, change.document_id or ""))
            catalogue = await _catalogue_change(session, number)
            return Draft(number, (*changes, *((catalogue,) if catalogue else ())))

    # -- releases ------------------------------------------------------------------------------------------------------------

    async def publish(self, *, note: str, by: str, at: datetime) -> ReleaseInfo:
        """The draft becomes the next release. Raises EmptyDraftError when nothing would change."""
        try:
            async with self._sessions.begin() as session:
                await _one_writer(session)
                draft = await _draft_content(session)
                info = await _publish(session, draft, note=note, by=by, at=at)
                await _clear_draft(session)
                return info
        except IntegrityError as error:
            raise KnowledgeError("release.crowded") from error

    async def rollback(self, number: int, *, by: str, at: datetime) -> ReleaseInfo:
        """A new release with the content of an earlier one; the draft stays. Raises UnknownReleaseError, EmptyDraftError."""
        try:
            async with self._sessions.begin() as session:
                await _one_writer(session)
                content = await _existing_release(session, number)
                note = say("release.rollback_note", number=number)
                return await _publish(session, content, note=note, by=by, at=at, restores=number)
        except IntegrityError as error:
            raise KnowledgeError("release.crowded") from error

    async def ensure_first_release(self, catalogue: Catalogue, at: datetime) -> None:
        """The bundled handbook as release 1 of an empty database; nothing otherwise, whoever else does it at the same moment."""
        async with self._sessions() as session:
            if await _current_number(session) > 0:
                return
        try:
            async with self._sessions.begin() as session:
                await _one_writer(session)
                if await _current_number(session) > 0:
                    return
                digest = await _keep_text(session, catalogue.content())
                content = _Content(0, at, {}, digest, None)
                await _publish(session, content, note=say("release.first_note"), by=SYSTEM, at=at)
        except IntegrityError:
            log.info("another worker has made release 1")

    async def releases(self) -> tuple[ReleaseInfo, ...]:
        """All releases, newest first."""
        async with self._sessions() as session:
            counted = select(ReleaseDocumentRow.release_number, func.count()).group_by(ReleaseDocumentRow.release_number)
            counts = dict((await session.execute(counted)).all())
            rows = await session.scalars(select(ReleaseRow).order_by(ReleaseRow.number.desc()))
            return tuple(_info(row, counts.get(row.number, 0)) for row in rows)

    async def current_number(self) -> int:
        """The number of the current release; 0: nothing was ever published."""
        async with self._sessions() as session:
            return await _current_number(session)

    # -- reading -------------------------------------------------------------------------------------------------------------

    async def load(self, number: int | None = None) -> KnowledgeBase:
        """A release in memory, the current one unless a number is given, with succession applied. Raises UnknownReleaseError."""
        return await self._load(number)

    async def load_draft(self) -> KnowledgeBase:
        """What publishing now would give; its release number is 0."""
        return await self._load("draft")

    async def document_list(self, which: Which = None) -> tuple[ListedDocument, ...]:
        """Imported documents by title and first day; the handbook is not among them."""
        async with self._sessions() as session:
            content = await _content(session, which)
            clauses = await self._clauses_of(session, content)
            versions = await _versions(session, content)
        counts: dict[str, int] = {}
        documents = {clause.document.document_id: clause.document for clause in clauses}
        for clause in clauses:
            counts[clause.document.document_id] = counts.get(clause.document.document_id, 0) + 1
        rows = {row.document_id: row for row in versions.values()}
        listed = (
            ListedDocument(document, counts[key], rows[key].imported_by, rows[key].imported_at, tuple(rows[key].remarks))
            for key, document in documents.items()
        )
        return tuple(sorted(listed, key=lambda d: (d.document.title, d.document.first_day, d.document.document_id)))

    async def clauses(self, document_id: str, which: Which = None) -> tuple[Clause, ...]:
        """The clauses of one imported document in their order. Raises UnknownDocumentError."""
        async with self._sessions() as session:
            content = await _content(session, which)
            # Succession needs all documents side by side, so the days of one cannot be told from its own clauses alone.
            clauses = await self._clauses_of(session, content)
        found = tuple(clause for clause in clauses if clause.document.document_id == document_id)
        if not found:
            raise UnknownDocumentError("release.unknown_document", document_id=document_id)
        return found

    # -- inside --------------------------------------------------------------------------------------------------------------

    async def _load(self, which: Which) -> KnowledgeBase:
        async with self._sessions() as session:
            content = await _content(session, which)
            if content.catalogue_digest is None:
                raise UnknownReleaseError("release.none")
            catalogue_text = await _text(session, content.catalogue_digest)
            succession_text = await _succession_text(session, content)
            clauses = await self._clauses_of(session, content)
        digest = content_hash(content.versions, content.catalogue_digest, text_digest(succession_text))
        catalogue = self._read_catalogue(catalogue_text)
        if content.at is None:
            return KnowledgeBase(content.number, digest, catalogue, clauses)
        return KnowledgeBase(content.number, digest, catalogue, clauses, content.at.astimezone(SHANGHAI).date())

    async def _clauses_of(self, session: AsyncSession, content: _Content) -> tuple[Clause, ...]:
        versions = await _versions(session, content)
        documents = {digest: document_from(row.record, row.source) for digest, row in versions.items()}
        chosen = select(ClauseRow).where(ClauseRow.version_digest.in_(list(versions)))
        rows = await session.scalars(chosen.order_by(ClauseRow.version_digest, ClauseRow.ordinal))
        by_version: dict[str, list[Clause]] = {digest: [] for digest in versions}
        for row in rows:
            document = documents[row.version_digest]
            by_version[row.version_digest].append(
                Clause(row.clause_id, document, row.article, row.text, tuple(row.heading_path), row.ordinal)
            )
        in_order = sorted(versions.values(), key=lambda row: row.document_id)
        clauses = [clause for row in in_order for clause in by_version[row.digest]]
        return with_succession(clauses, parse_table(await _succession_text(session, content)))

    async def _import_file(
        self, file: Path, known: ManifestEntry | None, seen: dict[str, tuple[str, str]], by: str, at: datetime,
    ) -> ImportEntry:
        try:
            read = await asyncio.to_thread(read_document, file, known, max_bytes=self._max_bytes)
            same = _already_seen(read, file, seen)
        except UnreadableDocumentError as error:
            return ImportEntry(str(file), Outcome.FAILED, reason=str(error))
        except Exception as error:
            return _unexpected(str(file), error)
        entry = await self._take(str(file), read, by, at)
        if same is None:
            return entry
        remarks = (*entry.remarks, say("remark.same_twice", other=same))
        return ImportEntry(entry.path, entry.outcome, entry.document_id, entry.title, entry.clauses, None, remarks)

    async def _take(self, path: str, read: ReadDocument, by: str, at: datetime) -> ImportEntry:
        async with self._sessions.begin() as session:
            await _one_writer(session)
            outcome = await _into_draft(session, read, by, at)
        document = read.document
        return ImportEntry(path, outcome, document.document_id, document.title, len(read.clauses), None, read.remarks)


def _unexpected(name: str, error: Exception) -> ImportEntry:
    # The last ring: a reader that fails in a way nobody thought of must not stop the other files.
    log.exception("reading %s failed", name)
    reason = say("unreadable.unexpected", name=Path(name).name, reason=type(error).__name__)
    return ImportEntry(name, Outcome.FAILED, reason=reason)


def _already_seen(read: ReadDocument, file: Path, seen: dict[str, tuple[str, str]]) -> str | None:
    """The file of this import that held the same document with the same content. Raises when the content is another one."""
    document_id, digest = read.document.document_id, version_digest(read.document, read.clauses)
    other, other_digest = seen.setdefault(document_id, (file.name, digest))
    if other_digest != digest:
        raise UnreadableDocumentError("unreadable.twice", name=file.name, other=other, document_id=document_id)
    return None if other == file.name else other


# -- one transaction's steps ---------------------------------------------------------------------------------------------------


async def _one_writer(session: AsyncSession) -> None:
    """On PostgreSQL, waits until no other transaction writes here; on SQLite there is never more than one."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})


async def _into_draft(session: AsyncSession, read: ReadDocument, by: str, at: datetime) -> Outcome:
    document = read.document
    digest = version_digest(document, read.clauses)
    number = await _current_number(session)
    published = await session.scalar(
        select(ReleaseDocumentRow.version_digest)
        .where(ReleaseDocumentRow.release_number == number, ReleaseDocumentRow.document_id == document.document_id)
    )
    drafted = await session.get(DraftDocumentRow, document.document_id)
    present = drafted.version_digest if drafted else published
    if present == digest:
        return Outcome.UNCHANGED
    if await session.get(DocumentVersionRow, digest) is None:
        await _keep_version(session, digest, read, by, at)
    if drafted is not None:
        await session.delete(drafted)
        await session.flush()
    if digest != published:
        session.add(DraftDocumentRow(document_id=document.document_id, version_digest=digest, changed_by=by, changed_at=at))
    return Outcome.CREATED if present is None else Outcome.UPDATED


async def _keep_version(session: AsyncSession, digest: str, read: ReadDocument, by: str, at: datetime) -> None:
    document = read.document
    session.add(DocumentVersionRow(
        digest=digest, document_id=document.document_id, title=document.title, record=document_record(document),
        source=document.source, file_sha256=read.sha256, remarks=list(read.remarks), imported_by=by, imported_at=at,
    ))
    await session.flush()
    await session.execute(insert(ClauseRow), [
        {
            "version_digest": digest, "ordinal": clause.ordinal, "clause_id": clause.clause_id, "article": clause.article,
            "heading_path": list(clause.heading_path), "text": clause.text, "digest": clause_digest(clause),
        }
        for clause in read.clauses
    ])


async def _publish(
    session: AsyncSession, content: _Content, *, note: str, by: str, at: datetime, restores: int | None = None,
) -> ReleaseInfo:
    if content.catalogue_digest is None:
        raise KnowledgeError("release.no_catalogue")
    current = await _current_number(session)
    succession = content.succession_digest or await _keep_text(session, bundled_table_text())
    hashed = content_hash(content.versions, content.catalogue_digest, succession)
    latest = await session.get(ReleaseRow, current)
    if latest is not None and latest.content_hash == hashed:
        if restores is not None:
            raise EmptyDraftError("release.same", number=restores, current=current)
        raise EmptyDraftError("release.empty")
    row = ReleaseRow(
        number=current + 1, content_hash=hashed, catalogue_digest=content.catalogue_digest, succession_digest=succession,
        note=note, published_by=by, published_at=at, restores=restores,
    )
    session.add(row)
    await session.flush()
    if content.versions:
        await session.execute(insert(ReleaseDocumentRow), [
            {"release_number": row.number, "document_id": document_id, "version_digest": digest}
            for document_id, digest in content.versions.items()
        ])
    return _info(row, len(content.versions))


async def _clear_draft(session: AsyncSession) -> None:
    await session.execute(delete(DraftDocumentRow))
    await session.execute(delete(DraftCatalogueRow))


async def _current_number(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(ReleaseRow.number))) or 0


async def _content(session: AsyncSession, which: Which) -> _Content:
    if which == "draft":
        return await _draft_content(session)
    if which is None:
        return await _release_content(session, await _current_number(session))
    return await _existing_release(session, which)


async def _existing_release(session: AsyncSession, number: int) -> _Content:
    content = await _release_content(session, number)
    if content.catalogue_digest is None:
        last = await _current_number(session)
        existing = say("release.existing", last=last) if last else say("release.none")
        raise UnknownReleaseError("release.unknown", number=number, existing=existing)
    return content


async def _release_content(session: AsyncSession, number: int) -> _Content:
    """What that release points at; nothing at all for a number that does not exist, 0 included."""
    row = await session.get(ReleaseRow, number)
    if row is None:
        return _Content(number, None, {}, None, None)
    found = await session.execute(
        select(ReleaseDocumentRow.document_id, ReleaseDocumentRow.version_digest)
        .where(ReleaseDocumentRow.release_number == number).order_by(ReleaseDocumentRow.document_id)
    )
    return _Content(number, row.published_at, dict(found.all()), row.catalogue_digest, row.succession_digest)


async def _draft_content(session: AsyncSession) -> _Content:
    base = await _release_content(session, await _current_number(session))
    rows = (await session.scalars(select(DraftDocumentRow))).all()
    catalogue = await session.get(DraftCatalogueRow, 1)
    moments = [row.changed_at for row in (*rows, *((catalogue,) if catalogue else ()))]
    versions = overlaid(base.versions, {row.document_id: row.version_digest for row in rows})
    catalogue_digest = catalogue.catalogue_digest if catalogue else base.catalogue_digest
    # An untouched draft is the release as it stands; a changed one is put together with the table of this program.
    succession_digest = None if moments else base.succession_digest
    return _Content(0, max(moments, default=base.at), versions, catalogue_digest, succession_digest)


async def _versions(session: AsyncSession, content: _Content) -> dict[str, DocumentVersionRow]:
    rows = await session.scalars(select(DocumentVersionRow).where(DocumentVersionRow.digest.in_(list(content.versions.values()))))
    return {row.digest: row for row in rows}


async def _document_change(session: AsyncSession, base: Mapping[str, str], row: DraftDocumentRow) -> DraftChange | None:
    before_digest = base.get(row.document_id)
    if before_digest == row.version_digest:
        # A rollback may have brought the current release to where the draft already was.
        return None
    before, after = await _version_content(session, before_digest), await _version_content(session, row.version_digest)
    change = compared(before, after, row.document_id)
    return DraftChange(
        change.kind, change.document_id, change.title, change.words, change.clauses_added, change.clauses_changed,
        change.clauses_removed, row.changed_by, row.changed_at,
    )


async def _version_content(session: AsyncSession, digest: str | None) -> VersionContent | None:
    if digest is None:
        return None
    version = await session.get_one(DocumentVersionRow, digest)
    clauses = await session.execute(select(ClauseRow.clause_id, ClauseRow.digest).where(ClauseRow.version_digest == digest))
    return VersionContent(content_record(document_from(version.record, version.source)), dict(clauses.all()))


async def _catalogue_change(session: AsyncSession, number: int) -> DraftChange | None:
    drafted = await session.get(DraftCatalogueRow, 1)
    base = await _release_content(session, number)
    if drafted is None or drafted.catalogue_digest == base.catalogue_digest:
        return None
    before = await _text(session, base.catalogue_digest) if base.catalogue_digest else None
    change = catalogue_change(before, await _text(session, drafted.catalogue_digest))
    return DraftChange(
        ChangeKind.CATALOGUE, None, change.title, change.words, changed_by=drafted.changed_by, changed_at=drafted.changed_at,
    )


async def _keep_text(session: AsyncSession, content: str) -> str:
    digest = text_digest(content)
    if await session.get(KeptTextRow, digest) is None:
        session.add(KeptTextRow(digest=digest, text=content))
        await session.flush()
    return digest


async def _text(session: AsyncSession, digest: str) -> str:
    return (await session.get_one(KeptTextRow, digest)).text


async def _succession_text(session: AsyncSession, content: _Content) -> str:
    """The table a release was put together with; for the draft the table of this program."""
    if content.succession_digest is None:
        return bundled_table_text()
    return await _text(session, content.succession_digest)


def _info(row: ReleaseRow, documents: int) -> ReleaseInfo:
    return ReleaseInfo(row.number, row.content_hash, row.note, row.published_by, row.published_at, documents, row.restores)
