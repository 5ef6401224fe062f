"""The store of the knowledge base: imports go into a draft, a draft becomes a numbered release that never changes.

Every write is one transaction, and there is one writer at a time. The methods say what happened in values; what goes wrong is a
KnowledgeError whose text is Chinese, for the person at the studio or the command line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from knowledge import drafts, handbook_offers, kept_corrections, publishing, release_contents
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.corrections import ClauseCorrection
from knowledge.differences import Difference
from knowledge.document_lists import listed_documents
from knowledge.documents.files import files_in
from knowledge.documents.readers import MAX_BYTES
from knowledge.documents.readers.progress import unwatched
from knowledge.draft_checks import CheckedContent, findings_of
from knowledge.errors import (
    HandbookUpgradeError,
    KnowledgeError,
    SevereFindingsError,
    UnknownDocumentError,
)
from knowledge.file_import import FileImport
from knowledge.findings import Finding, Severity
from knowledge.handbook_upgrade import HandbookUpgrade, Take
from knowledge.knowledge_base import KnowledgeBase
from knowledge.manifest import Manifest, ManifestEntry
from knowledge.one_writer import OneWriter
from knowledge.policy_documents import Kind, Rank
from knowledge.release_contents import Content, Which
from knowledge.release_differences import catalogue_text, difference_between
from knowledge.releases import (
    Draft,
    ImportEntry,
    ImportReport,
    ListedDocument,
    Outcome,
    ReleaseInfo,
    content_hash,
    text_digest,
)
from knowledge.wording import say

log = logging.getLogger("knowledge")

SHANGHAI = ZoneInfo("Asia/Shanghai")
SYSTEM = "system"

Progress = Callable[[ImportEntry, int, int], None]
PagesOf = Callable[[Path, int, int], None]
"""The file, pages read, pages in all."""
"""Told after each file: its entry, how many are done, how many there are."""


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
        pages: PagesOf | None = None,
    ) -> ImportReport:
        """Files, and every file below folders, into the draft; each on its own, so one that fails stops no other.

        A document that is not among the files stays as it is: removing is an act of its own. A file that was read before, and
        that nothing has changed about since, is not read again. pages: told of the pages of the file being read, from a thread of
        its own; only long formats (PDF, pictures, workbooks) tell more than their end."""
        found = await asyncio.to_thread(files_in, list(paths), manifest)
        files = FileImport(self._sessions, self._max_bytes, by, at)
        entries: list[ImportEntry] = []
        for done, file in enumerate(found.files, start=1):
            watch = unwatched if pages is None else partial(pages, file)
            entry = await files.take(file, manifest.entry_for(file) if manifest else None, watch)
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
        return await FileImport(self._sessions, self._max_bytes, by, at).take_upload(name, content, known)

    async def remove(self, document_id: str, *, by: str, at: datetime) -> None:
        """The document will not be in the next release. Raises UnknownDocumentError."""
        async with self._writing() as session:
            await drafts.take_out(session, document_id, by, at)

    async def set_catalogue(self, content: str, *, by: str, at: datetime) -> None:
        """The handbook of the next release, as Catalogue.content() gives it. Raises KnowledgeError for content that is none."""
        canonical = self._checked_catalogue(content)
        async with self._writing() as session:
            digest = await release_contents.keep_text(session, canonical)
            await drafts.set_draft_catalogue(session, digest, by, at)

    async def handbook_upgrade(self, bundle: str) -> HandbookUpgrade | None:
        """What the bundled handbook of this program (as Catalogue.content() gives it) would change in the staff's, with what was
        chosen; None: nothing is newer."""
        async with self._sessions() as session:
            return await handbook_offers.offered_upgrade(session, bundle)

    async def choose_handbook(
        self, bundle: str, takes: Mapping[str, Take], *, by: str, at: datetime, seen: str | None = None
    ) -> HandbookUpgrade:
        """Which side is taken, by entry of the upgrade's items; kept for what this bundle says there. seen: HandbookUpgrade.seen
        of what the chooser looked at. Raises HandbookUpgradeError."""
        async with self._writing() as session:
            upgrade = await handbook_offers.offered_upgrade(session, bundle)
            if upgrade is None:
                raise HandbookUpgradeError("handbook.nothing_newer")
            await handbook_offers.keep_choices(session, upgrade, takes, by, at, seen)
            return await handbook_offers.offered_upgrade(session, bundle) or upgrade

    async def merge_handbook(self, bundle: str, *, by: str, at: datetime) -> HandbookUpgrade:
        """The bundled handbook merged into the draft as chosen; what staff changed stays unless they chose otherwise.

        Raises HandbookUpgradeError while a conflict is undecided or nothing would change, KnowledgeError for what would be no
        usable handbook."""
        async with self._writing() as session:
            return await handbook_offers.merge_into_draft(session, bundle, self._checked_catalogue, by, at)

    async def discard_draft(self) -> None:
        """The draft is the current release again; corrections that were made for it alone are gone too."""
        async with self._writing() as session:
            await kept_corrections.forget_unpublished(session)
            await drafts.clear_draft(session)

    async def draft(self) -> Draft:
        """What publishing now would change, by title, down to each clause."""
        async with self._sessions() as session:
            return await drafts.draft_changes(session)

    # -- corrections -----------------------------------------------------------------------------------------------------------

    async def correct_clause(self, document_id: str, clause_id: str, new_text: str, *, by: str, at: datetime) -> None:
        """Other words for one clause of the draft; they survive a re-import as long as the file says at this place what they
        replaced. Raises UnknownDocumentError, UnknownClauseError, CorrectionError."""
        async with self._writing() as session:
            await kept_corrections.correct_clause(session, document_id, clause_id, new_text, by, at)

    async def settle_correction(self, document_id: str, clause_id: str, *, keep: bool, by: str, at: datetime) -> None:
        """An open correction decided: keep the person's words over what was imported since, or let the import stand.

        Raises CorrectionError when nothing is open there, UnknownClauseError when the clause to keep them in is gone."""
        async with self._writing() as session:
            await kept_corrections.settle_correction(session, document_id, clause_id, keep, by, at)

    async def corrections(self, document_id: str | None = None) -> tuple[ClauseCorrection, ...]:
        """Corrected clauses of documents in the draft. Open ones wait for somebody to decide: both texts are in them."""
        async with self._sessions() as session:
            return await kept_corrections.clause_corrections(session, document_id)

    async def correct_document(self, document_id: str, values: Mapping[str, str], *, by: str, at: datetime) -> None:
        """Fields of a document of the draft as a person typed them (knowledge.documents.proposals.FIELDS); "" for a day: none is
        known. They survive re-imports; the document's id stays. Raises UnknownDocumentError, CorrectionError."""
        async with self._writing() as session:
            await kept_corrections.correct_document(session, document_id, values, by, at)

    # -- checks and review -----------------------------------------------------------------------------------------------------

    async def findings(self, which: Which = "draft", *, on: date) -> tuple[Finding, ...]:
        """What is wrong or doubtful in a release or the draft on that day, the worst first."""
        async with self._sessions() as session:
            content = await release_contents.content_of(session, which)
            return findings_of(await self._checked(session, content), on)

    async def approve(self, *, by: str, at: datetime) -> None:
        """The draft as it is now may be published. Raises EmptyDraftError; UnapprovedDraftError for whoever changed it last."""
        async with self._writing() as session:
            await drafts.approve(session, by, at)

    # -- releases ------------------------------------------------------------------------------------------------------------

    async def publish(
        self, *, note: str, by: str, at: datetime, override: str = "", unreviewed: str = "",
    ) -> ReleaseInfo:
        """The draft becomes the next release. A second person must have looked: whoever approved it, or who publishes what
        another changed last. override: why it is published against severe findings and without such a person; unreviewed: why
        only without such a person. Both are kept with the release.

        Raises EmptyDraftError when nothing would change, UnapprovedDraftError, SevereFindingsError."""
        try:
            async with self._writing() as session:
                draft = await release_contents.draft_content(session)
                await publishing.refuse_the_same(session, draft)
                approver = await publishing.approver_of(session, draft, by, override or unreviewed)
                overridden = override if override else "" if approver else unreviewed
                if not override:
                    await self._refuse_severe(session, draft, at)
                info = await publishing.publish_content(session, draft, ReleaseInfo(
                    0, "", note, by, at, 0, approved_by=approver, override=overridden.strip(),
                ))
                await drafts.clear_draft(session)
                return info
        except IntegrityError as error:
            raise KnowledgeError("release.crowded") from error

    async def rollback(self, number: int, *, by: str, at: datetime) -> ReleaseInfo:
        """A new release with the content of an earlier one; the draft stays. Raises UnknownReleaseError, EmptyDraftError."""
        try:
            async with self._writing() as session:
                content = await release_contents.existing_release(session, number)
                note = say("release.rollback_note", number=number)
                return await publishing.publish_content(session, content, ReleaseInfo(0, "", note, by, at, 0, restores=number))
        except IntegrityError as error:
            raise KnowledgeError("release.crowded") from error

    async def withdraw(self, document_id: str, *, note: str, by: str, at: datetime) -> ReleaseInfo:
        """A new release at once without that document; the draft stays, and with it a newer version waiting there.

        Raises UnknownDocumentError for one that the current release does not hold."""
        try:
            async with self._writing() as session:
                current = await release_contents.content_of(session, None)
                if document_id not in current.versions:
                    raise UnknownDocumentError("release.unknown_document", document_id=document_id)
                versions = {key: digest for key, digest in current.versions.items() if key != document_id}
                said = note.strip() or say("release.withdraw_note", document_id=document_id)
                return await publishing.publish_content(
                    session, replace(current, versions=versions), ReleaseInfo(0, "", said, by, at, 0, withdraws=document_id)
                )
        except IntegrityError as error:
            raise KnowledgeError("release.crowded") from error

    async def ensure_first_release(self, catalogue: Catalogue, at: datetime) -> None:
        """The bundled handbook as release 1 of an empty database; nothing otherwise, whoever else does it at the same moment."""
        async with self._sessions() as session:
            if await release_contents.current_number(session) > 0:
                return
        try:
            async with self._writing() as session:
                if await release_contents.current_number(session) > 0:
                    return
                digest = await release_contents.keep_text(session, catalogue.content())
                content = Content(0, at, {}, digest, digest, None)
                await publishing.publish_content(session, content, ReleaseInfo(0, "", say("release.first_note"), SYSTEM, at, 0))
        except IntegrityError:
            log.info("another worker has made release 1")

    async def releases(self) -> tuple[ReleaseInfo, ...]:
        """All releases, newest first."""
        async with self._sessions() as session:
            return await publishing.all_releases(session)

    async def difference(self, before: Which, after: Which) -> Difference:
        """What changed from one state to another: documents, clauses, parameters, programmes. Raises UnknownReleaseError."""
        async with self._sessions() as session:
            old, new = await release_contents.content_of(session, before), await release_contents.content_of(session, after)
            return await difference_between(session, old, new, self._read_catalogue)

    async def current_number(self) -> int:
        """The newest release; 0: none yet."""
        async with self._sessions() as session:
            return await release_contents.current_number(session)

    # -- content -------------------------------------------------------------------------------------------------------------

    async def load(self, number: int | None = None) -> KnowledgeBase:
        """A release in memory, the current one unless a number is given, with succession applied. Raises UnknownReleaseError."""
        return await self._load(number)

    async def load_draft(self) -> KnowledgeBase:
        """What publishing now would give; its release number is 0."""
        return await self._load("draft")

    async def document_list(self, which: Which = None) -> tuple[ListedDocument, ...]:
        """Imported documents by title and first day; the handbook is not among them."""
        async with self._sessions() as session:
            return await listed_documents(session, await release_contents.content_of(session, which))

    async def clauses(self, document_id: str, which: Which = None) -> tuple[Clause, ...]:
        """The clauses of one imported document in their order. Raises UnknownDocumentError."""
        async with self._sessions() as session:
            content = await release_contents.content_of(session, which)
            # Succession needs all documents side by side, so the days of one cannot be told from its own clauses alone.
            clauses = await release_contents.clauses_of(session, content)
        found = tuple(clause for clause in clauses if clause.document.document_id == document_id)
        if not found:
            raise UnknownDocumentError("release.unknown_document", document_id=document_id)
        return found

    # -- inside --------------------------------------------------------------------------------------------------------------

    def _writing(self) -> OneWriter:
        return OneWriter(self._sessions)

    def _checked_catalogue(self, content: str) -> str:
        try:
            return self._read_catalogue(content).content()
        except ValueError as error:
            raise KnowledgeError("release.catalogue_wrong", reason=error) from error

    async def _load(self, which: Which) -> KnowledgeBase:
        async with self._sessions() as session:
            return await self._knowledge(session, await release_contents.content_of(session, which))

    async def _knowledge(self, session: AsyncSession, content: Content) -> KnowledgeBase:
        handbook = await catalogue_text(session, content)
        succession = await release_contents.succession_text(session, content)
        clauses = await release_contents.clauses_of(session, content)
        digest = content_hash(content.versions, text_digest(handbook), text_digest(succession))
        catalogue = self._read_catalogue(handbook)
        if content.at is None:
            return KnowledgeBase(content.number, digest, catalogue, clauses)
        return KnowledgeBase(content.number, digest, catalogue, clauses, content.at.astimezone(SHANGHAI).date())

    async def _checked(self, session: AsyncSession, content: Content) -> CheckedContent:
        current = await release_contents.content_of(session, None)
        knowledge = await self._knowledge(session, content)
        return CheckedContent(
            knowledge=knowledge,
            documents=await listed_documents(session, content),
            corrections=await kept_corrections.clause_corrections(session, None),
            former=await self._knowledge(session, current) if content.number == 0 else knowledge,
        )

    async def _refuse_severe(self, session: AsyncSession, draft: Content, at: datetime) -> None:
        found = findings_of(await self._checked(session, draft), at.astimezone(SHANGHAI).date())
        severe = [finding for finding in found if finding.severity is Severity.SEVERE]
        if severe:
            raise SevereFindingsError("release.severe", count=len(severe), first=f"{severe[0].place}：{severe[0].what}")
