"""What the checks of the handbook's sentences go by, as kept in knowledge/handbook/checking.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from knowledge.catalogue_entries import Entry
from knowledge.catalogue_files import read_yaml

FILE = "checking.yaml"


@dataclass(frozen=True, slots=True)
class CheckingRules:
    """not_counting, vague, measures, hidden_numbers: words for the search for numbers. longest_sentence: characters.
    terms_of_law: a term to the plain words of which one must stand in the same section; none: the term is never said."""

    not_counting: tuple[str, ...]
    vague: tuple[str, ...]
    measures: tuple[str, ...]
    hidden_numbers: tuple[str, ...]
    longest_sentence: int
    terms_of_law: Mapping[str, tuple[str, ...]]


@cache
def checking_rules() -> CheckingRules:
    """Raises CatalogueError when the file of this program is not in order; read by developers."""
    text = resources.files("knowledge").joinpath("handbook", FILE).read_text(encoding="utf-8")
    return read_rules(read_yaml(FILE, text))


def read_rules(data: Any) -> CheckingRules:
    entry = Entry(FILE, data)
    terms = entry.entry("terms_of_law")
    rules = CheckingRules(
        not_counting=entry.texts("not_counting"),
        vague=entry.texts("vague"),
        measures=entry.texts("measures"),
        hidden_numbers=entry.texts("hidden_numbers"),
        longest_sentence=entry.integer("longest_sentence", 60) or 60,
        terms_of_law={term: terms.texts(term) for term in terms.names()},
    )
    entry.finish()
    return rules
