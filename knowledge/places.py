"""Places in sentences, {dibao.standard} or {hotline.12345}, and what stands in them on a day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

PARTS = ("", "since", "until")
PLACE = re.compile(r"\{([^{}|]+)(?:\|([^{}|]*))?\}")
HOTLINE = "hotline."


@dataclass(frozen=True, slots=True)
class Place:
    """name: a parameter or hotline.<number> or a name the caller fills. part: "" for the value, "since" for its first day,
    "until" for its last one, where the next value is known already."""

    name: str
    part: str = ""

    @property
    def hotline(self) -> str | None:
        return self.name.removeprefix(HOTLINE) if self.name.startswith(HOTLINE) else None

    @property
    def parameter(self) -> str | None:
        return self.name if "." in self.name and self.hotline is None else None


def places_in(text: str) -> Iterator[Place]:
    for match in PLACE.finditer(text):
        yield Place(match.group(1), match.group(2) or "")


def filled(text: str, fill: Callable[[Place], str]) -> str:
    return PLACE.sub(lambda match: fill(Place(match.group(1), match.group(2) or "")), text)


def as_people_write(number: Decimal) -> str:
    """1690, 1.5, 0.7: no trailing zeros, no exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day_as_people_write(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
