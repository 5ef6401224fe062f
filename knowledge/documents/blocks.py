"""Blocks (文字块): what every reader makes of a file, before anybody asks what the text means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.documents.positions import Position
from knowledge.documents.printed_tables import PrintedTable

SENTENCE_MARKS = "。；！？;!?"
END_OF_TEXT = "。！？；：.!?;:”」』）)】》〉"
"""A line that ends with one of these may be finished; any other was cut."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line, paragraph or table. heading_level: 1 to 6 where the file marks it as a heading, else None.

    table: the cells, where the block is a table; text then says the same cells, row by row. bold: the whole line is set in bold.
    positions: where in the file it stands. confidence: 0 to 1, of the least certain line where words were read from a picture."""

    text: str
    heading_level: int | None = None
    table: PrintedTable | None = None
    bold: bool = False
    positions: tuple[Position, ...] = ()
    confidence: float | None = None

    @property
    def is_prose(self) -> bool:
        """Does it hold at least one finished sentence? Titles, signatures and table rows do not."""
        return self.heading_level is None and self.table is None and any(mark in self.text for mark in SENTENCE_MARKS)


def table_block(table: PrintedTable, positions: tuple[Position, ...] = (), confidence: float | None = None) -> Block:
    return Block(table.as_text(), table=table, positions=positions, confidence=confidence)


def least(first: float | None, second: float | None) -> float | None:
    """The lower of two confidences; None says that nothing was read from a picture."""
    given = [value for value in (first, second) if value is not None]
    return min(given) if given else None


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read. properties: what its front matter or page furniture says, as written. head_ends_at: number of blocks
    before the text proper, where the file marks that place, else None. remarks: Chinese, for the person who imports."""

    blocks: tuple[Block, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    head_ends_at: int | None = None
    remarks: tuple[str, ...] = ()
