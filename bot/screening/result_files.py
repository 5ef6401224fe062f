"""Result files: lists written as CSV, XLSX or Parquet, whole or not at all, with nothing in them that a sheet would compute."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TextIO

from bot.screening.wording import ScreeningError

Cell = str | float | int | None
Line = Sequence[Cell]

SHEET_ROWS = 1_000_000
"""Rows of one sheet before the next is begun; a workbook's own limit is a little above."""

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What makes spreadsheet programs compute a text instead of showing it."""

NOT_IN_A_SHEET = dict.fromkeys(number for number in range(32) if number not in (9, 10, 13))


class ResultFile(Protocol):
    """The list first, row by row; then further tables, where the kind of file has room for them."""

    def add(self, line: Line) -> None: ...

    def table(self, title: str, heads: Sequence[str], lines: Iterable[Line]) -> None: ...


def safe(cell: Cell) -> Cell:
    """The cell as text that no spreadsheet computes; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    text = cell.translate(NOT_IN_A_SHEET)
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


@contextmanager
def result_file(path: Path, title: str, heads: Sequence[str]) -> Iterator[ResultFile]:
    """A file for one list. It appears under its name when all is written; when something fails, none appears.

    Raises ScreeningError for an ending other than .csv, .xlsx, .parquet."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx", ".parquet"):
        raise ScreeningError("bad_out", file=path.name)
    handle, name = tempfile.mkstemp(prefix=".screening-", suffix=kind, dir=path.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        with _opened(kind, unfinished, title, heads) as result:
            yield result
        # Readable for the office as any file of theirs: temporary files are closed to everybody else.
        unfinished.chmod(0o640)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _opened(kind: str, path: Path, title: str, heads: Sequence[str]) -> Iterator[ResultFile]:
    if kind == ".csv":
        # The mark in front tells spreadsheet programs that this is UTF-8.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            yield CsvResult(file, heads)
    elif kind == ".xlsx":
        sheet = _SheetResult(title, heads)
        yield sheet
        sheet.save(path)
    else:
        parquet = _ParquetResult(path, heads)
        yield parquet
        parquet.close()


class CsvResult:
    """A list as CSV; there is no room for further tables."""

    def __init__(self, file: TextIO, heads: Sequence[str]) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow([safe(head) for head in heads])

    def add(self, line: Line) -> None:
        self._writer.writerow(["" if cell is None else safe(cell) for cell in line])

    def table(self, title: str, heads: Sequence[str], lines: Iterable[Line]) -> None:
        return


class _SheetResult:
    def __init__(self, title: str, heads: Sequence[str]) -> None:
        from openpyxl import Workbook  # only those who want a sheet wait for it

        self._book = Workbook(write_only=True)
        self._title, self._heads = title, heads
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        self._sheet: Any = self._book.create_sheet(self._title if self._sheets == 1 else f"{self._title}{self._sheets}")
        self._sheet.freeze_panes = "A2"
        self._sheet.append([safe(head) for head in self._heads])
        self._rows = 0

    def add(self, line: Line) -> None:
        if self._rows == SHEET_ROWS:
            self._begin()
        self._sheet.append([safe(cell) for cell in line])
        self._rows += 1

    def table(self, title: str, heads: Sequence[str], lines: Iterable[Line]) -> None:
        sheet = self._book.create_sheet(title)
        sheet.append([safe(head) for head in heads])
        for line in lines:
            sheet.append([safe(cell) for cell in line])

    def save(self, path: Path) -> None:
        self._book.save(path)


class _ParquetResult:
    """Text and number columns; the kind of each is that of its first value. Nothing computes a Parquet file, so texts stay."""

    AT_ONCE = 50_000

    def __init__(self, path: Path, heads: Sequence[str]) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise ScreeningError("no_parquet") from error
        self._arrow, self._parquet = pyarrow, parquet
        self._path, self._heads = path, heads
        self._lines: list[Line] = []
        self._writer: Any = None

    def add(self, line: Line) -> None:
        self._lines.append(line)
        if len(self._lines) == self.AT_ONCE:
            self._write()

    def table(self, title: str, heads: Sequence[str], lines: Iterable[Line]) -> None:
        return

    def close(self) -> None:
        self._write()
        self._writer.close()

    def _write(self) -> None:
        columns = list(zip(*self._lines, strict=True)) or [()] * len(self._heads)
        if self._writer is None:
            kinds = [self._kind(head, column) for head, column in zip(self._heads, columns, strict=True)]
            self._schema = self._arrow.schema(kinds)
            self._writer = self._parquet.ParquetWriter(self._path, self._schema)
        arrays = [self._arrow.array(column, type=kind.type) for column, kind in zip(columns, self._schema, strict=True)]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._lines = []

    def _kind(self, head: str, column: Sequence[Cell]) -> Any:
        told = [cell for cell in column if cell is not None]
        is_number = bool(told) and not isinstance(told[0], str)
        return self._arrow.field(head, self._arrow.float64() if is_number else self._arrow.string())
