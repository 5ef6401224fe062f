"""DOCX, through python-docx: paragraphs and tables in their order, with the automatic numbers that Word shows."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from knowledge.documents.blocks import Block, Source, table_block
from knowledge.documents.positions import Counted, Position, at
from knowledge.documents.printed_tables import printed_table
from knowledge.documents.readers.packages import DAMAGE, check_package
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.documents.readers.signatures import found_in
from knowledge.documents.readers.word_numbers import WordNumbers
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

HEADING = re.compile(r"^(?:heading|标题)\s*([1-6])$", re.IGNORECASE)
TITLE = frozenset({"title", "标题"})
WORD_DAMAGE: tuple[type[Exception], ...] = (PackageNotFoundError, *DAMAGE)
PARAGRAPH, TABLE, CONTENT = qn("w:p"), qn("w:tbl"), qn("w:sdtContent")
WRAPPERS = frozenset(map(qn, ("w:sdt", "w:customXml", "w:smartTag")))
UNREAD = frozenset(map(qn, ("w:del", "w:moveFrom", "w:txbxContent", "w:instrText", "w:pPr"))) | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
"""Deleted words, text boxes and field codes are not part of the running text."""


def read_docx(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of a DOCX, one a paragraph or table. Raises UnreadableDocumentError: no DOCX, broken, locked, made to harm."""
    found = found_in(content)
    if found == "locked_office":
        raise UnreadableDocumentError("unreadable.locked_office", name=name)
    if found not in ("docx", "zip"):
        raise UnreadableDocumentError("unreadable.not_docx", name=name, found=say(f"found.{found or 'unknown'}"))
    check_package(content, name)
    if found != "docx":
        raise UnreadableDocumentError("unreadable.not_docx", name=name, found=say("found.zip"))
    try:
        document = Document(io.BytesIO(content))
        source = _Reading(document).source()
    except WORD_DAMAGE as error:
        raise UnreadableDocumentError("unreadable.broken_office", name=name) from error
    progress(1, 1)
    return source


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says of its paragraphs, with what it inherits."""

    heading_level: int | None = None
    number_id: str | None = None
    number_depth: int = 0
    bold: bool = False


class _Reading:
    """One pass over one document."""

    def __init__(self, document: Any) -> None:
        self._body = document.element.body
        self._styles = _styles(document)
        self._numbers = WordNumbers(_numbering(document))
        self._paragraphs = self._tables = 0

    def source(self) -> Source:
        remarks = []
        if next(self._body.iter(qn("w:ins"), qn("w:del")), None) is not None:
            remarks.append(say("remark.tracked_changes"))
        if next(self._body.iter(qn("w:txbxContent")), None) is not None:
            remarks.append(say("remark.text_boxes"))
        blocks = tuple(block for element in _running(self._body) for block in self._blocks(element))
        return Source(blocks, remarks=tuple(remarks))

    def _blocks(self, element: Any) -> Iterator[Block]:
        if element.tag == PARAGRAPH:
            self._paragraphs += 1
            yield from self._paragraph(element)
        else:
            yield from self._table(element)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        style = self._style(element)
        words = _words(element)
        if not words.strip():
            return
        number_id, depth = _own_number(element) or (style.number_id, style.number_depth)
        label = self._numbers.next_label(number_id, depth) if number_id is not None else ""
        position = at(Counted.PARAGRAPH, self._paragraphs)
        bold = _is_bold(element, style.bold)
        for index, line in enumerate(words.split("\n")):
            if line.strip():
                text = label + line.strip() if index == 0 else line.strip()
                yield Block(text, style.heading_level, bold=bold, positions=position)

    def _style(self, element: Any) -> _Style:
        properties = element.pPr
        chosen = properties.find(qn("w:pStyle")) if properties is not None else None
        style_id = chosen.get(qn("w:val")) if chosen is not None else None
        return self._styles.get(style_id, _Style())

    def _table(self, element: Any) -> Iterator[Block]:
        table = printed_table(_cells(element))
        if table is None:
            # A frame of one column around paragraphs.
            for cell in element.iter(qn("w:tc")):
                for inner in _running(cell):
                    yield from self._blocks(inner)
            return
        self._tables += 1
        rows = Position(Counted.ROW, 1, len(element.findall(qn("w:tr"))), say("place.table", number=self._tables))
        yield table_block(table, (rows,))


def _running(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables of a body or cell, those inside content controls too."""
    for child in parent:
        if child.tag in (PARAGRAPH, TABLE):
            yield child
        elif child.tag in WRAPPERS or child.tag == CONTENT:
            yield from _running(child)


def _words(element: Any) -> str:
    """The words as they stand when all tracked changes are accepted."""
    parts: list[str] = []
    _gather(element, parts)
    return "".join(parts)


def _gather(element: Any, parts: list[str]) -> None:
    for child in element:
        tag = child.tag
        if tag in UNREAD:
            continue
        if tag == qn("w:t"):
            parts.append(child.text or "")
        elif tag == qn("w:tab"):
            parts.append("\t")
        elif tag in (qn("w:br"), qn("w:cr")):
            parts.append("\n" if child.get(qn("w:type")) in (None, "textWrapping") else "")
        elif tag == qn("w:noBreakHyphen"):
            parts.append("-")
        else:
            _gather(child, parts)


def _own_number(element: Any) -> tuple[str | None, int] | None:
    """List and depth that the paragraph itself names; list None: its style's number is switched off here."""
    properties = element.pPr
    number = properties.find(qn("w:numPr")) if properties is not None else None
    return None if number is None else _number(number)


def _number(number: Any) -> tuple[str | None, int] | None:
    chosen, depth = number.find(qn("w:numId")), number.find(qn("w:ilvl"))
    if chosen is None:
        return None
    number_id = chosen.get(qn("w:val"))
    return (None if number_id == "0" else number_id), int(depth.get(qn("w:val"))) if depth is not None else 0


def _is_bold(element: Any, inherited: bool) -> bool:
    runs = [run for run in element.iter(qn("w:r")) if "".join(run.itertext()).strip()]
    return bool(runs) and all(_bold_run(run, inherited) for run in runs)


def _bold_run(run: Any, inherited: bool) -> bool:
    properties = run.find(qn("w:rPr"))
    bold = properties.find(qn("w:b")) if properties is not None else None
    return inherited if bold is None else bold.get(qn("w:val")) not in ("0", "false", "off")


def _styles(document: Any) -> dict[str | None, _Style]:
    """By style id; None: paragraphs that name no style."""
    elements = {style.get(qn("w:styleId")): style for style in document.styles.element.findall(qn("w:style"))}
    found: dict[str | None, _Style] = {style_id: _inherited(style_id, elements, ()) for style_id in elements}
    default = next((i for i, s in elements.items() if s.get(qn("w:default")) == "1" and s.get(qn("w:type")) == "paragraph"), None)
    found[None] = found.get(default, _Style()) if default is not None else _Style()
    return found


def _inherited(style_id: str, elements: dict[str, Any], seen: tuple[str, ...]) -> _Style:
    style = elements.get(style_id)
    if style is None or style_id in seen:
        return _Style()
    based = style.find(qn("w:basedOn"))
    parent = _inherited(based.get(qn("w:val")), elements, (*seen, style_id)) if based is not None else _Style()
    number_id, depth = parent.number_id, parent.number_depth
    properties = style.find(qn("w:pPr"))
    own = properties.find(qn("w:numPr")) if properties is not None else None
    if own is not None:
        # A style may name its depth only and leave the list to the style below it.
        level = own.find(qn("w:ilvl"))
        depth = int(level.get(qn("w:val"))) if level is not None else depth
        named = _number(own)
        number_id = named[0] if named is not None else number_id
    run = style.find(qn("w:rPr"))
    bold = run.find(qn("w:b")) if run is not None else None
    is_bold = parent.bold if bold is None else bold.get(qn("w:val")) not in ("0", "false", "off")
    return _Style(_heading_level(style) or parent.heading_level, number_id, depth, is_bold)


def _heading_level(style: Any) -> int | None:
    named = style.find(qn("w:name"))
    name = named.get(qn("w:val"), "").strip().lower() if named is not None else ""
    heading = HEADING.match(name)
    if heading:
        return int(heading[1])
    return 1 if name in TITLE else None


def _numbering(document: Any) -> Any | None:
    try:
        return document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return None


# -- tables --------------------------------------------------------------------------------------------------------------------


def _cells(table: Any) -> list[list[str]]:
    """The grid; a cell that spans several places says its words in each of them."""
    grid: list[list[str]] = []
    for row in table.findall(qn("w:tr")):
        line: list[str] = []
        for cell in _row_cells(row):
            properties = cell.find(qn("w:tcPr"))
            span = properties.find(qn("w:gridSpan")) if properties is not None else None
            merge = properties.find(qn("w:vMerge")) if properties is not None else None
            width = int(span.get(qn("w:val"))) if span is not None else 1
            hangs = merge is not None and merge.get(qn("w:val")) != "restart"
            above = grid[-1][len(line)] if hangs and grid and len(grid[-1]) > len(line) else None
            line += [_cell_words(cell) if above is None else above] * min(width, 64)
        grid.append(line)
    return grid


def _row_cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == qn("w:tc"):
            yield child
        elif child.tag in WRAPPERS or child.tag == CONTENT:
            yield from _row_cells(child)


def _cell_words(cell: Any) -> str:
    lines = []
    for element in _running(cell):
        if element.tag == PARAGRAPH:
            lines.append(_words(element).strip())
        else:
            lines += ["，".join(filter(None, row)) for row in _cells(element)]
    return " ".join(" ".join(line.split()) for line in lines if line)
