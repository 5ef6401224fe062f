"""The screening benchmark: what it says, on few households."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import numpy as np

from bot.eligibility.column_situations import columns_of
from eval.generated_households import generated_households
from eval.screening_speed import run, situations_of


def test_the_benchmark_says_how_long_each_way_takes_and_that_verdicts_are_the_same():
    found = run(count=1_000, sample=30)
    assert found["households"] == 1_000
    assert found["row_by_row"]["same_verdicts"] == 30
    assert found["programmes"] > 20
    assert found["one_programme"]["seconds"] > 0
    assert ("absent" in found["openfisca"]) == (find_spec("openfisca_core") is None)


def test_a_python_that_cannot_run_openfisca_is_said_to_have_failed_and_the_rest_is_measured():
    found = run(count=1_000, sample=5, openfisca_python=shutil.which("false"))
    assert "failed" in found["openfisca"]
    assert found["all_programmes"]["seconds"] > 0


def test_the_same_seed_makes_the_same_households():
    first, again = (generated_households(500, 7) for _ in range(2))
    assert np.array_equal(first.person["age"].known, again.person["age"].known)
    other = generated_households(500, 8)
    assert not np.array_equal(first.others.counts, other.others.counts)


def test_households_written_down_one_by_one_are_the_same_in_columns_again():
    made = generated_households(200, 3)
    again = columns_of(situations_of(made))
    assert again.others.counts.tolist() == made.others.counts.tolist()
    assert again.receives_known.tolist() == made.receives_known.tolist()
    for name, column in made.facts.items():
        assert again.facts[name].known.tolist() == column.known.tolist()
