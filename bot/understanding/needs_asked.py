"""What a resident wants to know of a programme: who, how much, what to bring, where …"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.understanding.phrase_files import entries, one_of
from bot.understanding.plain import squeeze
from knowledge.programmes import Need


@lru_cache(maxsize=1)
def _signs() -> tuple[tuple[Need, re.Pattern[str]], ...]:
    found = []
    for entry in entries("needs"):
        pattern = one_of(entry["patterns"], f"needs.yaml: {entry['need']}")
        if pattern is not None:
            found.append((Need(entry["need"]), pattern))
    return tuple(found)


def needs_asked(text: str) -> tuple[Need, ...]:
    """Every need the words show, the more specific first (file order); empty when none does."""
    words = squeeze(text)
    return tuple(need for need, pattern in _signs() if pattern.search(words))
