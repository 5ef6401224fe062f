"""Readers: one a format. Each turns the bytes of a file into a Source or says clearly why it cannot.

The libraries behind a format are loaded when its first file comes: a server that imports nothing carries none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import cast

from knowledge.documents.blocks import Source
from knowledge.documents.readers.chinese import check_chinese
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.errors import UnreadableDocumentError

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
"""Largest file read unless the caller says otherwise."""

Reader = Callable[[bytes, str, Progress], Source]


@dataclass(frozen=True, slots=True)
class Format:
    """Where the reader of a format is. apart: its library parses what strangers wrote, so it runs in a process of its own."""

    module: str
    function: str
    apart: bool = True

    def reader(self) -> Reader:
        return cast(Reader, getattr(import_module(f"{__name__}.{self.module}"), self.function))


TEXT = Format("text", "read_text", apart=False)
PDF = Format("pdf", "read_pdf")
WORD = Format("word", "read_docx")
OFFICE = Format("office", "read_office")
PAGE = Format("page", "read_page")
WORKBOOK = Format("sheets", "read_xlsx")
COMMAS = Format("sheets", "read_csv", apart=False)
PICTURE = Format("pictures", "read_picture")

FORMATS: dict[str, Format] = {
    **dict.fromkeys((".txt", ".text", ".md", ".markdown"), TEXT),
    ".pdf": PDF,
    ".docx": WORD,
    **dict.fromkeys((".doc", ".wps", ".rtf", ".odt"), OFFICE),
    **dict.fromkeys((".html", ".htm", ".xhtml"), PAGE),
    ".xlsx": WORKBOOK,
    ".csv": COMMAS,
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"), PICTURE),
}


def format_of(content: bytes, name: str, max_bytes: int = MAX_BYTES) -> Format:
    """The format that the ending of the file name chooses. Raises UnreadableDocumentError: empty, too large, no such format."""
    path = PurePath(name)
    if not content.strip():
        raise UnreadableDocumentError("unreadable.empty", name=name)
    if len(content) > max_bytes:
        size, limit = (f"{number / MEGABYTE:.1f}" for number in (len(content), max_bytes))
        raise UnreadableDocumentError("unreadable.too_large", name=name, size=size, limit=limit)
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        key = "unreadable.format" if path.suffix else "unreadable.no_suffix"
        raise UnreadableDocumentError(key, name=name, stem=path.stem, found=path.suffix)
    return found


def read_source(content: bytes, name: str, max_bytes: int = MAX_BYTES, progress: Progress = unwatched) -> Source:
    """The blocks of a file, read in this process; name is its file name, whose ending chooses the reader.

    Raises UnreadableDocumentError. For files of strangers use reader_process.read_apart."""
    source = format_of(content, name, max_bytes).reader()(content, name, progress)
    check_chinese(source, name)
    return source
