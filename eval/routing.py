"""Routing suite: does each kind of message get its label?"""

from __future__ import annotations

from bot.understanding.plain import normalise
from bot.understanding.routing import route_message
from eval.data_files import cases
from eval.figures import Outcome, Share


def run() -> Outcome:
    right = total = 0
    wrong = []
    for case in cases("routing"):
        for words in case["said"]:
            route = route_message(normalise(words), longest=2000)
            total += 1
            right += route.value == case["route"]
            if route.value != case["route"]:
                wrong.append(f"{words} → {route.value}, wanted {case['route']}")
    return Outcome("routing", {"right": Share(right, total)}, tuple(wrong))
