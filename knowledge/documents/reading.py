"""Reading a policy document: from a file, or from the bytes of an upload, to clauses with their ids."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from knowledge.clauses import Clause
from knowledge.documents.division import divided
from knowledge.documents.metadata import described
from knowledge.documents.numbering import with_unique_articles, without_contents
from knowledge.documents.pieces import Piece
from knowledge.documents.positions import shown
from knowledge.documents.proposals import Proposal
from knowledge.documents.reader_process import read_apart
from knowledge.documents.readers import MAX_BYTES
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.documents.repair import repaired
from knowledge.errors import UnreadableDocumentError
from knowledge.manifest import ManifestEntry
from knowledge.policy_documents import PolicyDocument
from knowledge.wording import say


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as read, before succession is applied. sha256: of the file's bytes, hexadecimal. remarks: Chinese sentences for
    the person who imports: what was repaired, what could not be told. pieces: headings and passages in the order of the text."""

    document: PolicyDocument
    clauses: tuple[Clause, ...]
    sha256: str
    remarks: tuple[str, ...]
    pieces: tuple[Piece, ...] = ()
    proposals: tuple[Proposal, ...] = ()


READER_VERSION = "2"
"""Raised whenever the same bytes may give other clauses: a file read by an older version is worth reading again."""


def content_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal, without reading anything into it: unchanged files need no second reading.

    Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_document(
    path: Path, entry: ManifestEntry | None = None, *, max_bytes: int = MAX_BYTES, progress: Progress = unwatched,
) -> ReadDocument:
    """Reads one file. entry: its line of a manifest; what stands there wins over what the file says. progress: told of pages.

    Raises UnreadableDocumentError, whose text is for the person who imports."""
    try:
        # The size is asked first, so that a huge file is refused without being loaded.
        if path.stat().st_size > max_bytes:
            size, limit = (f"{number / 1024 / 1024:.1f}" for number in (path.stat().st_size, max_bytes))
            raise UnreadableDocumentError("unreadable.too_large", name=path.name, size=size, limit=limit)
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableDocumentError("unreadable.missing", name=path) from error
    except OSError as error:
        raise UnreadableDocumentError("unreadable.cannot_open", name=path, reason=error.strerror or error) from error
    return read_content(path.name, content, entry, max_bytes=max_bytes, progress=progress)


def read_content(
    name: str, content: bytes, entry: ManifestEntry | None = None, *, max_bytes: int = MAX_BYTES, progress: Progress = unwatched,
) -> ReadDocument:
    """Reads the bytes of a file called name. Raises UnreadableDocumentError."""
    # The same name must give the same title whether it was typed on a Mac (decomposed) or elsewhere.
    name = unicodedata.normalize("NFC", name)
    source = repaired(read_apart(content, name, max_bytes, progress))
    found = described(source, name, entry)
    body, contents_lines = without_contents(found.body)
    pieces = divided(body, found.titles)
    clauses = _clauses(found.document, pieces)
    if not clauses:
        raise UnreadableDocumentError("unreadable.no_clauses", name=name)
    remarks = list(source.remarks)
    if contents_lines:
        remarks.append(say("remark.contents", count=contents_lines))
    sha256 = hashlib.sha256(content).hexdigest()
    return ReadDocument(found.document, clauses, sha256, (*remarks, *found.remarks), pieces, found.proposals)


def _clauses(document: PolicyDocument, pieces: tuple[Piece, ...]) -> tuple[Clause, ...]:
    passages = [piece for piece in pieces if not piece.is_heading and piece.text]
    articles = with_unique_articles(piece.article for piece in passages)
    return tuple(
        Clause(
            f"{document.document_id}#{article}", document, article, piece.text, piece.heading_path, ordinal,
            place=shown(piece.positions), confidence=piece.confidence,
        )
        for ordinal, (piece, article) in enumerate(zip(passages, articles, strict=True))
    )
