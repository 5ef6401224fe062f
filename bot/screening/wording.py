"""The words of screening: what its files call things, and what it says to staff. Kept in bot/phrases/screening.yaml."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from bot.understanding.phrase_files import entries


class ScreeningError(ValueError):
    """A file, a mapping or a wish cannot be used. str() is the Chinese sentence for the member of staff: it quotes what
    stands there and says what is wanted, with an example."""

    def __init__(self, key: str, /, **places: str) -> None:
        super().__init__(say(key, **places))


def say(key: str, /, **places: str) -> str:
    """A sentence with its places filled."""
    return str(_by("say", "text")[key]).format(**places)


@lru_cache(maxsize=16)
def _by(key: str, value: str) -> dict[str, Any]:
    return {str(entry[key]): entry[value] for entry in entries("screening") if key in entry}


def cell_words(kind: str) -> frozenset[str]:
    """Ways to write "unknown", "true", "false", "nothing"."""
    return frozenset(map(str, _by("cells", "words")[kind]))


def relation_names() -> dict[str, str]:
    """What a file may call a member, and which relation that is: 配偶 → spouse."""
    return {str(name): relation for relation, names in _by("relation", "names").items() for name in names}


def end_names(end: str) -> tuple[str, ...]:
    """Endings of a column that holds one end ("low", "high") of a range."""
    return tuple(map(str, _by("ends", "names")[end]))


def special_columns() -> tuple[dict[str, Any], ...]:
    """Columns that are no facts, such as the household's id."""
    return tuple(entry for entry in entries("screening") if "column" in entry)


def units() -> dict[str, Decimal]:
    """Money units of a mapping, in yuan."""
    return {unit: Decimal(str(yuan)) for unit, yuan in _by("unit", "yuan").items()}


def periods() -> dict[str, int]:
    """Periods of a mapping, in months."""
    return {period: int(months) for period, months in _by("period", "months").items()}
