"""Tables as printed (表格): cells with title, header and unit, divided into groups of rows that can be quoted alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

Row = tuple[str, ...]

BETWEEN_CELLS = " | "
BETWEEN_HEADERS = "/"
LONGEST_GROUP = 400
"""Characters of rows quoted together, header not counted; one longer row stands alone."""
MOST_ROWS = 8

UNIT_LINE = re.compile(r"^[（(]?\s*(?:计量|金额)?单位\s*[:：]\s*[^）)]{1,20}[）)]?$")


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Some rows with everything that is needed to read them. first, last: their numbers below the header, from 1."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """Rows of equal length, the header rows first. A cell that spans several places says its words in each of them.

    title and unit: as printed above the table, "" where nothing is."""

    rows: tuple[Row, ...]
    header_rows: int = 1
    title: str = ""
    unit: str = ""

    @property
    def header(self) -> Row:
        """One line of header: words of several header rows are put above one another (补贴标准/一级)."""
        columns = zip(*self.rows[:self.header_rows], strict=True)
        return tuple(BETWEEN_HEADERS.join(dict.fromkeys(cell for cell in column if cell)) for column in columns)

    @property
    def body(self) -> tuple[Row, ...]:
        return self.rows[self.header_rows:]

    def as_text(self) -> str:
        return "\n".join(_line(row) for row in self.rows)

    def groups(self, title: str = "") -> tuple[RowGroup, ...]:
        """The rows below the header in groups; each group begins with title, unit and header. title: for a table without."""
        lead = [line for line in (self.title or title, self.unit, _line(self.header)) if line]
        if not self.body:
            return (RowGroup(0, 0, "\n".join(lead)),) if lead else ()
        return tuple(
            RowGroup(first + 1, last, "\n".join((*lead, *map(_line, self.body[first:last])))) for first, last in _runs(self.body)
        )

    def with_cells(self, change: Callable[[str], str]) -> PrintedTable:
        rows = tuple(tuple(change(cell) for cell in row) for row in self.rows)
        return replace(self, rows=rows, title=change(self.title), unit=change(self.unit))


def _line(row: Row) -> str:
    """A cell that spans the whole row is said once."""
    return row[0] if len(set(row)) == 1 else BETWEEN_CELLS.join(row).rstrip()


def _runs(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Rows that go together: those under one first cell as long as they fit, never more than can be taken in at once."""
    start = length = 0
    for index, row in enumerate(rows):
        size = len(_line(row))
        full = length + size > LONGEST_GROUP or index - start >= MOST_ROWS
        if index > start and full:
            yield start, index
            start, length = index, 0
        length += size
    yield start, len(rows)


def printed_table(rows: Sequence[Sequence[str]]) -> PrintedTable | None:
    """A table of cells as a reader finds them: rows of equal length, empty ones dropped, title and unit rows taken off the top.

    None when nothing of a table is left: no cell, or a single column, which is only a frame around paragraphs."""
    width = max((len(row) for row in rows), default=0)
    squared = [tuple(cell.strip() for cell in (*row, *[""] * (width - len(row)))) for row in rows]
    kept = [row for row in squared if any(row)]
    kept = _without_empty_columns(kept)
    title, unit = "", ""
    while len(kept) > 2 and (alone := _only_cell(kept[0])):
        if UNIT_LINE.match(alone):
            unit = alone
        elif not title and not unit:
            title = alone
        else:
            break
        kept = kept[1:]
    if not kept or len(kept[0]) < 2:
        return None
    return PrintedTable(tuple(kept), _header_rows(kept), title, unit)


def _without_empty_columns(rows: list[Row]) -> list[Row]:
    filled = [column for column in range(len(rows[0]) if rows else 0) if any(row[column] for row in rows)]
    return [tuple(row[column] for column in filled) for row in rows]


def _only_cell(row: Row) -> str:
    """The words of a row that holds one cell only, or one cell over its whole width; else ""."""
    said = {cell for cell in row if cell}
    return said.pop() if len(said) == 1 and (len(set(row)) == 1 or bool(row[0])) else ""


def _header_rows(rows: Sequence[Row]) -> int:
    """Two where the first row groups the columns that the second names, else one; none in a table of a single row."""
    if len(rows) < 2:
        return 0
    spans = any(left and left == right for left, right in zip(rows[0], rows[0][1:], strict=False))
    hangs = any(upper and upper == lower for upper, lower in zip(rows[0], rows[1], strict=True))
    return 2 if len(rows) > 2 and spans and hangs else 1


def continued(above: PrintedTable, below: PrintedTable) -> PrintedTable | None:
    """One table of two parts that a page break divided, its header said once; None when they are two tables."""
    if below.title or len(above.rows[0]) != len(below.rows[0]):
        return None
    # A header alone at the foot of a page has its rows on the next.
    header = max(above.header_rows, 1)
    repeats = below.rows[:header] == above.rows[:header]
    return replace(above, rows=above.rows + below.rows[header if repeats else 0:], header_rows=header)
