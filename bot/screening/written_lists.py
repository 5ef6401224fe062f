"""Written lists: a screening or a comparison of a whole file, with its result file when one is wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.screening.comparison import Comparison, Side
from bot.screening.lists import (
    change_count_heads,
    change_count_lines,
    change_heads,
    change_line,
    count_heads,
    count_lines,
    household_heads,
    household_line,
    reject_heads,
    reject_line,
)
from bot.screening.report import ComparisonReport, Reading, ScreeningReport, compare_file, screen_file
from bot.screening.result_files import ResultFile, result_file
from bot.screening.screening import Screening, chosen_programmes
from bot.screening.wording import ScreeningError, say
from knowledge.facts import FactDefinition


def write_screening(
    reading: Reading, screening: Screening, facts: Mapping[str, FactDefinition], *, limit: int, out: Path | None
) -> ScreeningReport:
    """facts: for the labels of what is missing. out: None writes nothing. Raises ScreeningError."""

    def label(name: str) -> str:
        return facts[name].label if name in facts else name

    with _result(out, household_heads()) as result:
        each = None if result is None else lambda one: result.add(household_line(one, label))
        report = screen_file(reading, screening, limit=limit, each=each)
        if result is not None:
            result.table(say("sheet_counts"), count_heads(), count_lines(screening.tallies.values()))
            result.table(say("sheet_rejects"), reject_heads(), map(reject_line, report.read.rejects))
    return report


def write_comparison(
    reading: Reading, before: Side, after: Side, programmes: str, *, limit: int, out: Path | None
) -> ComparisonReport:
    """programmes: "all", or names as people write them. Raises ScreeningError."""
    comparison = Comparison(before, after, _on_either_side(programmes, before, after))
    with _result(out, change_heads()) as result:
        each = None if result is None else lambda one: result.add(change_line(one))
        report = compare_file(reading, before, after, comparison, limit=limit, each=each)
        if result is not None:
            result.table(say("sheet_counts"), change_count_heads(), change_count_lines(comparison.tallies.values()))
            result.table(say("sheet_rejects"), reject_heads(), map(reject_line, report.read.rejects))
    return report


def _on_either_side(programmes: str, before: Side, after: Side) -> Collection[str]:
    """A programme that is in force on one side only is nothing wrong; one that is on neither is."""
    found: set[str] = set()
    problem: ScreeningError | None = None
    for side in (before, after):
        try:
            found.update(chosen_programmes(programmes, side.catalogue, side.on))
        except ScreeningError as error:
            problem = error
    if problem is not None and not found:
        raise problem
    return found


@contextmanager
def _result(path: Path | None, heads: list[str]) -> Iterator[ResultFile | None]:
    if path is None:
        yield None
        return
    with result_file(path, say("sheet_list"), heads) as result:
        yield result
