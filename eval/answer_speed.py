"""Benchmark: how long an answer takes, for questions as people ask them, all different, one after the other."""

from __future__ import annotations

import platform
import time
from typing import Any

import numpy as np

from bot.assembly import Product

WARM_UP = 20


async def run(product: Product, count: int = 200) -> dict[str, Any]:
    """Milliseconds for the whole chain of steps without storage (ask) over `count` different questions of the handbook."""
    catalogue = product.office.knowledge.catalogue
    asked = [q for clause in catalogue.clauses(product.now().date()) for q in catalogue.asked_as(clause.clause_id)]
    questions = list(dict.fromkeys(asked))
    if len(questions) < count + WARM_UP:
        raise ValueError(f"the handbook holds {len(questions)} different questions, {count + WARM_UP} are needed")
    step = len(questions) // (count + WARM_UP)
    chosen = questions[::step][: count + WARM_UP]
    for question in chosen[:WARM_UP]:
        await product.consultations.ask(question)
    taken = []
    for question in chosen[WARM_UP:]:
        started = time.perf_counter()
        await product.consultations.ask(question)
        taken.append((time.perf_counter() - started) * 1000)
    return {
        "bench": "answers",
        "questions": len(taken),
        "clauses": len(product.office.knowledge.clauses),
        "p50_ms": round(float(np.percentile(taken, 50)), 2),
        "p99_ms": round(float(np.percentile(taken, 99)), 2),
        "worst_ms": round(max(taken), 2),
        "limit_p50_ms": 15,
        "limit_p99_ms": 60,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "command": "yibentong bench answers",
    }
