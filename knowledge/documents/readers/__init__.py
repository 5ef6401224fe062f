"""Readers: one a format. Each turns the bytes of a file into a Source or says clearly why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from knowledge.documents.blocks import Source
from knowledge.documents.readers.pdf import read_pdf
from knowledge.documents.readers.text import read_text
from knowledge.errors import UnreadableDocumentError

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
"""Largest file read unless the caller says otherwise."""

READERS: dict[str, Callable[[bytes, str], Source]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_text,
    ".markdown": read_text,
    ".pdf": read_pdf,
}


def read_source(content: bytes, name: str, max_bytes: int = MAX_BYTES) -> Source:
    """The blocks of a file; name is its file name, whose ending chooses the reader. Raises UnreadableDocumentError."""
    path = PurePath(name)
    if not content.strip():
        raise UnreadableDocumentError("unreadable.empty", name=name)
    if len(content) > max_bytes:
        size, limit = (f"{number / MEGABYTE:.1f}" for number in (len(content), max_bytes))
        raise UnreadableDocumentError("unreadable.too_large", name=name, size=size, limit=limit)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        key = "unreadable.format" if path.suffix else "unreadable.no_suffix"
        raise UnreadableDocumentError(key, name=name, stem=path.stem, found=path.suffix)
    return reader(content, name)
