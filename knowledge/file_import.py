"""One import: files go into the draft, each on its own, and a file that was read before is not read again."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from knowledge import drafts, kept_corrections
from knowledge.documents.readers.progress import Progress as Pages
from knowledge.documents.readers.progress import unwatched
from knowledge.documents.reading import ReadDocument, read_content, read_document
from knowledge.errors import UnreadableDocumentError
from knowledge.kept_versions import file_key, file_sha256, kept_version, read_before, remember_file
from knowledge.manifest import ManifestEntry
from knowledge.one_writer import OneWriter
from knowledge.releases import ImportEntry, Outcome, version_digest
from knowledge.wording import say

log = logging.getLogger("knowledge")


class FileImport:
    """Takes files into the draft for one person. Remembers what it took: two files that are one document but differ are told."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], max_bytes: int, by: str, at: datetime) -> None:
        self._sessions, self._max_bytes, self._by, self._at = sessions, max_bytes, by, at
        self._seen: dict[str, tuple[str, str]] = {}

    async def take(self, file: Path, known: ManifestEntry | None, pages: Pages = unwatched) -> ImportEntry:
        """known: the file's line of a manifest. What cannot be read is an entry with its reason."""
        key = await asyncio.to_thread(self._key_of, file, known)
        try:
            if key is not None and (before := await self._as_before(file, key)) is not None:
                return before
            read = await asyncio.to_thread(read_document, file, known, max_bytes=self._max_bytes, progress=pages)
        except UnreadableDocumentError as error:
            return ImportEntry(str(file), Outcome.FAILED, reason=str(error))
        except Exception as error:
            return _unexpected(str(file), error)
        try:
            return await self._put(file, read, key)
        except UnreadableDocumentError as error:
            return ImportEntry(str(file), Outcome.FAILED, reason=str(error))

    async def take_upload(self, name: str, content: bytes, said: ManifestEntry) -> ImportEntry:
        """said: what the form says. It is the newest word on these fields: what was corrected in them before no longer counts."""
        try:
            read = await asyncio.to_thread(read_content, name, content, said, max_bytes=self._max_bytes)
        except UnreadableDocumentError as error:
            return ImportEntry(name, Outcome.FAILED, reason=str(error))
        except Exception as error:
            return _unexpected(name, error)
        newest = [field.name for field in fields(ManifestEntry) if getattr(said, field.name)]
        async with OneWriter(self._sessions) as session:
            await kept_corrections.forget_fields(session, read.document.document_id, newest)
            read = await kept_corrections.as_corrected(session, read)
            outcome, _ = await drafts.put_in_draft(session, read, self._by, self._at)
        return _entry(name, outcome, read)

    def _key_of(self, file: Path, known: ManifestEntry | None) -> str | None:
        """None for a file that must not or cannot be read: reading it says why."""
        try:
            too_large = file.stat().st_size > self._max_bytes
            return None if too_large else file_key(file.name, file_sha256(file), known)
        except OSError:
            return None

    async def _as_before(self, file: Path, key: str) -> ImportEntry | None:
        """The entry of a file that was read before and whose document the draft holds as it was read."""
        async with self._sessions() as session:
            row = await read_before(session, key)
            if row is None or await drafts.present_version(session, row.document_id) != row.version_digest:
                return None
            read = await kept_version(session, row.version_digest)
        return _entry(str(file), Outcome.UNCHANGED, read, self._seen_as(row.document_id, row.version_digest, file))

    async def _put(self, file: Path, read: ReadDocument, key: str | None) -> ImportEntry:
        async with OneWriter(self._sessions) as session:
            read = await kept_corrections.as_corrected(session, read)
            document_id = read.document.document_id
            same = self._seen_as(document_id, version_digest(read.document, read.clauses), file)
            outcome, digest = await drafts.put_in_draft(session, read, self._by, self._at)
            if key is not None:
                await remember_file(session, key, document_id, digest)
        return _entry(str(file), outcome, read, same)

    def _seen_as(self, document_id: str, digest: str, file: Path) -> str | None:
        """The file of this import that held the same document with the same content. Raises when the content is another one."""
        other, other_digest = self._seen.setdefault(document_id, (file.name, digest))
        if other_digest != digest:
            raise UnreadableDocumentError("unreadable.twice", name=file.name, other=other, document_id=document_id)
        return None if other == file.name else other


def _entry(path: str, outcome: Outcome, read: ReadDocument, same_as: str | None = None) -> ImportEntry:
    remarks = (*read.remarks, *((say("remark.same_twice", other=same_as),) if same_as else ()))
    return ImportEntry(path, outcome, read.document.document_id, read.document.title, len(read.clauses), None, remarks)


def _unexpected(name: str, error: Exception) -> ImportEntry:
    # The last ring: a reader that fails in a way nobody thought of must not stop the other files.
    log.exception("reading %s failed", name)
    reason = say("unreadable.unexpected", name=Path(name).name, reason=type(error).__name__)
    return ImportEntry(name, Outcome.FAILED, reason=reason)
