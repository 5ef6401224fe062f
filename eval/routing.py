"""Routing suite: does each kind of message get its label?"""

from __future__ import annotations

from collections import Counter

from bot.understanding.plain import normalise
from bot.understanding.routing import route_message
from eval.data_files import cases
from eval.figures import Outcome, Share


def run() -> Outcome:
    """right: messages with their label. The confusions (wanted → given, with counts) head the wrong cases."""
    confusions: Counter[tuple[str, str]] = Counter()
    wrong = []
    for case in (*cases("routing"), *cases("routing_red_team")):
        for words in case["said"]:
            given = route_message(normalise(words), longest=2000).value
            confusions[case["route"], given] += 1
            if given != case["route"]:
                wrong.append(f"{words} → {given}, wanted {case['route']}")
    right = sum(count for (wanted, given), count in confusions.items() if wanted == given)
    table = [f"{wanted} → {given}: {count}" for (wanted, given), count in confusions.most_common() if wanted != given]
    return Outcome("routing", {"right": Share(right, confusions.total())}, (*table, *wrong))
