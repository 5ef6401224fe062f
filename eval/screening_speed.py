"""Benchmark: a million households screened in columns, beside the row-by-row evaluator and openfisca-core on the same rule."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.eligibility.column_assessments import assess_columns
from bot.eligibility.column_verdicts import ColumnVerdicts
from bot.eligibility.columns import NOT_KNOWN, TRUTHS, YES, YES_NO, Column, Numbers, Truths, Words
from bot.eligibility.households import Households
from bot.eligibility.thresholds import threshold_on
from bot.eligibility.verdicts import Verdicts
from bot.situation import Member, Range, Situation, Value
from eval.generated_households import generated_households
from knowledge.catalogue import Catalogue
from knowledge.programmes import Threshold

T = TypeVar("T")

ON = date(2026, 11, 21)
PROGRAMME = "dibao"
AT_ONCE = 50_000
SEED = 20261121
OPENFISCA_RULE = Path(__file__).with_name("openfisca_rule.py")
OPENFISCA_SECONDS = 300


def run(count: int = 1_000_000, sample: int = 1_000, openfisca_python: str | None = None) -> dict[str, Any]:
    """Seconds for one programme and for all; the same rule row by row over a sample, and by openfisca-core where a Python has it.

    Seconds are those of the clock, cpu_seconds those of the processor, which another program beside this one does not lengthen;
    the ratios are of the latter. openfisca-core gives verdicts alone, so it is compared with verdicts alone.

    Every verdict of the sample is compared: a difference is an error, not a figure. Raises RuntimeError for one."""
    catalogue = Catalogue.bundled()
    households = generated_households(count, SEED)
    parts = [households.take(np.arange(start, min(count, start + AT_ONCE))) for start in range(0, count, AT_ONCE)]
    verdicts, truths = _timed(lambda part: ColumnVerdicts(part, catalogue, ON).of(catalogue.programmes[PROGRAMME]).truths, parts)
    one, _ = _timed(lambda part: assess_columns(part, catalogue, ON, (PROGRAMME,)), parts)
    every, assessed = _timed(lambda part: len(assess_columns(part, catalogue, ON)), parts)
    rows = _row_by_row(households, catalogue, truths, min(sample, count))
    openfisca = _openfisca(households, catalogue, truths, openfisca_python or sys.executable)
    if "cpu_seconds" in openfisca:
        openfisca["times_faster_than_our_verdicts"] = round(verdicts["cpu_seconds"] / openfisca["cpu_seconds"], 1)
    return {
        "bench": "screening",
        "households": count,
        "programmes": assessed[0],
        "one_programme": one,
        "one_programme_verdicts_alone": verdicts,
        "all_programmes": every,
        "row_by_row": {**rows, "times_slower_than_columns": round(rows["cpu_seconds_for_all"] / verdicts["cpu_seconds"], 1)},
        "openfisca": openfisca,
        "peak_memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "limits": {"one_programme_seconds": 2, "all_programmes_seconds": 30, "peak_memory_megabytes": 2048},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
                   f"Python {platform.python_version()}",
        "command": "yibentong bench screening",
    }


def _timed(work: Callable[[Households], T], parts: Sequence[Households]) -> tuple[dict[str, float], list[T]]:
    """Seconds for all parts, by the clock and of the processor, and what each gave."""
    started, began = time.perf_counter(), time.process_time()
    found = [work(part) for part in parts]
    taken, spent = time.perf_counter() - started, time.process_time() - began
    return {"seconds": round(taken, 3), "cpu_seconds": round(spent, 3)}, found


def _row_by_row(
    households: Households, catalogue: Catalogue, truths: Sequence[Truths], sample: int
) -> dict[str, Any]:
    situations = situations_of(households.take(np.arange(sample)))
    programme = catalogue.programmes[PROGRAMME]
    started = time.process_time()
    results = [Verdicts(situation, catalogue, ON).of(programme).result for situation in situations]
    taken = time.process_time() - started
    in_columns = [TRUTHS[code] for code in np.concatenate(truths)[:sample]]
    if results != in_columns:
        row = next(place for place, (one, two) in enumerate(zip(results, in_columns, strict=True)) if one is not two)
        raise RuntimeError(f"household {row} is {results[row]} alone and {in_columns[row]} in columns: {situations[row]}")
    return {
        "sample": sample,
        "cpu_milliseconds_each": round(taken / sample * 1000, 4),
        "cpu_seconds_for_all": round(taken / sample * households.count, 1),
        "same_verdicts": sample,
    }


def _openfisca(
    households: Households, catalogue: Catalogue, truths: Sequence[Truths], python: str
) -> dict[str, Any]:
    if python == sys.executable and find_spec("openfisca_core") is None:
        return {"absent": "openfisca-core is not installed here; pip install openfisca-core into a virtual environment of its "
                          "own and name its Python: --openfisca-python PATH"}
    limits = {name: _limit(catalogue, parameter) for name, parameter in (
        ("standard", "dibao.standard"), ("assets", "dibao.asset_limit"))}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "households.npz"
        np.savez(file, allow_pickle=False, **_plain(households))
        done = subprocess.run(
            [python, str(OPENFISCA_RULE), str(file), json.dumps(limits)], capture_output=True, text=True, check=False,
            timeout=OPENFISCA_SECONDS,
        )
        if done.returncode:
            return {"failed": done.stderr.strip()[-400:]}
        likely = np.load(file.with_name("households.likely.npy"))
    ours = np.concatenate(truths) == YES
    # A household with unknown facts: there an unknown income is an income of nothing.
    return {**json.loads(done.stdout), "likely_only_because_unknown_is_zero": int((likely & ~ours).sum())}


def _limit(catalogue: Catalogue, parameter: str) -> float:
    found = threshold_on(Threshold(parameter=parameter), catalogue, ON).range
    if found is None or found.low is None:
        raise RuntimeError(f"the parameter '{parameter}' has no value on {ON}; the benchmark needs one, e.g. dibao.standard")
    return float(found.low)


def _plain(households: Households) -> dict[str, NDArray[Any]]:
    """What openfisca can be given: a number for each household, 0 where nobody knows."""
    names = {"size": "household.size", "income": "household.monthly_income_yuan", "assets": "household.financial_assets_yuan"}
    plain: dict[str, NDArray[Any]] = {}
    for short, name in names.items():
        column = households.facts[name]
        if isinstance(column, Numbers):
            plain[short] = np.where(column.known, column.low, 0.0)
    own, others = households.person["hukou"], households.others
    theirs = others.facts["hukou"]
    if isinstance(own, Words) and isinstance(theirs, Words):
        plain["hukou"] = (own.is_one_of(("shanghai",)) == YES) | (others.any(theirs.is_one_of(("shanghai",))) == YES)
    return plain


def situations_of(households: Households) -> list[Situation]:
    """The same households written down one by one."""
    starts = np.cumsum(households.others.counts) - households.others.counts
    return [
        Situation(
            facts=_facts(households.facts, row),
            members=(
                Member("self", "self", _facts(households.person, row)),
                *(_member(households, place) for place in range(start, start + count)),
            ),
            receives=frozenset[str]() if known else None,
        )
        for row, (start, count, known) in enumerate(
            zip(starts.tolist(), households.others.counts.tolist(), households.receives_known.tolist(), strict=True))
    ]


def _member(households: Households, place: int) -> Member:
    told = _facts(households.others.facts, place)
    return Member(str(told.pop("key")), str(told.pop("relation")), told)


def _facts(columns: Mapping[str, Column], row: int) -> dict[str, Value]:
    return {name: value for name, column in columns.items() if (value := _value(column, row)) is not None}


def _value(column: Column, row: int) -> Value | None:
    match column:
        case Numbers(low, high):
            if not column.known[row]:
                return None
            return Range(*(Decimal(float(end[row])) if np.isfinite(end[row]) else None for end in (low, high)))
        case Words(codes, words):
            if codes[row] == NOT_KNOWN:
                return None
            return words[codes[row]] == "true" if words == YES_NO else words[codes[row]]
        case _:
            raise RuntimeError("the generated households know no days")
