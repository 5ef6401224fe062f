"""Benchmark: how long one situation takes against all programmes, and the next question after it."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from bot.eligibility.answers import answered
from bot.eligibility.assessments import assess_all
from bot.eligibility.next_question import next_question
from bot.situation import Situation
from eval.dialogue_length import ON, SEED
from eval.households import made_households
from knowledge.catalogue import Catalogue

WARM_UP = 20


def run(count: int = 300) -> dict[str, Any]:
    """Milliseconds over `count` made-up households of which a random part of the facts is told: all programmes, and all
    programmes
    with the next question. cpu: what the process itself used, for machines that others work on at the same time."""
    catalogue = Catalogue.bundled()
    chance = Random(SEED)
    told = [_part_of(dict(h.answers), chance) for h in made_households(count + WARM_UP, SEED, catalogue.facts)]

    def assess(situation: Situation) -> None:
        assess_all(situation, catalogue, ON)

    def ask(situation: Situation) -> None:
        next_question(situation, catalogue, ON, assess_all(situation, catalogue, ON))

    return {
        "bench": "assess",
        "situations": count,
        "programmes": len(assess_all(Situation(), catalogue, ON)),
        **_timed("assess", assess, told),
        **_timed("assess_and_ask", ask, told),
        "limit_assess_p50_ms": 5,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "command": "yibentong bench assess",
    }


def _part_of(answers: dict[str, Any], chance: Random) -> Situation:
    told = Situation()
    for name in chance.sample(sorted(answers), chance.randint(0, len(answers))):
        told = answered(told, name, answers[name])
    return told


def _timed(name: str, work: Callable[[Situation], None], situations: list[Situation]) -> dict[str, float]:
    for situation in situations[:WARM_UP]:
        work(situation)
    wall, cpu = [], []
    for situation in situations[WARM_UP:]:
        started, used = time.perf_counter(), time.process_time()
        work(situation)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    return {
        f"{name}_p50_ms": round(float(np.percentile(wall, 50)), 2),
        f"{name}_p99_ms": round(float(np.percentile(wall, 99)), 2),
        f"{name}_cpu_p50_ms": round(float(np.percentile(cpu, 50)), 2),
    }
