"""Flow charts (工作流程图): a flow drawn as SVG, for the width of a phone and for a sheet of A4. No script, no outside font.

Colours are presentation attributes, so that a chart stands alone; a page may override them through the classes (fc-…).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from knowledge.flows import Flow, FlowStep


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a chart is drawn for. name: part of its ids and classes. width and type_size in the drawing's own units, which are CSS
    pixels on a screen of that width. beside: who stands beside what, not above it."""

    name: str
    width: float
    type_size: float
    beside: bool = False


PHONE = Sheet("phone", 320, 15)
LARGE = Sheet("large", 320, 20)
"""For a phone, in the large type of elder mode."""
PAPER = Sheet("paper", 680, 16, beside=True)
"""For A4 and wide screens: at 180 mm the type is 12 points."""

FONTS = "PingFang SC, HarmonyOS Sans SC, Noto Sans CJK SC, Microsoft YaHei, sans-serif"
LINE_HEIGHT = 1.5
PAD = 12.0
GAP = 26.0
STEM = 12.0
"""From the decision to the cross-beam of its fork."""
BETWEEN = 14.0
"""Between the two columns."""
MARGIN = 2.0

COLOURS = {
    "fc-box": 'fill="#ffffff" stroke="#c3c9d1"',
    "fc-side": 'fill="#e6f2ed"',
    "fc-who": 'fill="#0b6e4f" font-weight="600"',
    "fc-what": 'fill="#1f2329"',
    "fc-within": 'fill="#92400e"',
    "fc-line": 'fill="none" stroke="#5c6470" stroke-width="1.6"',
    "fc-head": 'fill="#5c6470"',
    "fc-yes": 'fill="#0b6e4f"',
    "fc-no": 'fill="#5c6470"',
    "fc-label": 'fill="#ffffff" font-weight="600"',
}
"""Every class with how it looks where no style sheet says otherwise."""

_PIECES = re.compile(r"[0-9A-Za-z.%/+-]+|.")
NOT_FIRST = frozenset("，。；：、！？）》”’」％…,.;:!?)%")
NOT_LAST = frozenset("（《“‘「(")


def flow_chart(flow: Flow, sheet: Sheet = PHONE) -> str:
    """The flow as one <svg> element with role="img", a title and a description of every step."""
    drawing = _Drawing(sheet)
    bottom = drawing.column(flow.steps, MARGIN, MARGIN, sheet.width - 2 * MARGIN, numbered=True)
    if flow.forks:
        bottom = _fork(drawing, flow, bottom)
    height = bottom + MARGIN
    own = escape(f"flow-{flow.id}-{sheet.name}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow flow-{sheet.name}" role="img" '
        f'aria-labelledby="{own}-title" aria-describedby="{own}-steps" viewBox="0 0 {_n(sheet.width)} {_n(height)}" '
        f'width="{_n(sheet.width)}" height="{_n(height)}" font-family="{FONTS}" font-size="{_n(sheet.type_size)}">'
        f'<title id="{own}-title">{_said(flow.title)}</title>'
        f'<desc id="{own}-steps">{_said(" ".join(_numbered(flow.in_words())))}</desc>'
        f"{''.join(drawing.parts)}</svg>"
    )


def _numbered(lines: Sequence[str]) -> list[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)]


def _fork(drawing: _Drawing, flow: Flow, top: float) -> float:
    """Two arrows from the decision, each to a column of its own; gives back where the longer column ends."""
    width = (drawing.sheet.width - 2 * MARGIN - BETWEEN) / 2
    middle = drawing.sheet.width / 2
    boxes = top + STEM + 1.6 * drawing.sheet.type_size + GAP
    branches = ((flow.approved_label, "fc-yes", flow.approved), (flow.refused_label, "fc-no", flow.refused))
    bottoms = []
    for side, (label, look, steps) in enumerate(branches):
        left = MARGIN + side * (width + BETWEEN)
        centre = left + width / 2
        drawing.line(((middle, top), (middle, top + STEM), (centre, top + STEM), (centre, boxes)))
        drawing.label(label, centre, top + STEM + 8 + 0.8 * drawing.sheet.type_size, look)
        bottoms.append(drawing.column(steps, left, boxes, width))
    return max(bottoms)


@dataclass(slots=True)
class _Drawing:
    """Collects the elements of one chart. Every method draws at a place in the drawing's units, y running down."""

    sheet: Sheet
    parts: list[str] = field(default_factory=list)

    @property
    def leading(self) -> float:
        return self.sheet.type_size * LINE_HEIGHT

    def column(self, steps: Sequence[FlowStep], left: float, top: float, width: float, *, numbered: bool = False) -> float:
        """Boxes below each other, joined by arrows; gives back where the last one ends."""
        for number, step in enumerate(steps, 1):
            if number > 1:
                self.line(((left + width / 2, top), (left + width / 2, top + GAP)))
                top += GAP
            who = f"{number}. {step.who}" if numbered else step.who
            # Beside each other only where a box is the whole sheet wide: the columns of a fork are narrow on every sheet.
            draw = self._beside if self.sheet.beside and numbered else self._above
            top = draw(step, who, left, top, width)
        return top

    def _above(self, step: FlowStep, who: str, left: float, top: float, width: float) -> float:
        room = width - 2 * PAD
        rows = [("fc-who", line) for line in self._wrapped(who, room)]
        rows += [("fc-what", line) for line in self._wrapped(step.what, room)]
        rows += [("fc-within", line) for line in self._wrapped(step.within, room)]
        height = len(rows) * self.leading + 2 * PAD - 4
        self._rect("fc-box", left, top, width, height)
        self._rows(rows, left + PAD, top + PAD - 2)
        return top + height

    def _beside(self, step: FlowStep, who: str, left: float, top: float, width: float) -> float:
        side = 11 * self.sheet.type_size + 2 * PAD
        room = width - side - 2 * PAD
        names = [("fc-who", line) for line in self._wrapped(who, side - 2 * PAD)]
        rows = [("fc-what", line) for line in self._wrapped(step.what, room)]
        rows += [("fc-within", line) for line in self._wrapped(step.within, room)]
        height = max(len(names), len(rows)) * self.leading + 2 * PAD - 4
        self._rect("fc-box", left, top, width, height)
        self.parts.append(_side(left, top, side, height))
        for column, x in ((names, left + PAD), (rows, left + side + PAD)):
            self._rows(column, x, top + (height - len(column) * self.leading) / 2)
        return top + height

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """An arrow along the points, its head at the last one, which lies straight below the one before."""
        x, y = points[-1]
        path = " ".join(f"{_n(px)},{_n(py)}" for px, py in (*points[:-1], (x, y - 6)))
        self.parts.append(f'<polyline {_look("fc-line")} points="{path}"/>')
        head = f"{_n(x - 5)},{_n(y - 8)} {_n(x + 5)},{_n(y - 8)} {_n(x)},{_n(y)}"
        self.parts.append(f'<polygon {_look("fc-head")} points="{head}"/>')

    def label(self, text: str, x: float, y: float, look: str) -> None:
        """A short word on an arrow, centred at x, y."""
        size = self.sheet.type_size
        width = width_of(text) * size + 20
        self._rect(look, x - width / 2, y - size * 0.8, width, size * 1.6, radius=size * 0.8)
        self.parts.append(
            f'<text {_look("fc-label")} x="{_n(x)}" y="{_n(y + size * 0.36)}" text-anchor="middle">{_said(text)}</text>'
        )

    def _wrapped(self, text: str, room: float) -> list[str]:
        return wrapped(text, room / self.sheet.type_size)

    def _rect(self, look: str, x: float, y: float, width: float, height: float, radius: float = 8) -> None:
        self.parts.append(
            f'<rect {_look(look)} x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="{_n(radius)}"/>'
        )

    def _rows(self, rows: Sequence[tuple[str, str]], x: float, top: float) -> None:
        for number, (look, text) in enumerate(rows):
            baseline = top + number * self.leading + self.leading / 2 + self.sheet.type_size * 0.36
            self.parts.append(f'<text {_look(look)} x="{_n(x)}" y="{_n(baseline)}">{_said(text)}</text>')


def _side(x: float, y: float, width: float, height: float) -> str:
    """The tinted left part of a box, its left corners as round as the box's."""
    path = (
        f"M{_n(x + width)},{_n(y + 0.5)} H{_n(x + 8)} a7.5,7.5 0 0 0 -7.5,7.5 V{_n(y + height - 8)} "
        f"a7.5,7.5 0 0 0 7.5,7.5 H{_n(x + width)} Z"
    )
    return f'<path {_look("fc-side")} d="{path}"/>'


def width_of(text: str) -> float:
    """Width of a text in ems: a Chinese character is one, a digit or letter is taken as 0.6."""
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.6 for letter in text)


def wrapped(text: str, room: float) -> list[str]:
    """The text in lines of at most `room` ems, all about equally long. Numbers stay whole where they fit on a line; a line never
    begins with a closing mark, which may hang one em over the edge, nor ends with an opening one. An empty text has no lines."""
    lines = _broken(text, room)
    if len(lines) < 2:
        return lines
    narrower = room
    while narrower > 2 and len(tried := _broken(text, narrower - 1)) == len(lines):
        lines, narrower = tried, narrower - 1
    return lines


def _broken(text: str, room: float) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text, room):
        hangs = piece in NOT_FIRST and width_of(line + piece) <= room + 1
        if line and not hangs and width_of(line + piece) > room:
            opening = line[-1] if line[-1] in NOT_LAST and len(line) > 1 else ""
            lines.append(line.removesuffix(opening) if opening else line)
            line = opening
        line += piece
    return [found for found in (*lines, line) if found]


def _pieces(text: str, room: float) -> list[str]:
    """What must not be broken: single characters, and runs of digits and letters unless longer than a line."""
    found: list[str] = []
    for match in _PIECES.finditer(_printable(text)):
        piece = match.group()
        found += [piece] if width_of(piece) <= room else list(piece)
    return found


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _said(text: str) -> str:
    return escape(_printable(text), quote=False)


def _look(name: str) -> str:
    return f'class="{name}" {COLOURS[name]}'


def _n(number: float) -> str:
    """A coordinate, to the tenth."""
    return f"{number:.1f}".removesuffix(".0")
