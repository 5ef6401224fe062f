"""The cliff as a drawing: lines over a rising income, as shapes that an SVG or a PNG can be made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.screening.cliff import Cliff, Drop, Point
from bot.screening.wording import say

WIDTH, HEIGHT = 960, 640
LEFT, RIGHT, TOP, BOTTOM = 84, 150, 64, 130
INK, QUIET, GRID, PAPER = "#1f2329", "#5c6470", "#dfe3e8", "#ffffff"
TOTAL, PAID, ALONE, FALL = "#0b6e4f", "#b45309", "#8a919c", "#b42318"
DROPS_NAMED = 4
TICKS = 8
STEPS = (50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points, in the pixels of the drawing. dashed: with gaps."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text. anchor: "start", "middle" or "end" of it stands at x; y is its base line."""

    x: float
    y: float
    text: str
    size: int
    colour: str
    anchor: str = "start"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    radius: float
    colour: str


Shape = Stroke | Words | Dot


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    title: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    first: float
    last: float
    top: float

    def x(self, income: float) -> float:
        return round(LEFT + (income - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, yuan: float) -> float:
        return round(HEIGHT - BOTTOM - yuan / self.top * (HEIGHT - TOP - BOTTOM), 1)


def draw_cliff(cliff: Cliff) -> Drawing:
    """Income and benefits together, benefits alone and income alone; each place where the sum falls is marked and named."""
    points = cliff.points
    scale = _Scale(points[0].income, points[-1].income, max(1.0, *(point.total for point in points)) * 1.05)
    title = say("cliff_title")
    shapes = (
        Words(LEFT, 30, title, 20, INK, bold=True),
        *_axes(scale),
        *_lines(points, scale),
        *_marks(cliff, scale),
        *_notes(cliff),
    )
    return Drawing(WIDTH, HEIGHT, title, shapes)


def _axes(scale: _Scale) -> Iterator[Shape]:
    yield Words(LEFT - 8, TOP - 12, say("plain_yuan"), 13, QUIET, "end")
    for yuan in _ticks(0, scale.top):
        yield Stroke(((LEFT, scale.y(yuan)), (WIDTH - RIGHT, scale.y(yuan))), GRID, 1)
        yield Words(LEFT - 8, scale.y(yuan) + 4, f"{yuan:,}", 13, QUIET, "end")
    for income in _ticks(scale.first, scale.last):
        yield Words(scale.x(income), HEIGHT - BOTTOM + 20, f"{income:,}", 13, QUIET, "middle")
    yield Words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 42, say("cliff_income"), 14, INK, "middle")


def _ticks(low: float, high: float) -> range:
    step = next((step for step in STEPS if (high - low) / step <= TICKS), STEPS[-1])
    return range(-(-int(low) // step) * step, int(high) + 1, step)


def _lines(points: Sequence[Point], scale: _Scale) -> Iterator[Shape]:
    kinds: tuple[tuple[str, Callable[[Point], float], str, float, bool], ...] = (
        ("cliff_income_alone", lambda point: point.income, ALONE, 1.5, True),
        ("cliff_benefits", lambda point: point.paid, PAID, 2, False),
        ("cliff_total", lambda point: point.total, TOTAL, 3, False),
    )
    ends: list[float] = []
    for key, height, colour, width, dashed in kinds:
        line = tuple((scale.x(point.income), scale.y(height(point))) for point in points)
        yield Stroke(line, colour, width, dashed)
        ends.append(_apart(line[-1][1] + 5, ends))
        yield Words(WIDTH - RIGHT + 10, ends[-1], say(key), 14, colour, bold=width == 3)


def _apart(wanted: float, taken: Sequence[float]) -> float:
    """Where a label goes so that it stands on no other."""
    while any(abs(wanted - other) < 18 for other in taken):
        wanted -= 18
    return wanted


def _marks(cliff: Cliff, scale: _Scale) -> Iterator[Shape]:
    by_income = {point.income: point for point in cliff.points}
    for number, drop in enumerate(_largest(cliff.drops), start=1):
        here = by_income[drop.at]
        yield Dot(scale.x(drop.at), scale.y(here.total), 5, FALL)
        yield Words(scale.x(drop.at) + 8, scale.y(here.total) + 18, str(number), 14, FALL, bold=True)


def _largest(drops: Sequence[Drop]) -> list[Drop]:
    """The largest drops, in the order of the incomes."""
    return sorted(sorted(drops, key=lambda drop: -drop.loss)[:DROPS_NAMED], key=lambda drop: drop.at)


def _notes(cliff: Cliff) -> Iterator[Shape]:
    lines = [f"{number}  {words}" for number, words in enumerate(drop_words(cliff, _largest(cliff.drops)), start=1)]
    for place, line in enumerate(lines or [say("cliff_none")]):
        yield Words(LEFT, HEIGHT - 66 + place * 19, line, 14, FALL if lines else INK)


def drop_words(cliff: Cliff, drops: Sequence[Drop]) -> list[str]:
    """Each place where the household has less although it earns more, in a sentence."""
    return [
        say("cliff_drop" if drop.steep else "cliff_slope", income=f"{drop.at:,}", low=f"{drop.below:,}", loss=f"{drop.loss:g}",
            programmes="、".join(cliff.names[one] for one in drop.lost))
        for drop in drops
    ]


def flat_words(cliff: Cliff) -> list[str]:
    """Each stretch along which every yuan earned is taken off again."""
    return [
        say("cliff_flat", low=f"{flat.low:,}", high=f"{flat.high:,}",
            programmes="、".join(cliff.names[one] for one in flat.programmes))
        for flat in cliff.flats
    ]


def lost_words(cliff: Cliff) -> list[str]:
    """At which incomes which programmes stop looking likely."""
    return [
        say("cliff_lost", income=f"{lost.at:,}", programmes="、".join(cliff.names[one] for one in lost.programmes))
        for lost in cliff.lost
    ]
