"""PDF: words through pypdfium2, ruled tables through pdfplumber, pages without words through character recognition."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import pdfplumber
import pypdfium2
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH

from knowledge.documents.blocks import Source
from knowledge.documents.printed_tables import printed_table
from knowledge.documents.readers.layout import Line, Page, PlacedTable, blocks_on, without_running_heads
from knowledge.documents.readers.packages import DAMAGE
from knowledge.documents.readers.progress import MOST_PICTURED_PAGES, Progress, check_pages, unwatched
from knowledge.documents.readers.recognition import in_one_spelling, recogniser
from knowledge.documents.readers.signatures import found_in
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

PDFIUM = threading.Lock()
"""PDFium may only be used by one thread at a time."""

LEAST_CHARS = 10
"""A page with a picture and fewer characters is a scan; a file with fewer has nothing to read."""
LEAST_RULES = 4
"""A page with fewer drawn lines holds no ruled table, and is not searched for one."""
LINES_IN_A_TABLE = {"vertical_strategy": "lines", "horizontal_strategy": "lines", "snap_tolerance": 4, "join_tolerance": 4}
TABLE_DAMAGE: tuple[type[Exception], ...] = (PdfminerException, PSException, *DAMAGE)
NONSENSE = re.compile(r"[\ue000-\uf8ff\ufffd\x00-\x08]")
"""What a text layer says whose fonts do not tell which characters they draw."""
MOST_NONSENSE = 0.3
DOTS_A_POINT = 200 / 72
"""Pages are drawn at 200 dots an inch to be recognised."""
LARGEST_DRAWN_POINTS = 2_000
"""A poster is drawn with fewer dots an inch, so that no page takes more than a few megabytes."""


def read_pdf(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of a PDF, one a paragraph or table. Raises UnreadableDocumentError: not a PDF, broken, encrypted, only pictures."""
    if b"%PDF-" not in content[:1024]:
        raise UnreadableDocumentError("unreadable.not_pdf", name=name, found=say(f"found.{found_in(content) or 'unknown'}"))
    with PDFIUM:
        found = _found(content, name, progress)
    if sum(_characters(page) for page in found.pages) < LEAST_CHARS:
        raise UnreadableDocumentError(_why_empty(found), name=name, pages=len(found.pages), stem=PurePath(name).stem)
    remarks = []
    if found.unread:
        remarks.append(say("remark.pages_without_text", pages="、".join(map(str, found.unread))))
    if found.recognised:
        remarks.append(say("remark.pages_recognised", pages="、".join(map(str, found.recognised))))
    if found.tables_unread:
        remarks.append(say("remark.tables_unread", pages="、".join(map(str, found.tables_unread))))
    kept, dropped = without_running_heads(found.pages)
    if dropped:
        remarks.append(say("remark.running_heads", count=dropped))
    return Source(tuple(blocks_on(kept)), remarks=tuple(remarks))


@dataclass(frozen=True, slots=True)
class _Found:
    """The pages, and the numbers of those that show a picture, of those read from it, those without anything to
    read, and those whose tables were read as lines."""

    pages: list[Page]
    pictured: list[int]
    recognised: list[int]
    unread: list[int]
    tables_unread: list[int]


def _characters(page: Page) -> int:
    return sum(len(line.text) for line in page.lines) + sum(len(placed.table.as_text()) for placed in page.tables)


def _why_empty(found: _Found) -> str:
    if not found.pictured:
        return "unreadable.blank_pdf"
    return "unreadable.scanned_pdf" if recogniser() is None else "unreadable.picture_without_text"


def _found(content: bytes, name: str, progress: Progress) -> _Found:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        key = "unreadable.encrypted_pdf" if "password" in str(error).lower() else "unreadable.broken_pdf"
        raise UnreadableDocumentError(key, name=name) from error
    try:
        check_pages(len(document), name)
        return _Reading(document, content, name).pages(progress)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocumentError("unreadable.broken_pdf", name=name) from error
    finally:
        document.close()


class _Reading:
    """One pass over one PDF."""

    def __init__(self, document: Any, content: bytes, name: str) -> None:
        self._document = document
        self._content = content
        self._name = name
        self._untold: list[int] = []

    def pages(self, progress: Progress) -> _Found:
        found = _Found([], [], [], [], self._untold)
        for index in range(len(self._document)):
            page = self._page(index)
            if _characters(page) < LEAST_CHARS and self._shows_picture(index):
                # A page number or stamp may have been printed on the scan as text.
                found.pictured.append(index + 1)
                check_pages(len(found.pictured), self._name, MOST_PICTURED_PAGES)
                read = self._recognised(index)
                if _characters(read) > _characters(page):
                    page = read
                    found.recognised.append(index + 1)
            if not _characters(page):
                found.unread.append(index + 1)
            found.pages.append(page)
            progress(index + 1, len(self._document))
        spelled = iter(in_one_spelling([page for page in found.pages if page.number in found.recognised]))
        return replace(found, pages=[next(spelled) if page.number in found.recognised else page for page in found.pages])

    def _page(self, index: int) -> Page:
        drawn = self._document[index]
        width, height = drawn.get_size()
        lines = _lines(drawn, height)
        words = "".join(line.text for line in lines)
        if words and len(NONSENSE.findall(words)) > MOST_NONSENSE * len(words):
            lines = []
        tables: list[PlacedTable] = []
        rules = sum(1 for _ in drawn.get_objects(filter=[FPDF_PAGEOBJ_PATH]))
        drawn.close()
        if lines and rules >= LEAST_RULES:
            tables, boxes = self._tables_or_none(index)
            lines = [line for line in lines if not any(_inside(line, box) for box in boxes)]
        return Page(index + 1, tuple(lines), tuple(tables), width)

    def _tables_or_none(self, index: int) -> tuple[list[PlacedTable], list[tuple[float, float, float, float]]]:
        """The tables; none where the second library stumbles over what the first could read: their cells are then lines."""
        try:
            return self._tables(index)
        except TABLE_DAMAGE:
            self._untold.append(index + 1)
            return [], []

    def _tables(self, index: int) -> tuple[list[PlacedTable], list[tuple[float, float, float, float]]]:
        found: list[PlacedTable] = []
        boxes: list[tuple[float, float, float, float]] = []
        with pdfplumber.open(io.BytesIO(self._content), pages=[index + 1]) as document:
            for page in document.pages:
                for table in page.find_tables(LINES_IN_A_TABLE):
                    grid = _filled(table.extract(), [row.cells for row in table.rows])
                    printed = printed_table(grid)
                    if printed is not None:
                        found.append(PlacedTable(printed, float(table.bbox[1])))
                        left, top, right, bottom = table.bbox
                        boxes.append((float(left), float(top), float(right), float(bottom)))
        return found, boxes

    def _shows_picture(self, index: int) -> bool:
        """Is there a picture, or type that says nothing we understand?"""
        page = self._document[index]
        shows = next(page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=3), None) is not None
        shows = shows or bool(_lines(page, page.get_height()))
        page.close()
        return shows

    def _recognised(self, index: int) -> Page:
        """The page read from its picture; empty where nothing is installed that reads pictures."""
        reader = recogniser()
        if reader is None:
            return Page(index + 1, ())
        page = self._document[index]
        scale = DOTS_A_POINT * min(1.0, LARGEST_DRAWN_POINTS / max(page.get_size()))
        picture = page.render(scale=scale).to_pil().convert("RGB")
        page.close()
        return replace(reader.read(picture, first_page=index == 0), number=index + 1)


def _lines(page: Any, page_height: float) -> list[Line]:
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
            words = line.strip().replace("\ufffe", "-")
            lines.append(Line(words, left, right, page_height - top, page_height - bottom))
        start += len(raw) + 2
    text_page.close()
    return lines


def _inside(line: Line, box: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = box
    across, down = (line.left + line.right) / 2, (line.top + line.bottom) / 2
    return left - 2 <= across <= right + 2 and top - 2 <= down <= bottom + 2


def _filled(words: list[list[str | None]], cells: list[list[Any]]) -> list[list[str]]:
    """The grid; a place that a wider or higher cell covers says what that cell says."""
    grid = [["".join((word or "").split("\n")).strip() for word in row] for row in words]
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            if cell is None:
                grid[row][column] = _covering(cells, grid, row, column)
    return grid


def _covering(cells: list[list[Any]], grid: list[list[str]], row: int, column: int) -> str:
    """The words of the cell left of or above an empty place that reaches over it."""
    edge_right, edge_bottom = _column_right(cells, column), _row_bottom(cells[row])
    for left in range(column - 1, -1, -1):
        cell = cells[row][left]
        if cell is not None:
            if edge_right is not None and cell[2] >= edge_right - 1:
                return grid[row][left]
            break
    for above in range(row - 1, -1, -1):
        cell = cells[above][column]
        if cell is not None:
            return grid[above][column] if edge_bottom is not None and cell[3] >= edge_bottom - 1 else ""
    return ""


def _column_right(cells: list[list[Any]], column: int) -> float | None:
    return min((row[column][2] for row in cells if row[column] is not None), default=None)


def _row_bottom(row: list[Any]) -> float | None:
    return min(_bottoms(row), default=None)


def _bottoms(row: list[Any]) -> Iterator[float]:
    return (cell[3] for cell in row if cell is not None)
