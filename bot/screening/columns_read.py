"""Columns read: which field each column of a table holds, and its texts turned into columns of facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.answers import RECEIVES
from bot.eligibility.columns import NOT_KNOWN, YES_NO, Column, Days, Mask, Numbers, Words
from bot.screening.cells import UNKNOWN_NUMBER, Cells, Ends, Reading, ReceivesReading, WrongCell
from bot.screening.fields import Field, Fields
from bot.screening.mapping import ColumnMapping, MappedColumn
from bot.screening.tables import Rows
from bot.screening.wording import ScreeningError, end_names, say
from knowledge.facts import FactDefinition, FactType

End = Literal["low", "high", "both"]


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a row was left out. row: as people count, the header being 1. file: "households" or "members"."""

    row: int
    column: str
    value: str
    wanted: str
    file: str = "households"


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """One column of a table that holds a fact. end: which end of a range it gives."""

    place: int
    header: str
    field: Field
    cells: Cells
    end: End = "both"

    @property
    def definition(self) -> FactDefinition:
        if self.field.definition is None:
            raise ValueError(f"the column '{self.header}' holds '{self.field.name}', which is no fact")
        return self.field.definition


@dataclass(frozen=True, slots=True)
class Plan:
    """What the columns of one table hold. special: places of the columns that are no facts, by name. ignored: headers that
    nobody knows."""

    headers: tuple[str, ...]
    columns: tuple[ReadColumn, ...]
    special: Mapping[str, int]
    ignored: tuple[str, ...] = ()


def plan_of(
    file: str, headers: Sequence[str], fields: Fields, mapping: ColumnMapping, programmes: Mapping[str, str],
    named: Callable[[str], Field | None] | None = None,
) -> Plan:
    """programmes: ids by every name, for what a household receives. named: other names than the fields' own, for members.

    Raises ScreeningError when two columns hold the same, or none is known."""
    found = _Planned(named or fields.named, mapping, programmes)
    for place, header in enumerate(headers):
        found.add(file, place, header)
    if not found.columns:
        raise ScreeningError("no_columns", file=file, given="、".join(headers)[:200])
    return Plan(tuple(headers), tuple(found.columns), found.special, tuple(found.ignored))


@dataclass
class _Planned:
    named: Callable[[str], Field | None]
    mapping: ColumnMapping
    programmes: Mapping[str, str]
    columns: list[ReadColumn] = field(default_factory=list)
    special: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    _headers: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, file: str, place: int, header: str) -> None:
        if header in self.mapping.ignore:
            return
        mapped, end = self._meant(header)
        if mapped is None:
            self.ignored.append(header)
            return
        self._once(file, mapped.field, end, header)
        definition = mapped.field.definition
        if definition is None:
            self.special[mapped.field.name] = place
        elif definition.type is not FactType.TEXT:
            self.columns.append(ReadColumn(place, header, mapped.field, self._cells(mapped, definition), end))

    def _meant(self, header: str) -> tuple[MappedColumn | None, End]:
        if header in self.mapping.columns:
            return self.mapping.columns[header], "both"
        known = self.named(header)
        if known is not None:
            return MappedColumn(known), "both"
        ends: tuple[End, End] = ("low", "high")
        for end in ends:
            for ending in end_names(end):
                known = self.named(header.removesuffix(ending)) if header.endswith(ending) else None
                if known is not None:
                    return MappedColumn(known), end
        return None, "both"

    def _once(self, file: str, held: Field, end: End, header: str) -> None:
        for other in ("low", "high", "both") if end == "both" else (end, "both"):
            if (held.name, other) in self._headers:
                first = self._headers[held.name, other]
                raise ScreeningError("twice", file=file, label=held.label, first=first, second=header)
        self._headers[held.name, end] = header

    def _cells(self, mapped: MappedColumn, definition: FactDefinition) -> Cells:
        if definition.name == RECEIVES:
            return ReceivesReading(self.programmes).cells()
        return Reading(definition, mapped.factor, mapped.months, mapped.values, self.mapping.unknown).cells()


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """The facts of some rows: columns by fact name, and for each row the place of its receipts in `receipts`."""

    columns: Mapping[str, Column]
    receives: NDArray[np.int64] | None = None
    receipts: Sequence[object] = ()


def wrong_rows(plan: Plan, rows: Rows, file: str = "households") -> tuple[Mask, list[Reject]]:
    """Which of the rows hold a cell that cannot be meant, and each such cell."""
    wrong = np.zeros(len(rows.cells), dtype=bool)
    rejects = []
    for column in plan.columns:
        texts = rows.column(column.place)
        codes = _codes(column, texts)
        table = np.array([isinstance(meaning, WrongCell) for meaning in column.cells.meanings] or [False])
        for place in np.flatnonzero(table[codes]).tolist():
            meaning = column.cells.meanings[codes[place]]
            if isinstance(meaning, WrongCell):
                rejects.append(Reject(rows.numbers[place], column.header, texts[place], meaning.wanted, file))
        wrong |= table[codes]
    for number, cells in rows.misshapen:
        shape = say("wanted_cells", count=str(len(plan.headers)))
        rejects.append(Reject(number, say("row_shape"), str(cells), shape, file))
    return wrong, sorted(rejects, key=lambda reject: reject.row)


def facts_of(plan: Plan, rows: Rows) -> ReadFacts:
    """The facts of rows without wrong cells."""
    columns: dict[str, Column] = {}
    receives, receipts = None, list[object]()
    for column in plan.columns:
        codes = _codes(column, rows.column(column.place))
        if column.field.name == RECEIVES:
            receives, receipts = codes, column.cells.meanings
            continue
        read = _column(column.definition, codes, column.cells.meanings)
        earlier = columns.get(column.field.name)
        columns[column.field.name] = _with_end(read, column.end, earlier) if isinstance(read, Numbers) else read
    return ReadFacts(columns, receives, receipts)


def crossed_ends(plan: Plan, facts: ReadFacts) -> Iterator[tuple[ReadColumn, Mask]]:
    """Columns of a lower end that somewhere is above the upper one."""
    for column in plan.columns:
        found = facts.columns.get(column.field.name)
        if column.end == "low" and isinstance(found, Numbers):
            yield column, found.low > found.high


def _codes(column: ReadColumn, texts: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(column.cells.__getitem__, texts), dtype=np.int64, count=len(texts))


def _column(definition: FactDefinition, codes: NDArray[np.int64], meanings: Sequence[object]) -> Column:
    match definition.type:
        case FactType.YES_NO:
            return Words(_word_codes(YES_NO, meanings)[codes], YES_NO)
        case FactType.CHOICE:
            words = tuple(option.value for option in definition.options)
            return Words(_word_codes(words, meanings)[codes], words)
        case FactType.DATE:
            days = [meaning if isinstance(meaning, int) else 0 for meaning in meanings]
            return Days(np.array(days or [0], dtype=np.int32)[codes])
        case _:
            ends = [meaning if isinstance(meaning, Ends) else UNKNOWN_NUMBER for meaning in meanings] or [UNKNOWN_NUMBER]
            low, high = (np.array([getattr(one, end) for one in ends]) for end in ("low", "high"))
            return Numbers(low[codes], high[codes])


def _word_codes(words: tuple[str, ...], meanings: Sequence[object]) -> NDArray[np.int16]:
    codes = {word: place for place, word in enumerate(words)}
    return np.array([codes[str(m)] if isinstance(m, str) else NOT_KNOWN for m in meanings] or [NOT_KNOWN], dtype=np.int16)


def _with_end(read: Numbers, end: End, earlier: Column | None) -> Numbers:
    """A column that gives one end of a range leaves the other to its companion."""
    if end == "both":
        return read
    low, high = (earlier.low, earlier.high) if isinstance(earlier, Numbers) else (
        np.full(read.low.shape, -np.inf), np.full(read.low.shape, np.inf))
    return Numbers(read.low, high) if end == "low" else Numbers(low, read.high)
