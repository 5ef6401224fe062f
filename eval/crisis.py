"""Crisis suite: is every danger found, and is ordinary hardship left in peace?"""

from __future__ import annotations

from bot.safety import find_danger
from eval.data_files import cases
from eval.figures import Outcome, Share


def run() -> Outcome:
    """The everyday cases and those of the red team.

    recall: dangers found among those said; kind_right: with the right kind; quiet: ordinary messages that raise no alarm.
    """
    found = right = dangers = quiet = ordinary = 0
    wrong = []
    for case in (*cases("crisis"), *cases("crisis_red_team")):
        for words in case["said"]:
            danger = find_danger(words)
            if case["kind"] is None:
                ordinary += 1
                quiet += danger is None
                if danger:
                    wrong.append(f"false alarm: {words} → {danger.kind} ({danger.words})")
                continue
            dangers += 1
            found += danger is not None
            right += danger is not None and danger.kind == case["kind"]
            if danger is None or danger.kind != case["kind"]:
                wrong.append(f"{case['kind']}: {words} → {danger.kind if danger else 'missed'}")
    return Outcome(
        "crisis",
        {"recall": Share(found, dangers), "kind_right": Share(right, dangers), "quiet": Share(quiet, ordinary)},
        tuple(wrong),
    )
