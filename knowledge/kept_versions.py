"""Document versions in the database: kept once, read back whole, and known again without reading the file a second time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.clauses import Clause
from knowledge.differences import ClauseContent, VersionContent
from knowledge.documents.proposals import Proposal
from knowledge.documents.reading import ReadDocument
from knowledge.manifest import ManifestEntry
from knowledge.releases import clause_digest, content_record, document_from, document_record, version_digest
from knowledge.tables import ClauseRow, DocumentVersionRow, ReadFileRow


async def keep_version(session: AsyncSession, read: ReadDocument, by: str, at: datetime) -> str:
    """The digest of this version, which is kept now if it was not yet."""
    document, digest = read.document, version_digest(read.document, read.clauses)
    if await session.get(DocumentVersionRow, digest) is not None:
        return digest
    session.add(DocumentVersionRow(
        digest=digest, document_id=document.document_id, title=document.title, record=document_record(document),
        source=document.source, file_sha256=read.sha256, remarks=list(read.remarks),
        proposals=[proposal.as_dict() for proposal in read.proposals], imported_by=by, imported_at=at,
    ))
    await session.flush()
    await session.execute(insert(ClauseRow), [
        {
            "version_digest": digest, "ordinal": clause.ordinal, "clause_id": clause.clause_id, "article": clause.article,
            "heading_path": list(clause.heading_path), "text": clause.text, "digest": clause_digest(clause),
            "place": clause.place, "confidence": clause.confidence,
        }
        for clause in read.clauses
    ])
    return digest


async def kept_version(session: AsyncSession, digest: str) -> ReadDocument:
    """The version as it was read, for a correction to start from."""
    row = await session.get_one(DocumentVersionRow, digest)
    document = document_from(row.record, row.source)
    rows = await session.scalars(select(ClauseRow).where(ClauseRow.version_digest == digest).order_by(ClauseRow.ordinal))
    clauses = tuple(
        Clause(c.clause_id, document, c.article, c.text, tuple(c.heading_path), c.ordinal, place=c.place, confidence=c.confidence)
        for c in rows
    )
    proposals = tuple(map(Proposal.from_dict, row.proposals))
    return ReadDocument(document, clauses, row.file_sha256, tuple(row.remarks), proposals=proposals)


async def version_content(session: AsyncSession, digest: str | None) -> VersionContent | None:
    if digest is None:
        return None
    read = await kept_version(session, digest)
    clauses = [ClauseContent(c.clause_id, c.article, c.text, clause_digest(c)) for c in read.clauses]
    return VersionContent(content_record(read.document), clauses)


# -- files read before -----------------------------------------------------------------------------------------------------------


def file_key(name: str, sha256: str, known: ManifestEntry | None) -> str:
    """Equal keys give equal documents: the same name and bytes, the same manifest entry, read by the same program."""
    entry = {field.name: str(getattr(known, field.name)) for field in fields(ManifestEntry)} if known else {}
    return hashlib.sha256(json.dumps([name, sha256, entry, reader_digest()], ensure_ascii=False).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def reader_digest() -> str:
    """Changes whenever the code that reads documents does, so that nobody has to remember to count a version up."""
    folder = resources.files("knowledge").joinpath("documents")
    sources = sorted(_sources(folder), key=lambda item: item[0])
    return hashlib.sha256(b"".join(name.encode() + b"\0" + content + b"\0" for name, content in sources)).hexdigest()


def _sources(folder: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _sources(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".py"):
            found.append((prefix + item.name, item.read_bytes()))
    return found


async def read_before(session: AsyncSession, key: str) -> ReadFileRow | None:
    return await session.get(ReadFileRow, key)


async def remember_file(session: AsyncSession, key: str, document_id: str, digest: str) -> None:
    row = await session.get(ReadFileRow, key)
    if row is None:
        session.add(ReadFileRow(key=key, document_id=document_id, version_digest=digest))
    else:
        row.version_digest = digest
