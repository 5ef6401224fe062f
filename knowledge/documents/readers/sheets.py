"""Spreadsheets (XLSX, CSV), through openpyxl: tables of standards, offices and hotlines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.documents.blocks import Block, Source, table_block
from knowledge.documents.positions import Counted, Position
from knowledge.documents.printed_tables import printed_table
from knowledge.documents.readers.packages import DAMAGE, check_package
from knowledge.documents.readers.progress import Progress, unwatched
from knowledge.documents.readers.signatures import found_in
from knowledge.documents.readers.text import decoded
from knowledge.errors import UnreadableDocumentError
from knowledge.wording import say

MOST_CELLS = 500_000
LONGEST_TITLE = 60
SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows without an empty one between them. first: number of the first row in its sheet, from 1."""

    first: int
    rows: list[list[str]]


def read_xlsx(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of a workbook: the rows of each sheet, hidden sheets left out. Raises UnreadableDocumentError."""
    found = found_in(content)
    if found == "locked_office":
        raise UnreadableDocumentError("unreadable.locked_office", name=name)
    if found not in ("xlsx", "zip"):
        raise UnreadableDocumentError("unreadable.not_xlsx", name=name, found=say(f"found.{found or 'unknown'}"))
    check_package(content, name)
    if found != "xlsx":
        raise UnreadableDocumentError("unreadable.not_xlsx", name=name, found=say("found.zip"))
    workbook = _workbook(content, name)
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    cells = sum(sheet.max_row * sheet.max_column for sheet in sheets)
    if cells > MOST_CELLS:
        raise UnreadableDocumentError("unreadable.too_many_cells", name=name, cells=cells, limit=MOST_CELLS)
    blocks: list[Block] = []
    for done, sheet in enumerate(sheets, start=1):
        rows = _rows(sheet)
        inside = say("place.sheet", name=sheet.title)
        if len(sheets) > 1 and any(map(any, rows)):
            blocks.append(Block(sheet.title, 2))
        blocks += _blocks(rows, inside)
        progress(done, len(sheets))
    return _source(blocks, name)


def _workbook(content: bytes, name: str) -> Any:
    try:
        return load_workbook(io.BytesIO(content), data_only=True)
    except (InvalidFileException, *DAMAGE) as error:
        raise UnreadableDocumentError("unreadable.broken_office", name=name) from error


def read_csv(content: bytes, name: str, progress: Progress = unwatched) -> Source:
    """Blocks of a CSV file in any usual encoding. Raises UnreadableDocumentError."""
    found = found_in(content)
    if found is not None:
        stem = PurePath(name).stem
        raise UnreadableDocumentError("unreadable.disguised", name=name, stem=stem, found=say(f"found.{found}"))
    text, encoding = decoded(content, name)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:8192], SEPARATORS)
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [[" ".join(cell.split()) for cell in row] for row in csv.reader(io.StringIO(text), dialect)]
    except csv.Error as error:
        raise UnreadableDocumentError("unreadable.broken_csv", name=name, reason=error) from error
    progress(1, 1)
    source = _source(list(_blocks(rows, say("place.this_table"))), name)
    remarks = () if encoding is None else (say("remark.encoding", encoding=encoding),)
    return Source(source.blocks, source.properties, source.head_ends_at, remarks)


def _source(blocks: list[Block], name: str) -> Source:
    """A workbook has no head: its title is the line above its first table, else the name of the file."""
    title = blocks[0].text if blocks and blocks[0].table is None and blocks[0].heading_level is None else ""
    if not title and blocks and blocks[0].table is not None:
        title = blocks[0].table.title
    has_title = 0 < len(title) <= LONGEST_TITLE
    return Source(tuple(blocks), {"title": title if has_title else PurePath(name).stem}, head_ends_at=0)


def _rows(sheet: Any) -> list[list[str]]:
    values = [[_shown(cell) for cell in row] for row in sheet.iter_rows()]
    for merged in sheet.merged_cells.ranges:
        words = values[merged.min_row - 1][merged.min_col - 1]
        for row in range(merged.min_row - 1, min(merged.max_row, len(values))):
            for column in range(merged.min_col - 1, min(merged.max_col, len(values[row]))):
                values[row][column] = words
    return values


def _shown(cell: Any) -> str:
    """The value as the sheet shows it, as far as words and numbers of policies go: 90%, 1510, 2024-07-23."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return say("cell.yes" if value else "cell.no")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        percent = "%" in (cell.number_format or "")
        number = Decimal(repr(value)) * (100 if percent else 1)
        return f"{number.normalize():f}" + ("%" if percent else "")
    return " ".join(str(value).split())


def _parts(rows: Sequence[list[str]]) -> Iterator[_Part]:
    """Empty rows part tables."""
    start = None
    for index, row in enumerate([*rows, []]):
        if any(row) and start is None:
            start = index
        elif not any(row) and start is not None:
            yield _Part(start + 1, list(rows[start:index]))
            start = None


def _blocks(rows: Sequence[list[str]], inside: str) -> Iterator[Block]:
    for part in _parts(rows):
        table = printed_table(part.rows)
        if table is not None and len(table.rows) > 1:
            yield table_block(table, (Position(Counted.ROW, part.first, part.first + len(part.rows) - 1, inside),))
            continue
        for number, row in enumerate(part.rows, start=part.first):
            text = " ".join(dict.fromkeys(cell for cell in row if cell))
            if text:
                yield Block(text, positions=(Position(Counted.ROW, number, number, inside),))
