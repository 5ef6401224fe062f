"""Households by the hundred thousand, made at once as columns, with the spread of a city district: for benchmarks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bot.eligibility.columns import NOT_KNOWN, YES_NO, Column, Numbers, Words
from bot.eligibility.households import Belongings, Households, nobody

FEN = 100.0
UNKNOWN_SHARE = 0.05
"""How often a register does not know a fact that it has a column for."""

HUKOU = ("shanghai", "elsewhere")
WORKING = ("none", "employed", "flexible", "self_employed", "retired", "unable", "student", "child")
DISABILITY = ("none", "1", "2", "3", "4")
KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")


def generated_households(count: int, seed: int) -> Households:
    """The same seed makes the same households. Everybody is a member of the household told of by a register: size, incomes and
    assets mostly known, a second person in half of them."""
    random = np.random.default_rng(seed)
    size = random.choice(6, count, p=[0.3, 0.32, 0.22, 0.1, 0.04, 0.02]) + 1.0
    income = np.round(random.lognormal(np.log(2600), 0.9, count) * size**0.8) * FEN
    facts: dict[str, Column] = {
        "household.size": _numbers(random, size),
        "household.monthly_income_yuan": _numbers(random, income),
        "household.financial_assets_yuan": _numbers(random, np.round(random.lognormal(np.log(40_000), 1.4, count)) * FEN),
        "household.homes_owned": _numbers(random, random.choice(3, count, p=[0.25, 0.65, 0.1]) * 1.0),
        "household.vehicles": _numbers(random, random.choice(2, count, p=[0.75, 0.25]) * 1.0),
        "household.medical_spending_yuan_12m": _numbers(random, np.round(random.lognormal(np.log(3_000), 1.5, count)) * FEN),
        "household.urgent_need": _words(random, count, YES_NO, [0.99, 0.01]),
    }
    return Households(
        count=count,
        facts=facts,
        person=_person(random, count),
        has_person=np.ones(count, dtype=bool),
        others=_others(random, count),
        events=nobody(count),
        receives=np.zeros(count, dtype=np.uint64),
        receives_known=random.random(count) > UNKNOWN_SHARE,
    )


def _person(random: Generator, count: int) -> dict[str, Column]:
    return {
        "age": _numbers(random, random.integers(0, 96, count) * 1.0),
        "sex": _words(random, count, ("male", "female"), [0.49, 0.51]),
        "hukou": _words(random, count, HUKOU, [0.6, 0.4]),
        "lives_in": _words(random, count, ("changning", "shanghai", "elsewhere"), [0.9, 0.08, 0.02]),
        "residence_permit": _words(random, count, YES_NO, [0.5, 0.5]),
        "working": _words(random, count, WORKING, [0.1, 0.4, 0.05, 0.05, 0.25, 0.03, 0.08, 0.04]),
        "disability_level": _words(random, count, DISABILITY, [0.94, 0.01, 0.015, 0.015, 0.02]),
        "disability_kind": _words(random, count, KINDS, [0.15, 0.15, 0.02, 0.4, 0.1, 0.12, 0.06]),
        "serious_illness": _words(random, count, YES_NO, [0.96, 0.04]),
        "able_supporter": _words(random, count, YES_NO, [0.1, 0.9]),
        "self_care": _words(random, count, ("full", "partial", "none"), [0.93, 0.05, 0.02]),
        "guardians": _words(random, count, ("both", "one", "none"), [0.97, 0.025, 0.005]),
        "student_stage": _words(random, count, ("none", "compulsory", "senior", "university"), [0.85, 0.08, 0.03, 0.04]),
    }


def _others(random: Generator, count: int) -> Belongings:
    counts = (random.random(count) < 0.5).astype(np.int64)
    total = int(counts.sum())
    people = _person(random, total)
    spouse: Column = Words(np.zeros(total, dtype=np.int16), ("spouse",))
    kept = ("age", "hukou", "disability_level", "disability_kind", "serious_illness", "student_stage")
    return Belongings(counts, {"key": spouse, "relation": spouse, **{short: people[short] for short in kept}})


def _numbers(random: Generator, values: NDArray[np.floating[Any]]) -> Numbers:
    known = random.random(len(values)) > UNKNOWN_SHARE
    exact = values.astype(np.float64)
    return Numbers(np.where(known, exact, -np.inf), np.where(known, exact, np.inf))


def _words(random: Generator, count: int, words: tuple[str, ...], shares: list[float]) -> Words:
    codes = random.choice(len(words), count, p=shares).astype(np.int16)
    return Words(np.where(random.random(count) > UNKNOWN_SHARE, codes, np.int16(NOT_KNOWN)), words)
