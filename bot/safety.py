"""Danger to life and urgent need, recognised by rules alone, before anything else is done with a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.understanding.phrase_files import entries, one_of
from bot.understanding.plain import squeeze

BEFORE = 20
"""Characters before the words of danger that say whose it is."""


class Level(StrEnum):
    SAFETY = "safety"  # life or limb: hotlines at once, urgent case (S)
    URGENT = "urgent"  # no food, no shelter, cut-off utilities (P1)


@dataclass(frozen=True, slots=True)
class Danger:
    """kind: suicide, suicide_other (somebody else's), missing, violence, child_harm, elder_harm, medical, no_food, no_shelter,
    utilities. words: as said, squeezed."""

    kind: str
    level: Level
    words: str


@dataclass(frozen=True, slots=True)
class _Watch:
    kind: str
    level: Level
    said: re.Pattern[str]
    unless: re.Pattern[str] | None
    of_others: re.Pattern[str] | None  # stands right before the words when they are somebody else's
    of_others_kind: str | None


@lru_cache(maxsize=1)
def _watches() -> tuple[_Watch, ...]:
    named, *kinds = entries("danger")
    watches = []
    for entry in kinds:
        where = f"danger.yaml: {entry['kind']}"
        said = one_of(_written_out(entry["patterns"], named["words"]), where)
        if said is not None:
            unless = one_of(_written_out(entry.get("unless", []), named["words"]), f"{where} unless")
            before = one_of(_written_out([entry["of_others"]], named["words"]), where) if "of_others" in entry else None
            watches.append(_Watch(entry["kind"], Level(entry["level"]), said, unless, before, entry.get("of_others_kind")))
    return tuple(sorted(watches, key=lambda watch: watch.level is not Level.SAFETY))


def _written_out(patterns: list[str], named: dict[str, str]) -> list[str]:
    """The patterns with {child} and the like written out; counts like {0,8} stay."""
    return [re.sub(r"\{([a-z]+)\}", lambda name: named[name[1]], pattern) for pattern in patterns]


def find_danger(text: str) -> Danger | None:
    """The gravest danger a message speaks of, wherever it stands in it; None when there is none.

    Blanks, punctuation, width and traditional characters do not hide it. A match inside an "unless" phrase ("不会自杀") does
    not count, another one elsewhere in the message still does.
    """
    words = squeeze(text)
    for watch in _watches():
        spared = [match.span() for match in watch.unless.finditer(words)] if watch.unless else []
        for match in watch.said.finditer(words):
            if not any(start < match.end() and match.start() < end for start, end in spared):
                return Danger(_kind(watch, words, match.start()), watch.level, match.group())
    return None


def _kind(watch: _Watch, words: str, start: int) -> str:
    """Whose danger: the resident's own, or somebody's of whom the words right before speak (我妈说她…)."""
    if watch.of_others and watch.of_others_kind and watch.of_others.search(words[max(0, start - BEFORE) : start + 1]):
        return watch.of_others_kind
    return watch.kind
