"""Positions (原文位置): where in its file a block stands, so that a citation can point at the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge.wording import say


class Counted(StrEnum):
    """What a position counts, from 1."""

    PAGE = "page"
    PARAGRAPH = "paragraph"
    LINE = "line"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Position:
    """A run of pages, paragraphs, lines or rows. inside: the table or sheet whose rows are counted, as an editor finds it."""

    counted: Counted
    first: int
    last: int
    inside: str = ""


def at(counted: Counted, number: int, inside: str = "") -> tuple[Position, ...]:
    return (Position(counted, number, number, inside),)


def together(positions: Iterable[Position]) -> tuple[Position, ...]:
    """The positions in their order, those of one kind in one run."""
    found: dict[tuple[Counted, str], Position] = {}
    for position in positions:
        key = (position.counted, position.inside)
        known = found.get(key, position)
        first, last = min(known.first, position.first), max(known.last, position.last)
        found[key] = replace(known, first=first, last=last)
    return tuple(found.values())


def shown(positions: Iterable[Position]) -> str:
    """第3–4页; 表1第2–5行; "" when nothing is known. Read by editors beside the original, and by whoever checks a citation."""
    return say("place.between").join(
        say(f"place.{p.counted}", numbers=_numbers(p), inside=p.inside) for p in together(positions)
    )


def _numbers(position: Position) -> str:
    return str(position.first) if position.first == position.last else f"{position.first}–{position.last}"
