"""Danger to life and urgent need, recognised by rules alone, before anything else is done with a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.understanding.phrase_files import entries, one_of
from bot.understanding.plain import squeeze


class Level(StrEnum):
    SAFETY = "safety"  # life or limb: hotlines at once, urgent case (S)
    URGENT = "urgent"  # no food, no shelter, cut-off utilities (P1)


@dataclass(frozen=True, slots=True)
class Danger:
    """kind: suicide, violence, child_harm, elder_harm, medical, no_food, no_shelter, utilities. words: as said, squeezed."""

    kind: str
    level: Level
    words: str


@dataclass(frozen=True, slots=True)
class _Watch:
    kind: str
    level: Level
    said: re.Pattern[str]
    unless: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _watches() -> tuple[_Watch, ...]:
    watches = []
    for entry in entries("danger"):
        said = one_of(entry["patterns"], f"danger.yaml: {entry['kind']}")
        if said is not None:
            unless = one_of(entry.get("unless", []), f"danger.yaml: {entry['kind']} unless")
            watches.append(_Watch(entry["kind"], Level(entry["level"]), said, unless))
    return tuple(watches)


def find_danger(text: str) -> Danger | None:
    """The gravest danger a message speaks of, wherever it stands in it; None when there is none.

    Blanks, punctuation, width and traditional characters do not hide it. A match inside an "unless" phrase ("不会自杀") does
    not count, another one elsewhere in the message still does.
    """
    words = squeeze(text)
    for watch in sorted(_watches(), key=lambda w: w.level is not Level.SAFETY):
        spared = [match.span() for match in watch.unless.finditer(words)] if watch.unless else []
        for match in watch.said.finditer(words):
            if not any(start < match.end() and match.start() < end for start, end in spared):
                return Danger(watch.kind, watch.level, match.group())
    return None
