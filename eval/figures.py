"""Figures of a suite: values with intervals, what was expected of them, and the cases that went wrong."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

README_FROM, README_TO = "<!-- figures -->", "<!-- /figures -->"


@dataclass(frozen=True, slots=True)
class Share:
    """right of total, with a 95 % interval (Wilson). A share of nothing is an error, not 0."""

    right: int
    total: int

    def __post_init__(self) -> None:
        if self.total == 0:
            raise ValueError("a share of no cases at all: the suite read an empty file")

    @property
    def value(self) -> float:
        return self.right / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """Source: E. B. Wilson, Probable inference, JASA 22 (1927)."""
        z, n, p = 1.96, self.total, self.value
        middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A suite's figures by name, and its wrong cases in words."""

    suite: str
    shares: dict[str, Share]
    wrong: tuple[str, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """ok: at or above what is expected; near: below it within the tolerance; off: worse."""

    figure: str
    value: float
    expected: float
    tolerance: float

    @property
    def word(self) -> str:
        if self.value >= self.expected:
            return "ok"
        return "near" if self.value >= self.expected - self.tolerance else "off"


def expected_figures() -> dict[str, dict[str, Any]]:
    """eval/expected.yaml by suite."""
    text = resources.files("eval").joinpath("expected.yaml").read_text(encoding="utf-8")
    return {entry["suite"]: entry for entry in yaml.safe_load(text)}


def verdicts(outcome: Outcome) -> list[Verdict]:
    entry = expected_figures().get(outcome.suite)
    if entry is None:
        raise LookupError(
            f"eval/expected.yaml has no entry for suite '{outcome.suite}'; add one with command, expect and tolerance"
        )
    return [
        Verdict(name, outcome.shares[name].value, float(expected), float(entry["tolerance"]))
        for name, expected in entry["expect"].items()
    ]


def as_dict(outcome: Outcome) -> dict[str, Any]:
    return {
        "suite": outcome.suite,
        "figures": {
            name: {"value": round(s.value, 4), "right": s.right, "total": s.total, "interval": [round(x, 4) for x in s.interval]}
            for name, s in outcome.shares.items()
        },
        "verdicts": {v.figure: {"verdict": v.word, "expected": v.expected, "tolerance": v.tolerance} for v in verdicts(outcome)},
        "wrong": list(outcome.wrong),
        **outcome.notes,
    }


def table(outcomes: list[Outcome]) -> str:
    """The README's table of figures."""
    rows = ["| 套件 | 数字 | 值 | 95 % 区间 | 期望 | 命令 |", "|---|---|---|---|---|---|"]
    for outcome in outcomes:
        entry = expected_figures()[outcome.suite]
        for name, share in outcome.shares.items():
            low, high = share.interval
            wanted = entry["expect"].get(name)
            rows.append(
                f"| {outcome.suite} | {name} | {share.value:.3f}（{share.right}/{share.total}） | {low:.3f}–{high:.3f} | "
                f"{'–' if wanted is None else f'{wanted:.3f}'} | `{entry['command']}` |"
            )
    return "\n".join(rows)


def write_table(readme: Path, outcomes: list[Outcome]) -> None:
    """Puts the table between its marks in the README."""
    text = readme.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(README_FROM)}.*?{re.escape(README_TO)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{readme} has no place for the table: it wants a line {README_FROM} and a line {README_TO}")
    readme.write_text(pattern.sub(lambda _: f"{README_FROM}\n{table(outcomes)}\n{README_TO}", text), encoding="utf-8")
