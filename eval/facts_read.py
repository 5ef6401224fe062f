"""Facts suite: what is read from residents' own words, against labels, for utterances worked with and at first sight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.situation import Range, Situation
from bot.understanding.facts_told import FactTold, read_facts
from eval.data_files import cases
from eval.figures import Outcome, Share
from knowledge.catalogue import Catalogue

TODAY = date(2026, 11, 21)
"""The day on which the labelled utterances were said; birth years depend on it."""

FOLLOWS = "household.necessary_spending_yuan_12m"
"""Read beside medical costs, whose least it is; not labelled."""

Label = tuple[str, str, bool]
"""A fact's full name, its value in one writing, and whether it is certain."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Labels read right, wrongly read, and not read."""

    right: int
    wrong: int
    lost: int

    @property
    def f1(self) -> Share:
        """2·right of 2·right + wrong + lost. The interval takes them for independent, so it is a little too narrow.

        Source: C. J. van Rijsbergen, Information Retrieval (1979), the harmonic mean of precision and recall."""
        return Share(2 * self.right, 2 * self.right + self.wrong + self.lost)

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.wrong + other.wrong, self.lost + other.lost)


def run() -> Outcome:
    """tuned: every utterance the reader was mended with, as it is read now. first_sight: each batch
    as it was read before that, from the manifest; last_sight: the newest batch of them."""
    catalogue = Catalogue.bundled()
    by_fact: dict[str, Counts] = {}
    wrong = []
    for utterance in utterances():
        wanted, found = wanted_labels(utterance), read_labels(_read(utterance, catalogue))
        for name, counts in counts_by_fact(wanted, found).items():
            by_fact[name] = by_fact.get(name, Counts(0, 0, 0)) + counts
        if wanted != found:
            wrong.append(f"{utterance['say']} → not read {sorted(wanted - found)}, wrongly read {sorted(found - wanted)}")
    seen_first = [Counts(batch["right"], batch["wrong"], batch["lost"]) for batch in manifest()]
    shares = {
        "tuned": sum(by_fact.values(), Counts(0, 0, 0)).f1,
        "first_sight": sum(seen_first, Counts(0, 0, 0)).f1,
        "last_sight": seen_first[-1].f1,
    }
    figures = {name: _figure(counts.f1) for name, counts in sorted(by_fact.items())}
    return Outcome("facts", shares, tuple(wrong), {"by_fact": figures})


def manifest() -> list[dict[str, Any]]:
    """The batches in the order of their making, each with its counts at first sight."""
    return cases("facts/manifest")


def utterances() -> list[dict[str, Any]]:
    """Every labelled utterance that the reader was mended with."""
    mended = (batch["batch"] for batch in manifest() if batch["mended_after"])
    return [*cases("facts/tuned"), *(one for batch in mended for one in cases(f"facts/batch-{batch}"))]


def counts_by_fact(wanted: set[Label], found: set[Label]) -> dict[str, Counts]:
    """By short name ("age", whosever it is): labels right, wrongly read and not read."""
    right, wrong, lost = (Counter(_short(name) for name, *_ in part) for part in (wanted & found, found - wanted, wanted - found))
    return {name: Counts(right[name], wrong[name], lost[name]) for name in {*right, *wrong, *lost}}


def wanted_labels(utterance: Mapping[str, Any]) -> set[Label]:
    """facts are certain, maybe is to be asked back."""
    return {(name, _written(name, value), sure) for field, sure in (("facts", True), ("maybe", False))
            for name, value in utterance.get(field, {}).items()}


def read_labels(facts: Iterable[FactTold]) -> set[Label]:
    """What was read, without what follows: who the other members are to the asker, and the least of the necessary spending."""
    return {(f.name, _written(f.name, f.value), f.certain) for f in facts if f.name != FOLLOWS
            and (not f.name.endswith("relation_to_asker") or f.name.startswith("self."))}


def _read(utterance: Mapping[str, Any], catalogue: Catalogue) -> tuple[FactTold, ...]:
    return read_facts(utterance["say"], asked=utterance.get("asked"), situation=Situation(), today=TODAY,
                      facts=catalogue.facts, subdistricts=catalogue.subdistricts)


def _written(name: str, value: object) -> str:
    """One comparable text for a value of a label (yuan) or of a reading (fen)."""
    if isinstance(value, Range):
        unit = 100 if "_yuan" in name else 1
        low, high = (None if end is None else f"{end / unit:.2f}" for end in (value.low, value.high))
        return f"{low}..{high}"
    if isinstance(value, list):
        low, high = (None if end is None else f"{Decimal(str(end)):.2f}" for end in value)
        return f"{low}..{high}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{Decimal(str(value)):.2f}..{Decimal(str(value)):.2f}"
    return str(value)


def _short(name: str) -> str:
    return name.partition(".")[2]


def _figure(share: Share) -> dict[str, Any]:
    interval = [round(end, 4) for end in share.interval]
    return {"value": round(share.value, 4), "right": share.right, "total": share.total, "interval": interval}
