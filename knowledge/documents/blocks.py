"""Blocks (文字块): what every reader makes of a file, before anybody asks what the text means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SENTENCE_MARKS = "。；！？;!?"
END_OF_TEXT = "。！？；：.!?;:”」』）)】》〉"
"""A line that ends with one of these may be finished; any other was cut."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line or paragraph. heading_level: 1 to 6 where the file marks it as a heading, else None."""

    text: str
    heading_level: int | None = None

    @property
    def is_prose(self) -> bool:
        """Does it hold at least one finished sentence? Titles, signatures and table rows do not."""
        return self.heading_level is None and any(mark in self.text for mark in SENTENCE_MARKS)


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read. properties: what its front matter or page furniture says, as written. head_ends_at: number of blocks
    before the text proper, where the file marks that place, else None. remarks: Chinese, for the person who imports."""

    blocks: tuple[Block, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    head_ends_at: int | None = None
    remarks: tuple[str, ...] = ()
