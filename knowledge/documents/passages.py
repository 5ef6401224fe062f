"""Passages of a size that a person would quote: overlong ones divided at their sentences, tiny items put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from knowledge.documents.blocks import Block
from knowledge.documents.numbering import Depth, first_label, to_chinese
from knowledge.documents.pieces import LONGEST_PASSAGE, Piece

LONGEST_TINY = 24
"""Characters. An item such as 身份证 or 户口簿 means nothing alone."""
PULL = 120
"""So many characters farther from the even cut is still a better place when something new begins there."""
OPENING_WORDS = re.compile(r"^(?:[一二三四五六七八九十]是|首先|其次|再次|最后|同时|此外)")
SENTENCE_ENDS = re.compile(r"(?<=[。；！？;])(?![”」』）)])")


def fitted(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces with tiny sibling items put together and overlong passages divided; no character is lost or doubled."""
    return tuple(part for piece in _put_together(pieces) for part in _divided(piece))


# -- tiny items ------------------------------------------------------------------------------------------------------------------


def _put_together(pieces: Sequence[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    index = 0
    while index < len(pieces):
        end = _tiny_run(pieces, index)
        if end - index < 2:
            kept.append(pieces[index])
            index += 1
            continue
        run = pieces[index:end]
        owner = kept[-1] if kept else None
        if owner is not None and not owner.is_heading and owner.article == _above(run[0]) and owner.text[-1] in "：:":
            kept[-1] = _with_items(owner, run)
        elif owner is not None and owner.is_heading:
            first = replace(run[0], article=_above(run[0]), label="", text=_line(run[0]))
            kept.append(_with_items(first, run[1:]))
        else:
            kept += run
        index = end
    return kept


def _tiny_run(pieces: Sequence[Piece], start: int) -> int:
    """Where a list of tiny items ends that begins there; `start` when the list is not wholly of tiny items."""
    depth, number = _depth(pieces[start]), 1
    if depth is None or _number(pieces[start]) != 1:
        return start
    end = start
    while end < len(pieces) and _depth(pieces[end]) == depth and pieces[end].heading_path == pieces[start].heading_path:
        if not _is_tiny(pieces[end]) or _number(pieces[end]) != number or _above(pieces[end]) != _above(pieces[start]):
            return start
        number += 1
        end += 1
    below = end < len(pieces) and pieces[end].heading_path[:len(pieces[start].heading_path)] == pieces[start].heading_path
    deeper = below and len(pieces[end].heading_path) > len(pieces[start].heading_path)
    return start if deeper or not _above(pieces[start]) else end


def _is_tiny(piece: Piece) -> bool:
    return bool(piece.text) and len(piece.text) <= LONGEST_TINY and "\n" not in piece.text and "。" not in piece.text[:-1]


def _depth(piece: Piece) -> Depth | None:
    """The depth of a passage's own number when it is an item below 1., else None."""
    label = first_label(piece.label) if piece.label and not piece.is_heading and not piece.is_table else None
    return label.depth if label is not None and label.depth >= Depth.THIRD and piece.article.endswith(label.shown) else None


def _number(piece: Piece) -> int:
    label = first_label(piece.label)
    return label.number if label is not None else 0


def _above(piece: Piece) -> str:
    """The article of the section that the item stands in: 一、 of 一、1."""
    label = first_label(piece.label)
    return piece.article.removesuffix(label.shown) if label is not None else ""


def _line(item: Piece) -> str:
    return item.label + item.text


def _with_items(owner: Piece, items: Sequence[Piece]) -> Piece:
    for item in items:
        owner = owner.with_line(Block(_line(item), positions=item.positions, confidence=item.confidence))
    return owner


# -- overlong passages -------------------------------------------------------------------------------------------------------


def _divided(piece: Piece) -> list[Piece]:
    if piece.is_heading or piece.is_table or len(piece.text) <= LONGEST_PASSAGE:
        return [piece]
    parts = _parts(piece.text)
    if len(parts) < 2:
        return [piece]
    return [
        replace(piece, article=f"{piece.article}第{to_chinese(number)}部分", label=piece.label if number == 1 else "", text=part)
        for number, part in enumerate(parts, start=1)
    ]


def _parts(text: str) -> list[str]:
    """As few parts as the size allows, of about the same length, cut between sentences, rather before a line, 一是 or 其次."""
    units = [sentence for line in text.splitlines(keepends=True) for sentence in SENTENCE_ENDS.split(line) if sentence]
    edges = [0, *accumulate(map(len, units))]
    wanted = -(-len(text) // LONGEST_PASSAGE)
    cuts: list[int] = []
    for number in range(1, wanted):
        aim = number * len(text) / wanted
        free = [place for place in range(1, len(units)) if place > max(cuts, default=0)]
        if free:
            cuts.append(min(free, key=lambda place: abs(edges[place] - aim) - (PULL if _opens(units, place) else 0)))
    pieces = ["".join(units[start:end]) for start, end in pairwise((0, *cuts, len(units)))]
    return [piece.strip("\n") for piece in pieces if piece.strip()]


def _opens(units: Sequence[str], place: int) -> bool:
    return units[place - 1].endswith("\n") or OPENING_WORDS.match(units[place]) is not None
