"""Character recognition (文字识别), through rapidocr where it is installed: a picture of a page gives lines and ruled tables.

rapidocr and its models are the extra `ocr`; they are loaded at the first picture and never by the server itself."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from knowledge.documents.printed_tables import printed_table
from knowledge.documents.readers.layout import Line, Page, PlacedTable
from knowledge.documents.readers.ruled_grids import Grid, grids_in

LEAST_CONFIDENCE = 0.5
"""Below this a line is a guess at a stain or a pattern, not words."""
WIDE_ENOUGH = 8
"""A line so many times as wide as high shows how far the page is turned."""
ENOUGH_TURN = 0.003
"""Radians; a smaller slope does not move the end of a line into its neighbour."""
SAME_ROW = 0.5
APART = 1.0
"""Words on one row that stand more line heights apart are kept apart."""
STAMP_FREE_SHARE = 3
"""On the first page, one part in so many from the top keeps its red: that is where the letterhead (红头) stands."""

PAIRS: tuple[tuple[str, str], ...] = ((",", "，"), (";", "；"), (":", "："), ("(", "（"), (")", "）"), ("?", "？"), ("!", "！"))
CJK = r"[\u3400-\u9fff《》〈〉“”、。]"
DOUBLED_BRACKET = re.compile(r"[〔\[【]{2,}")
GAP_AFTER_NUMBER = re.compile(r"(?<=\d[.．、])\s+(?=[\u3400-\u9fff])")
OPENING_ANGLE = re.compile(rf"(?:(?<={CJK})|^)[<＜](?={CJK})")
CLOSING_ANGLE = re.compile(rf"(?<={CJK})[>＞](?={CJK}|$)")


@dataclass(frozen=True, slots=True)
class Word:
    """What was read at one place, with the edges of that place in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float

    @property
    def height(self) -> float:
        return max(self.bottom - self.top, 1.0)


class Recogniser:
    """Reads pictures of pages. Loading the models takes about half a second, a page some seconds."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        # The classifier of angles turns good lines over; pages that lie on their side are turned here instead.
        self._engine: Any = RapidOCR(params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            # One core reads; threads that wait for each other by spinning are several times slower on a machine that also serves.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        })

    def read(self, picture: Image.Image, *, first_page: bool = False) -> Page:
        """The lines and ruled tables of one page, numbered 1. first_page: its letterhead is kept, stamps below it are not."""
        image = _without_red(np.asarray(picture.convert("RGB")), first_page)
        image, words = self._upright(image)
        grids = grids_in(image) if words else []
        tables = [table for grid in grids if (table := self._table(image, grid, words)) is not None]
        taken = [grid for grid in grids if any(table.top == grid.top for table in tables)]
        outside = [word for word in words if not any(grid.holds(_middle(word)) for grid in taken)]
        return Page(1, tuple(_rows(outside)), tuple(tables), float(image.shape[1]))

    def _upright(self, image: Any) -> tuple[Any, list[Word]]:
        """The picture turned so that its lines are level, and what it says."""
        boxes = self._boxes(image)
        if boxes and sum(_is_upended(box) for box, _, _ in boxes) > len(boxes) / 2:
            turned = [np.ascontiguousarray(np.rot90(image, quarter)) for quarter in (1, 3)]
            read = [self._boxes(side) for side in turned]
            best = max((0, 1), key=lambda side: sum(confidence for _, _, confidence in read[side]))
            image, boxes = turned[best], read[best]
        slopes = [_slope(box) for box, _, _ in boxes if _width(box) > WIDE_ENOUGH * _height(box)]
        turn = median(slopes) if slopes else 0.0
        if abs(turn) > ENOUGH_TURN:
            image, boxes = _turned(image, turn, boxes)
        return image, [_word(box, text, confidence) for box, text, confidence in boxes]

    def _boxes(self, image: Any) -> list[tuple[Any, str, float]]:
        read = self._engine(image)
        if read.boxes is None:
            return []
        found = zip(read.boxes, read.txts, read.scores, strict=True)
        return [(box, text.strip(), float(score)) for box, text, score in found if text.strip() and score >= LEAST_CONFIDENCE]

    def _table(self, image: Any, grid: Grid, words: Sequence[Word]) -> PlacedTable | None:
        """The cells of a ruled table; where one reading ran over a rule, each cell is read by itself."""
        inside = [word for word in words if grid.holds(_middle(word))]
        overrun = any(grid.column(word.left + word.height / 2) != grid.column(word.right - word.height / 2) for word in inside)
        table = printed_table([
            [self._cell(image, grid, row, column, inside, overrun) for column in range(grid.columns)] for row in range(grid.rows)
        ])
        if table is None or len(table.rows) < 2:
            return None
        confidence = min((word.confidence for word in inside), default=None)
        return PlacedTable(table, grid.top, confidence)

    def _cell(self, image: Any, grid: Grid, row: int, column: int, inside: Sequence[Word], overrun: bool) -> str:
        left, top, right, bottom = grid.cell(row, column)
        if not overrun:
            held = [w for w in inside if left <= _middle(w)[0] <= right and top <= _middle(w)[1] <= bottom]
        else:
            margin = 4
            part = image[int(top) + margin:int(bottom) - margin, int(left) + margin:int(right) - margin]
            held = [_word(*read) for read in self._boxes(np.ascontiguousarray(part))] if part.size else []
        return "".join(line.text for line in _rows(held))


@cache
def recogniser() -> Recogniser | None:
    """The one recogniser of this process, None where the extra `ocr` is not installed."""
    return Recogniser() if importlib.util.find_spec("rapidocr") is not None else None


# -- geometry ------------------------------------------------------------------------------------------------------------------


def _width(box: Any) -> float:
    return float(np.hypot(*(box[1] - box[0])))


def _height(box: Any) -> float:
    return max(1.0, float(np.hypot(*(box[3] - box[0]))))


def _slope(box: Any) -> float:
    return float(np.arctan2(box[1][1] - box[0][1], box[1][0] - box[0][0]))


def _is_upended(box: Any) -> bool:
    across, down = float(np.ptp(box[:, 0])), float(np.ptp(box[:, 1]))
    return down > 2 * across


def _turned(image: Any, angle: float, boxes: list[tuple[Any, str, float]]) -> tuple[Any, list[tuple[Any, str, float]]]:
    """Picture and boxes turned about the middle, so that what sloped by that angle is level; new corners are white."""
    import cv2

    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(np.degrees(angle)), 1.0)
    level = [(cv2.transform(box[None].astype(np.float64), matrix)[0], text, confidence) for box, text, confidence in boxes]
    return cv2.warpAffine(image, matrix, (width, height), borderValue=(255, 255, 255)), level


def _word(box: Any, text: str, confidence: float) -> Word:
    xs, ys = box[:, 0], box[:, 1]
    return Word(text, float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()), confidence)


def _middle(word: Word) -> tuple[float, float]:
    return (word.left + word.right) / 2, (word.top + word.bottom) / 2


def _without_red(image: Any, first_page: bool) -> Any:
    """The picture without red ink, so that a stamp does not hide the name and day that it was set on."""
    red, green, blue = (image[:, :, channel].astype(np.int16) for channel in range(3))
    stamp = (red - green > 60) & (red - blue > 60)
    if first_page:
        stamp[: image.shape[0] // STAMP_FREE_SHARE] = False
    if not stamp.any():
        return np.ascontiguousarray(image[:, :, ::-1])
    cleaned = image.copy()
    # The red channel shows red ink as white paper, and black letters under it as black.
    cleaned[stamp] = np.repeat(image[:, :, :1], 3, axis=2)[stamp]
    return np.ascontiguousarray(cleaned[:, :, ::-1])


def _rows(words: Sequence[Word]) -> list[Line]:
    """Words that stand on one row are one line, from left to right; rows from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom) / 2):
        row = rows[-1] if rows else []
        level = median(_middle(other)[1] for other in row) if row else 0.0
        if row and abs(_middle(word)[1] - level) < SAME_ROW * min(word.height, row[0].height):
            row.append(word)
        else:
            rows.append([word])
    return [_line(sorted(row, key=lambda word: word.left)) for row in rows]


def _line(row: Sequence[Word]) -> Line:
    text = row[0].text
    for before, after in pairwise(row):
        text += (" " if after.left - before.right > APART * after.height else "") + after.text
    edges = min(w.left for w in row), max(w.right for w in row), min(w.top for w in row), max(w.bottom for w in row)
    return Line(text, *edges, min(w.confidence for w in row))


# -- spelling --------------------------------------------------------------------------------------------------------------------


def in_one_spelling(pages: Sequence[Page]) -> list[Page]:
    """Recognition gives half-width and full-width marks at will: beside Chinese words each takes the form of this document."""
    words = "".join(line.text for page in pages for line in page.lines)
    counts = Counter(words)
    # Whoever sets commas in full width sets all marks so; else each mark is counted for itself.
    full = counts["，"] > counts[","]
    usual = {pair: pair[1] if full or counts[pair[1]] > counts[pair[0]] else pair[0] for pair in PAIRS}

    def spelled(text: str) -> str:
        text = DOUBLED_BRACKET.sub("〔", GAP_AFTER_NUMBER.sub("", text))
        text = CLOSING_ANGLE.sub("〉", OPENING_ANGLE.sub("〈", text))
        for pair, chosen in usual.items():
            rare = pair[0] if chosen == pair[1] else pair[1]
            text = re.sub(rf"(?<={CJK}){re.escape(rare)}|{re.escape(rare)}(?={CJK})", chosen, text)
        return text

    return [
        replace(
            page,
            lines=tuple(replace(line, text=spelled(line.text)) for line in page.lines),
            tables=tuple(replace(placed, table=placed.table.with_cells(spelled)) for placed in page.tables),
        )
        for page in pages
    ]
