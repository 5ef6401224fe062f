"""Office packages (DOCX, XLSX): a zip of XML parts, looked over before any library unpacks it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from knowledge.errors import UnreadableDocumentError

MOST_PARTS = 5_000
MOST_UNPACKED_BYTES = 300 * 1024 * 1024
MOST_PART_BYTES = 120 * 1024 * 1024
SUSPICIOUS_RATIO = 150
"""Text of a document shrinks ten to thirty times; what shrinks more, and is large, was made to burst."""
HARMLESS_BYTES = 20 * 1024 * 1024
ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
BEGINNING = 65_536
DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError,
    NotImplementedError, AssertionError,
)
"""What the libraries that read packages raise for parts that are missing, cut short or no XML (a SyntaxError)."""


def check_package(content: bytes, name: str) -> None:
    """Raises UnreadableDocumentError: no zip, broken, locked, far larger inside than outside, XML that calls for files."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            _check_sizes(parts, name)
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableDocumentError("unreadable.locked_office", name=name)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(package, part, name)
    except DAMAGE as error:
        raise UnreadableDocumentError("unreadable.broken_office", name=name) from error


def _check_sizes(parts: list[zipfile.ZipInfo], name: str) -> None:
    unpacked = sum(part.file_size for part in parts)
    bursts = any(part.file_size > MOST_PART_BYTES or _is_bomb(part) for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or bursts:
        size = f"{unpacked / 1024 / 1024:.0f}"
        raise UnreadableDocumentError("unreadable.zip_bomb", name=name, size=size, parts=len(parts))


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > HARMLESS_BYTES and part.file_size > SUSPICIOUS_RATIO * max(1, part.compress_size)


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    with package.open(part) as opened:
        beginning = opened.read(BEGINNING)
    # UTF-16 parts would hide the words from a search in the bytes; Office writes UTF-8.
    if ENTITY.search(beginning) or ENTITY.search(beginning.replace(b"\x00", b"")):
        raise UnreadableDocumentError("unreadable.entities", name=name, part=part.filename)
