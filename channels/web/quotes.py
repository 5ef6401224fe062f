"""Quoted words marked inside the text they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ELLIPSIS = re.compile(r"…+|\.{3,}")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text. mark: why it is marked, e.g. the name of the fact it tells; empty: plain."""

    text: str
    mark: str = ""


def marked_quote(text: str, quote: str) -> list[Segment]:
    """The clause with the quoted words marked; a quote with "…" marks each of its parts. Line breaks and spaces may differ.

    Words that do not occur are not marked: the clause may read differently on another day.
    """
    return marked(text, ((part, "quote") for part in ELLIPSIS.split(quote)))


def marked(text: str, words_and_marks: Iterable[tuple[str, str]]) -> list[Segment]:
    """The text in pieces, each first place of the given words marked; where two overlap the earlier, then the longer, wins."""
    spans: list[tuple[int, int, str]] = []
    for words, mark in words_and_marks:
        found = _find(text, words)
        if found is not None:
            spans.append((*found, mark))
    segments: list[Segment] = []
    position = 0
    for start, end, mark in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < position:
            continue
        segments += [Segment(text[position:start])] if start > position else []
        segments.append(Segment(text[start:end], mark))
        position = end
    return segments + ([Segment(text[position:])] if position < len(text) else [])


def _find(text: str, words: str) -> tuple[int, int] | None:
    letters = [letter for letter in words if not letter.isspace()]
    if not letters:
        return None
    match = re.search(r"\s*".join(map(re.escape, letters)), text)
    return None if match is None else match.span()
