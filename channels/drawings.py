"""Drawings as files and pieces of pages: SVG as text, PNG by Pillow with a font of the machine."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw, ImageFont

from bot.screening.cliff_plot import PAPER, Dot, Drawing, Shape, Stroke, Words

FONTS = "PingFang SC, HarmonyOS Sans SC, Noto Sans CJK SC, Microsoft YaHei, sans-serif"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
FONT_FILES = ("NotoSansCJK-Regular.*", "NotoSansSC*", "SourceHanSansSC*", "wqy-*", "PingFang*", "msyh*", "simhei*")
SHARPNESS = 2
DASH, GAP = 6, 5


class NoFontError(Exception):
    """This machine has no font with Chinese characters. Read by whoever runs the command."""


def svg_of(drawing: Drawing) -> str:
    """The drawing as one SVG element with its title."""
    shapes = "".join(_svg(shape) for shape in drawing.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" width="{drawing.width}" '
        f'height="{drawing.height}" role="img" font-family={quoteattr(FONTS)}><title>{escape(drawing.title)}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{shapes}</svg>\n'
    )


def _svg(shape: Shape) -> str:
    match shape:
        case Stroke(points, colour, width, dashed):
            path = " ".join(f"{x:g},{y:g}" for x, y in points)
            dash = f' stroke-dasharray="{DASH} {GAP}"' if dashed else ""
            line = f'fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round"{dash}'
            return f'<polyline points="{path}" {line}/>'
        case Words(x, y, text, size, colour, anchor, bold):
            weight = ' font-weight="700"' if bold else ""
            look = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}'
            return f'<text x="{x:g}" y="{y:g}" {look}>{escape(text)}</text>'
        case Dot(x, y, radius, colour):
            return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}" stroke="{PAPER}" stroke-width="1.5"/>'


def png_of(drawing: Drawing, font: Path | None = None) -> bytes:
    """The drawing as a PNG, twice as sharp as its size. font: a file with Chinese characters; None: one of the machine's.

    NoFontError when there is none."""
    chosen = font or _font_of_machine()
    image = Image.new("RGB", (drawing.width * SHARPNESS, drawing.height * SHARPNESS), PAPER)
    brush = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        _paint(brush, shape, chosen)
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _font_of_machine() -> Path:
    for folder in FONT_FOLDERS:
        for pattern in FONT_FILES:
            found = next(Path(folder).rglob(pattern), None) if Path(folder).is_dir() else None
            if found is not None:
                return found
    raise NoFontError


def _paint(brush: ImageDraw.ImageDraw, shape: Shape, font: Path) -> None:
    match shape:
        case Stroke(points, colour, width, dashed):
            wide = max(1, round(width * SHARPNESS))
            for piece in _pieces(points) if dashed else [points]:
                brush.line([(x * SHARPNESS, y * SHARPNESS) for x, y in piece], fill=colour, width=wide, joint="curve")
        case Words(x, y, text, size, colour, anchor, _):
            side = {"start": "ls", "middle": "ms", "end": "rs"}[anchor]
            face = ImageFont.truetype(str(font), size * SHARPNESS)
            brush.text((x * SHARPNESS, y * SHARPNESS), text, fill=colour, font=face, anchor=side)
        case Dot(x, y, radius, colour):
            left, top, right, bottom = ((place + sign * radius) * SHARPNESS for sign in (-1, 1) for place in (x, y))
            brush.ellipse((left, top, right, bottom), fill=colour)


def _pieces(points: Iterable[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """A line cut into dashes."""
    pieces: list[list[tuple[float, float]]] = []
    walked, last = 0.0, None
    for point in points:
        if last is not None:
            length = ((point[0] - last[0]) ** 2 + (point[1] - last[1]) ** 2) ** 0.5
            if walked % (DASH + GAP) < DASH:
                pieces.append([last, point])
            walked += length
        last = point
    return pieces
