"""Ruled grids (表格线): where the drawn lines of a table stand in the picture of a page. Needs the extra `ocr` (its OpenCV)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

SHORTEST_RULE_SHARE = 40
"""A rule is at least this part of the page's width long: longer than the strokes of any character."""
LEAST_WIDTH_SHARE = 0.15
LEAST_CELL_PIXELS = 12
DRAWN_SHARE = 0.6
"""A rule between two cells is there when so much of it is drawn."""
NEAR_PIXELS = 6


@dataclass(frozen=True, slots=True)
class Grid:
    """Edges in pixels from the upper left corner. joined: cells that no rule parts from their left or upper neighbour take its
    place: (row, column) of the cell whose words they say."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owners: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def rows(self) -> int:
        return len(self.ys) - 1

    @property
    def columns(self) -> int:
        return len(self.xs) - 1

    def holds(self, point: tuple[float, float]) -> bool:
        return self.xs[0] <= point[0] <= self.xs[-1] and self.ys[0] <= point[1] <= self.ys[-1]

    def column(self, x: float) -> int:
        return int(np.searchsorted(self.xs, x)) - 1

    def cell(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the drawn cell at that place, however many places it covers."""
        owner = self.owners[row][column]
        covered = [(r, c) for r, line in enumerate(self.owners) for c, other in enumerate(line) if other == owner]
        rows, columns = [r for r, _ in covered], [c for _, c in covered]
        return self.xs[min(columns)], self.ys[min(rows)], self.xs[max(columns) + 1], self.ys[max(rows) + 1]


def grids_in(image: Any) -> list[Grid]:
    """The ruled tables of a page whose lines are level, from top to bottom. image: pixels as BGR."""
    import cv2

    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ink = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 12)
    length = max(30, image.shape[1] // SHORTEST_RULE_SHARE)
    across, down = _rules(ink, length, 1), _rules(ink, 1, length)
    drawn = cv2.dilate(across | down, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        left, top, width, height = cv2.boundingRect(outline)
        if width < LEAST_WIDTH_SHARE * image.shape[1] or height < 2 * LEAST_CELL_PIXELS:
            continue
        part = slice(top, top + height), slice(left, left + width)
        grid = _grid(across[part], down[part], left, top)
        if grid is not None:
            found.append(grid)
    return sorted(found, key=lambda grid: grid.top)


def _rules(ink: Any, width: int, height: int) -> Any:
    """Only what is drawn in straight runs of that length; a slight slope or a gap of some pixels does not break a run."""
    import cv2

    kernel = np.ones((height, width), np.uint8)
    thick = cv2.dilate(ink, np.ones((3, 1) if width > height else (1, 3), np.uint8))
    return cv2.morphologyEx(thick, cv2.MORPH_OPEN, kernel)


def _grid(across: Any, down: Any, left: int, top: int) -> Grid | None:
    ys = _places(across.sum(axis=1) / 255, across.shape[1])
    xs = _places(down.sum(axis=0) / 255, down.shape[0])
    if len(xs) < 3 or len(ys) < 3:
        return None
    owners = _owners(across, down, xs, ys)
    return Grid(tuple(left + x for x in xs), tuple(top + y for y in ys), owners)


def _places(drawn: Any, full: int) -> list[float]:
    """Where rules stand: the middles of runs in which enough of the length is drawn for one cell at least."""
    inked = np.flatnonzero(drawn > max(LEAST_CELL_PIXELS, 0.08 * full))
    if not inked.size:
        return []
    runs = np.split(inked, np.flatnonzero(np.diff(inked) > NEAR_PIXELS) + 1)
    middles = [float(run.mean()) for run in runs]
    return [middles[0], *(after for before, after in pairwise(middles) if after - before >= LEAST_CELL_PIXELS)]


def _owners(across: Any, down: Any, xs: Sequence[float], ys: Sequence[float]) -> tuple[tuple[tuple[int, int], ...], ...]:
    owners: list[list[tuple[int, int]]] = []
    for row, (upper, lower) in enumerate(pairwise(ys)):
        line: list[tuple[int, int]] = []
        for column, (start, end) in enumerate(pairwise(xs)):
            owner = (row, column)
            if column and not _is_drawn(down, start, (upper, lower), vertical=True):
                owner = line[column - 1]
            elif row and not _is_drawn(across, upper, (start, end), vertical=False):
                owner = owners[row - 1][column]
            line.append(owner)
        owners.append(line)
    return tuple(map(tuple, owners))


def _is_drawn(rules: Any, place: float, between: tuple[float, float], *, vertical: bool) -> bool:
    start, end = int(between[0]) + NEAR_PIXELS, int(between[1]) - NEAR_PIXELS
    near = slice(max(0, int(place) - NEAR_PIXELS), int(place) + NEAR_PIXELS + 1)
    strip = rules[start:end, near] if vertical else rules[near, start:end].T
    return not strip.size or float(strip.any(axis=1).mean()) >= DRAWN_SHARE
