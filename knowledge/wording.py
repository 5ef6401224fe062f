"""What editors and operators read when documents are imported and releases are made; the sentences are data."""

from __future__ import annotations

from functools import cache
from importlib import resources
from string import Formatter

import yaml

FILE = "release_wording.yaml"


@cache
def sentences() -> dict[str, str]:
    """Key to sentence with {places}, as kept in knowledge/handbook/release_wording.yaml."""
    text = resources.files("knowledge").joinpath("handbook", FILE).read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    return {f"{group}.{name}": sentence for group, entries in loaded.items() for name, sentence in entries.items()}


def say(key: str, **values: object) -> str:
    """The sentence with its places filled. Raises KeyError for a key or place that the file does not have."""
    return sentences()[key].format(**values)


def places_of(key: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(sentences()[key]) if name)
