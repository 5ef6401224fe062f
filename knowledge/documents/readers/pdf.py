"""PDF with a text layer, through pypdfium2: lines put back into paragraphs by where they stand on the page."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pypdfium2

from knowledge.documents.blocks import SENTENCE_MARKS, Block, Source
from knowledge.documents.readers.signatures import found_in
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

PDFIUM = threading.Lock()
"""PDFium may only be used by one thread at a time."""

PAGE_NUMBER = re.compile(r"^[-—–－·\s]*(第?\s*\d{1,4}\s*页?(\s*[/／,，共]*\s*\d{1,4}\s*页?)?)[-—–－·\s]*$")
LEAST_CHARS_A_PAGE = 10
"""Pages with fewer characters than this on average hold pictures of text: a scan."""
RUNNING_HEAD_SHARE = 0.6
INDENT = 0.8
"""A line that starts so many line heights to the right of the page's edge of text opens a paragraph (首行缩进 is two)."""
SHORT = 1.6
"""A line that ends so many line heights before the right edge of text closes its paragraph if its sentence is finished ..."""
VERY_SHORT = 4.0
"""... and in any case when it ends so many before: words that must not be parted leave a ragged edge, but not a wider one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line with its edges, in points."""

    text: str
    left: float
    right: float
    height: float


def read_pdf(content: bytes, name: str) -> Source:
    """Blocks of a PDF, one a paragraph. Raises UnreadableDocumentError: not a PDF, broken, encrypted, scanned."""
    if b"%PDF-" not in content[:1024]:
        found = say(f"found.{found_in(content) or 'unknown'}")
        raise UnreadableDocumentError("unreadable.not_pdf", name=name, found=found)
    with PDFIUM:
        pages = _pages(content, name)
    characters = sum(len(line.text) for page in pages for line in page)
    if characters < LEAST_CHARS_A_PAGE * max(1, len(pages)):
        raise UnreadableDocumentError("unreadable.scanned_pdf", name=name, pages=len(pages), stem=PurePath(name).stem)
    remarks = []
    empty = [str(number) for number, page in enumerate(pages, start=1) if not page]
    if empty:
        remarks.append(say("remark.pages_without_text", pages="、".join(empty)))
    pages, dropped = _without_running_heads(pages)
    if dropped:
        remarks.append(say("remark.running_heads", count=dropped))
    blocks = tuple(Block(text) for page in pages for text in _paragraphs(page))
    return Source(blocks, remarks=tuple(remarks))


def _pages(content: bytes, name: str) -> list[list[Line]]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        key = "unreadable.encrypted_pdf" if "password" in str(error).lower() else "unreadable.broken_pdf"
        raise UnreadableDocumentError(key, name=name) from error
    try:
        return [_lines(document[number]) for number in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocumentError("unreadable.broken_pdf", name=name) from error
    finally:
        document.close()


def _lines(page: Any) -> list[Line]:
    text_page = page.get_textpage()
    text: str = text_page.get_text_range()
    lines: list[Line] = []
    start = 0
    for raw in text.split("\r\n"):
        line = raw.rstrip()
        if line.strip():
            first = start + len(line) - len(line.lstrip())
            # Loose boxes are as large as the type, whatever the character: 一 is as high as 国.
            left, bottom, _, top = text_page.get_charbox(first, loose=True)
            right = text_page.get_charbox(start + len(line) - 1, loose=True)[2]
            # PDFium writes U+FFFE for a hyphen it found at the end of a line.
            lines.append(Line(line.strip().replace("\ufffe", "-"), left, right, max(top - bottom, 1.0)))
        start += len(raw) + 2
    text_page.close()
    page.close()
    return lines


def _without_running_heads(pages: list[list[Line]]) -> tuple[list[list[Line]], int]:
    """Pages without page numbers and without first and last lines that repeat on most pages; how many lines went."""
    edges = Counter(_without_digits(line.text) for page in pages for line in _edges(page))
    repeated = {text for text, count in edges.items() if len(pages) >= 3 and count >= RUNNING_HEAD_SHARE * len(pages)}
    kept: list[list[Line]] = []
    dropped = 0
    for page in pages:
        edge_lines = _edges(page)
        body = [
            line for line in page
            if not (line in edge_lines and (PAGE_NUMBER.match(line.text) or _without_digits(line.text) in repeated))
        ]
        dropped += len(page) - len(body)
        kept.append(body)
    return kept, dropped


def _edges(page: list[Line]) -> list[Line]:
    return list(dict.fromkeys((*page[:1], *page[-1:])))


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _paragraphs(page: list[Line]) -> list[str]:
    if not page:
        return []
    left_edge = min(line.left for line in page)
    right_edge = max(line.right for line in page)
    texts: list[str] = []
    open_paragraph = False
    for line in page:
        indented = line.left > left_edge + INDENT * line.height
        if open_paragraph and not indented:
            texts[-1] += line.text
        else:
            texts.append(line.text)
        room = SHORT if line.text[-1] in SENTENCE_MARKS + "：:" else VERY_SHORT
        open_paragraph = line.right > right_edge - room * line.height
    return texts
