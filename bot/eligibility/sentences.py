"""Sentences and numbers of an assessment as a resident reads them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from bot.eligibility.thresholds import FEN
from bot.situation import Range
from bot.understanding.phrase_files import entries
from knowledge.places import as_people_write

CENT = Decimal("0.01")


@lru_cache(maxsize=1)
def _sentences() -> dict[str, str]:
    return {str(entry["say"]): str(entry["text"]) for entry in entries("assessments")}


def sentence(key: str, **places: str) -> str:
    """The sentence of bot/phrases/assessments.yaml with its places filled."""
    return _sentences()[key].format(**places)


def in_yuan(fen: Decimal) -> Decimal:
    """Fen to yuan, to the fen."""
    return (fen / FEN).quantize(CENT, rounding=ROUND_HALF_UP)


def range_in_yuan(fen: Range) -> Range:
    return Range(None if fen.low is None else in_yuan(fen.low), None if fen.high is None else in_yuan(fen.high))


def written(number: Range) -> str:
    """ "86" or "80～120"; wanted with both ends."""
    if number.low is None or number.high is None:
        raise ValueError(f"{number} has an open end: only a number between two ends can be written")
    low, high = as_people_write(number.low), as_people_write(number.high)
    return low if low == high else sentence("between", low=low, high=high)


def plain(number: Range) -> int | float | dict[str, int | float | None]:
    """For JSON: a number, or {"min", "max"} with null for an open end."""
    if number.exact is not None:
        return plain_number(number.exact)
    return {
        "min": None if number.low is None else plain_number(number.low),
        "max": None if number.high is None else plain_number(number.high),
    }


def plain_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
