"""Pieces (段落): headings and passages in the order of the text, before they become clauses with ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.documents.blocks import Block, least
from knowledge.documents.positions import Position, together

LONGEST_PASSAGE = 900
"""Characters. A longer article is divided at its paragraphs; short items are kept with what introduces them up to here."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading or a passage, in the order of the text.

    article: "" for a heading. label: the number cut off the front of the text, as printed. heading_path: from the top down.
    positions, confidence: as of the blocks it is made of. is_table: rows of a table, with title and header said again."""

    article: str
    label: str
    text: str
    heading_path: tuple[str, ...] = ()
    positions: tuple[Position, ...] = ()
    confidence: float | None = None
    is_table: bool = False

    @property
    def is_heading(self) -> bool:
        return not self.article

    def with_line(self, block: Block) -> Piece:
        """The same passage with one more line."""
        positions = together((*self.positions, *block.positions))
        confidence = least(self.confidence, block.confidence)
        return replace(self, text=f"{self.text}\n{block.text}", positions=positions, confidence=confidence)


def piece_of(article: str, label: str, lines: Sequence[Block], path: tuple[str, ...] = ()) -> Piece:
    """A passage of these lines, whose number is already cut off the first."""
    first, *rest = lines
    piece = Piece(article, label, first.text, path, first.positions, first.confidence)
    for line in rest:
        piece = piece.with_line(line)
    return piece


def table_pieces(article: str, block: Block, path: tuple[str, ...], title: str = "") -> list[Piece]:
    """One piece a group of rows: 五、2.表1 第1–3行. article: of the table; title: said where the table has none."""
    if block.table is None:
        raise AssertionError("only a block that is a table has rows")
    return [
        Piece(article + _rows(group.first, group.last), "", group.text, path, block.positions, block.confidence, is_table=True)
        for group in block.table.groups(title)
    ]


def _rows(first: int, last: int) -> str:
    if last == 0:
        return ""
    return f" 第{first}行" if first == last else f" 第{first}–{last}行"
