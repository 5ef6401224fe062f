"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import re

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"MZ", "exe"),
    (b"\x7fELF", "exe"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"),
    (b"{\\rtf", "rich_text"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
)
HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta)\b", re.IGNORECASE | re.DOTALL)
WORD_PART = b"word/document.xml"
SHEET_PART = b"xl/workbook.xml"
LOCKED_PART = "EncryptedPackage".encode("utf-16-le")
"""The name that Office gives the locked content inside the old container."""
BEGINNING = 2048


def found_in(content: bytes) -> str | None:
    """"pdf", "docx", "xlsx", "zip", "exe", "old_office", "locked_office", "rich_text", "image", "archive", "html", or None for
    anything without a known beginning."""
    kind = next((kind for signature, kind in SIGNATURES if content.startswith(signature)), None)
    if kind == "zip":
        return "docx" if WORD_PART in content else "xlsx" if SHEET_PART in content else "zip"
    if kind == "old_office" and LOCKED_PART in content:
        return "locked_office"
    if kind is None and content.startswith(b"BM") and content[6:10] == bytes(4):
        return "image"
    if kind is None and content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image"
    if kind is None and b"%PDF-" in content[:1024]:
        return "pdf"
    return "html" if kind is None and HTML.match(content[:BEGINNING].removeprefix(b"\xef\xbb\xbf")) else kind
