"""Tables (表): rows of text from a CSV, XLSX or Parquet file, a few ten thousand at a time."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO

from bot.screening.wording import ScreeningError

ROWS_AT_ONCE = 50_000
PROBE_BYTES = 1 << 20
ENCODINGS = ("utf-8-sig", "gb18030")
LONGEST_CELL = 1_000_000

csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows. numbers: as people count them, the header being row 1. cells: every row as many as the header has, except
    those in misshapen: (row number, how many cells)."""

    numbers: Sequence[int]
    cells: Sequence[Sequence[str]]
    misshapen: Sequence[tuple[int, int]] = ()

    def column(self, place: int) -> list[str]:
        return [row[place] for row in self.cells]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table. rows: read once, in order. position and size: how far reading is, for a progress bar."""

    name: str
    headers: tuple[str, ...]
    rows: Iterator[Rows]
    position: Callable[[], int]
    size: int


def open_table(name: str, stream: BinaryIO) -> Table:
    """The table in a binary stream; its kind is told by the name's ending. Raises ScreeningError, also while rows are read."""
    kind = name.rpartition(".")[2].lower()
    opened = {"csv": _open_csv, "txt": _open_csv, "xlsx": _open_sheet, "parquet": _open_parquet}.get(kind)
    if opened is None:
        raise ScreeningError("bad_kind", file=name)
    return opened(name, stream)


def _open_csv(name: str, stream: BinaryIO) -> Table:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=_encoding(name, stream), newline="")
    first = text.readline()
    text.seek(0)
    delimiter = max(",\t;", key=first.count)
    lines = _guarded(name, csv.reader(text, delimiter=delimiter))
    headers = _headers(name, next(lines, []))
    # Held by the position: a text reader that nobody holds closes the stream under it.
    return Table(name, headers, _shaped(lines, len(headers)), lambda: text.buffer.tell(), size)


def _encoding(name: str, stream: BinaryIO) -> str:
    start = stream.read(PROBE_BYTES)
    stream.seek(0)
    for encoding in ENCODINGS:
        try:
            codecs.getincrementaldecoder(encoding)().decode(start, final=len(start) < PROBE_BYTES)
        except UnicodeDecodeError:
            continue
        return encoding
    raise ScreeningError("bad_encoding", file=name)


def _guarded(name: str, lines: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise ScreeningError("bad_encoding", file=name) from error
    except csv.Error as error:
        raise ScreeningError("broken_file", file=name, reason=str(error)) from error


def _open_sheet(name: str, stream: BinaryIO) -> Table:
    from openpyxl import load_workbook  # only those who bring a sheet wait for it

    try:
        book = load_workbook(stream, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its XML and ZIP readers raise
        raise ScreeningError("broken_file", file=name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    sheet = book.worksheets[0]
    read = 0

    def lines() -> Iterator[list[str]]:
        nonlocal read
        for row in sheet.iter_rows(values_only=True):
            read += 1
            yield [_text(value) for value in row]

    found = lines()
    headers = _headers(name, next(found, []))
    # A sheet's rows end where its last filled cell is.
    padded = (row[: len(headers)] + [""] * (len(headers) - len(row)) for row in found)
    return Table(name, headers, _shaped(padded, len(headers)), lambda: read, sheet.max_row or 0)


def _open_parquet(name: str, stream: BinaryIO) -> Table:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise ScreeningError("no_parquet") from error
    try:
        file = parquet.ParquetFile(stream)
    except ArrowInvalid as error:
        raise ScreeningError("broken_file", file=name, reason=str(error)[:200]) from error
    headers = _headers(name, file.schema_arrow.names)
    read = 0

    def rows() -> Iterator[Rows]:
        nonlocal read
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
            cells = list(zip(*columns, strict=True))
            yield Rows(range(read + 2, read + 2 + len(cells)), cells)
            read += len(cells)

    return Table(name, headers, rows(), lambda: read, file.metadata.num_rows)


def _headers(name: str, cells: Sequence[Any]) -> tuple[str, ...]:
    headers = [str(cell).strip() for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        raise ScreeningError("no_header", file=name)
    return tuple(headers)


def _shaped(lines: Iterator[list[str]], width: int) -> Iterator[Rows]:
    """The rows some at a time, without empty ones; those of another width are only named."""
    number = 1
    while some := list(islice(lines, ROWS_AT_ONCE)):
        numbers, cells, misshapen = [], [], []
        for row in some:
            number += 1
            if len(row) > width and not any(row[width:]):
                row = row[:width]
            if len(row) == width:
                if any(row):
                    numbers.append(number)
                    cells.append(row)
            elif any(row):
                misshapen.append((number, len(row)))
        yield Rows(numbers, cells, misshapen)


def _text(value: object) -> str:
    """A typed cell as text: 4200.0 is 4200, a day is ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
