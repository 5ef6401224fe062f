"""The phrase files of bot/phrases: lists of patterns that editors of the product keep, read once."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml


class PhraseFileError(ValueError):
    """A phrase file is not well formed. Read by developers at start and in tests."""


@lru_cache(maxsize=8)
def entries(name: str) -> tuple[dict[str, Any], ...]:
    """The entries of bot/phrases/<name>.yaml in file order."""
    text = resources.files("bot.phrases").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    if not isinstance(loaded, list) or not all(isinstance(entry, dict) for entry in loaded):
        raise PhraseFileError(f"bot/phrases/{name}.yaml holds {type(loaded).__name__}, wanted a list, e.g. '- need: who'")
    return tuple(loaded)


def one_of(patterns: list[str], where: str, whole: bool = False) -> re.Pattern[str] | None:
    """One pattern that matches where any of these does; None for an empty list."""
    if not patterns:
        return None
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise PhraseFileError(f"{where}: '{pattern}' is not a pattern ({error}); e.g. 不想(再)?活") from error
    body = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(f"^(?:{body})$" if whole else body)
