"""Templates: one Jinja environment for all pages, with the few words for dates and sizes that pages share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from bot.clock import SHANGHAI
from channels.wording import WORDING

FOLDER = Path(__file__).parent
ROOMS = ("web", "handbook", "desk", "studio")

PHONE = re.compile(
    r"(?<![\d.-])"
    r"(?:0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4}|962\d{3}|12[13]\d{2}|12\d{3}|110|119|120|122)"
    r"(?![\d.,-]|\s*[元块岁个天日年月万人号%])"
)
"""Landlines, service numbers and emergency numbers as they stand in replies; not an amount, age or count."""


def render(
    request: Request,
    name: str,
    context: Mapping[str, object],
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page as a response. name: "web/page.html"."""
    html = _environment().get_template(name).render({"request": request, **context})
    return HTMLResponse(html, status_code=status_code, headers=dict(headers or {}))


def render_text(name: str, context: Mapping[str, object]) -> str:
    """A piece of a page, for scripts that put it in place."""
    return _environment().get_template(name).render(context)


def day(value: date | str | None) -> str:
    """2024年12月31日; an unknown day is an empty text."""
    if value is None or value == "" or value == date.min:
        return ""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{found.year}年{found.month}月{found.day}日"


def moment(value: datetime | str | None, *, year: bool = False) -> str:
    """11月21日 14:05 in Shanghai, with the year in front where it matters; an unknown moment is an empty text."""
    if value is None or value == "":
        return ""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(SHANGHAI)
    return f"{f'{found.year}年' if year else ''}{found.month}月{found.day}日 {found:%H:%M}"


def waited(since: datetime, now: datetime) -> str:
    """How long somebody has waited, in the largest two units: 2 天 3 小时."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
    return f"{rest} 分钟" if rest else "刚刚"


def phone_links(text: str) -> Markup:
    """The text with its phone numbers as links that dial."""
    pieces: list[Markup] = []
    position = 0
    for match in PHONE.finditer(text):
        number = match.group()
        pieces.append(escape(text[position:match.start()]))
        pieces.append(Markup('<a class="phone" href="tel:{}">{}</a>').format(number.replace("-", ""), number))
        position = match.end()
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)


@lru_cache
def asset(name: str) -> str:
    """Address of a script or style, with a digest of its content, so that browsers may keep it for ever: "web/page.css"."""
    room, _, file = name.partition("/")
    digest = hashlib.sha256((FOLDER / room / "static" / file).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=PrefixLoader({room: FileSystemLoader(FOLDER / room / "templates") for room in ROOMS}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=day, moment=moment, waited=waited, phone_links=phone_links)
    environment.globals.update(asset=asset, wording=WORDING)
    return environment
