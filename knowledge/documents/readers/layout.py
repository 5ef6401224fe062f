"""Layout (版面): printed lines put back into paragraphs by where they stand on the page; page heads and numbers dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from knowledge.documents.blocks import SENTENCE_MARKS, Block, least, table_block
from knowledge.documents.positions import Counted, at, together
from knowledge.documents.printed_tables import PrintedTable, continued

PAGE_NUMBER = re.compile(r"^[-—–－·\s]*(第?\s*\d{1,4}\s*页?(\s*[/／,，共]*\s*\d{1,4}\s*页?)?)[-—–－·\s]*$")
RUNNING_HEAD_SHARE = 0.6
INDENT = 0.8
"""A line that starts so many line heights to the right of the page's edge of text opens a paragraph (首行缩进 is two)."""
SHORT = 1.6
"""A line that ends so many line heights before the right edge of text closes its paragraph if its sentence is finished ..."""
VERY_SHORT = 4.0
"""... and in any case when it ends so many before: words that must not be parted leave a ragged edge, but not a wider one."""
GAP = 1.3
"""A line that stands so many times the usual step below the one above opens a paragraph."""
LARGE = 1.3
"""Type so much larger than the usual is that of a title."""
FEWEST_FOR_STEP = 6
WIDE_SHARE = 0.6
"""Lines that all leave more of the sheet empty do not show where its right edge of text is; the left margin then does."""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line with its edges, in points or pixels from the upper left corner of the page."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    confidence: float | None = None

    @property
    def height(self) -> float:
        return max(self.bottom - self.top, 1.0)


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table and where its upper edge is. confidence: of its least certain cell, None where nothing was read from a picture."""

    table: PrintedTable
    top: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """number: from 1. lines in reading order. width: of the sheet, 0 when it is not known."""

    number: int
    lines: tuple[Line, ...]
    tables: tuple[PlacedTable, ...] = ()
    width: float = 0.0


def without_running_heads(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """Pages without page numbers and without first and last lines that repeat on most pages; how many lines went."""
    edges = Counter(_without_digits(line.text) for page in pages for line in _edges(page))
    repeated = {text for text, count in edges.items() if len(pages) >= 3 and count >= RUNNING_HEAD_SHARE * len(pages)}
    kept: list[Page] = []
    for page in pages:
        dropped = {
            line for line in _edges(page) if PAGE_NUMBER.match(line.text) or _without_digits(line.text) in repeated
        }
        kept.append(replace(page, lines=tuple(line for line in page.lines if line not in dropped)))
    return kept, sum(len(page.lines) for page in pages) - sum(len(page.lines) for page in kept)


def _edges(page: Page) -> tuple[Line, ...]:
    """The first and the last line; a page of one line has one."""
    return tuple(dict.fromkeys((*page.lines[:1], *page.lines[-1:])))


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def blocks_on(pages: Iterable[Page]) -> list[Block]:
    """Paragraphs and tables in their order; a paragraph or table that a page break divides is one."""
    given = list(pages)
    measure = _Measure(given)
    blocks: list[Block] = []
    writing = _Writing(measure, blocks)
    for page in given:
        writing.page(page)
    return blocks


class _Measure:
    """What is usual in this document: the step from line to line, the size of type, the edges of the text, 首行缩进."""

    def __init__(self, pages: Sequence[Page]) -> None:
        lines = [line for page in pages for line in page.lines]
        self.height = median(line.height for line in lines) if lines else 1.0
        steps = [
            (below.top - above.top) / self.height
            for page in pages for above, below in zip(page.lines, page.lines[1:], strict=False)
            if below.top > above.top and not self.is_large(above) and not self.is_large(below)
        ]
        self.step = _usual(steps) if len(steps) >= FEWEST_FOR_STEP else None
        self.left = median(min(line.left for line in page.lines) for page in pages if page.lines) if lines else 0.0
        self.right = median(_right_edge(page) for page in pages if page.lines) if lines else 0.0

    def is_large(self, line: Line) -> bool:
        return line.height > LARGE * self.height

    def leaves_gap(self, above: Line, below: Line) -> bool:
        return self.step is not None and (below.top - above.top) / self.height > GAP * self.step


def _right_edge(page: Page) -> float:
    left = min((line.left for line in page.lines), default=0.0)
    right = max((line.right for line in page.lines), default=0.0)
    return right if right - left >= WIDE_SHARE * page.width else page.width - left


def _usual(steps: Sequence[float]) -> float:
    """The smallest step that many lines take: that inside paragraphs, also where most paragraphs are a single line."""
    ordered = sorted(steps)
    return ordered[len(ordered) // 5]


class _Writing:
    """Writes the lines of page after page into blocks; knows whether the last paragraph is still open."""

    def __init__(self, measure: _Measure, blocks: list[Block]) -> None:
        self._measure = measure
        self._blocks = blocks
        self._open = False
        self._last: Line | None = None
        self._indents = False

    def page(self, page: Page) -> None:
        left = min((line.left for line in page.lines), default=0.0)
        right = _right_edge(page)
        # A page with a few short lines, or with none but indented ones, has the edges of the others.
        left = min(left, self._measure.left) if abs(left - self._measure.left) < 3 * self._measure.height else left
        right = max(right, self._measure.right) if abs(right - self._measure.right) < 12 * self._measure.height else right
        waiting = sorted(page.tables, key=lambda placed: placed.top)
        first = True
        for line in page.lines:
            while waiting and waiting[0].top < line.top:
                self._table(waiting.pop(0), page.number)
                first = False
            self._line(line, page.number, left, right, first)
            first = False
        for placed in waiting:
            self._table(placed, page.number)

    def _line(self, line: Line, number: int, left: float, right: float, first: bool) -> None:
        indented = line.left > left + INDENT * line.height
        if self._continues(line, indented, first):
            self._add(line, number)
        else:
            self._blocks.append(Block(line.text, positions=at(Counted.PAGE, number), confidence=line.confidence))
        room = SHORT if line.text[-1] in SENTENCE_MARKS + "：:" else VERY_SHORT
        self._open = line.right > right - room * line.height
        self._indents = self._indents or (indented and self._open)
        self._last = line

    def _continues(self, line: Line, indented: bool, first: bool) -> bool:
        last = self._last
        if last is None or not self._blocks or self._blocks[-1].table is not None:
            return False
        measure = self._measure
        if measure.is_large(line) or measure.is_large(last):
            # A long title stands centred on several lines of large type.
            alike = measure.is_large(line) and measure.is_large(last) and abs(line.height - last.height) < 0.2 * last.height
            centred = abs((line.left + line.right) - (last.left + last.right)) < 4 * last.height
            near = line.top - last.top < 2.5 * line.height
            return not first and alike and centred and near and last.text[-1] not in "：:。"
        if not self._open or indented:
            return False
        if first:
            # Without 首行缩进, nothing tells a new paragraph from the rest of one that ended a sentence at the page's end.
            return self._indents or last.text[-1] not in SENTENCE_MARKS + "：:"
        return not measure.leaves_gap(last, line)

    def _add(self, line: Line, number: int) -> None:
        block = self._blocks[-1]
        latin = all(character.isascii() and character.isalpha() for character in (block.text[-1], line.text[0]))
        gap = " " if latin else ""
        positions = together((*block.positions, *at(Counted.PAGE, number)))
        confidence = least(block.confidence, line.confidence)
        self._blocks[-1] = replace(block, text=block.text + gap + line.text, positions=positions, confidence=confidence)

    def _table(self, placed: PlacedTable, number: int) -> None:
        self._open, self._last = False, None
        above = self._blocks[-1] if self._blocks else None
        joined = continued(above.table, placed.table) if above is not None and above.table is not None else None
        here = at(Counted.PAGE, number)
        if above is None or joined is None or above.positions[-1].last != number - 1:
            self._blocks.append(table_block(placed.table, here, placed.confidence))
        else:
            positions = together((*above.positions, *here))
            self._blocks[-1] = table_block(joined, positions, least(above.confidence, placed.confidence))
