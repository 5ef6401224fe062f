"""Answers suite: own questions on the bundled handbook, in residents' words; what must and must not be said."""

from __future__ import annotations

from typing import Any

from bot.assembly import Product
from bot.messages import Reply
from eval.data_files import cases
from eval.figures import Outcome, Share


async def run(product: Product) -> Outcome:
    """answered: questions in scope that get an answer; right: of those, all that must be said is, nothing forbidden is, and a
    citation stands; refused: questions out of scope that are not answered; locked: replies without a number nobody carries."""
    answered = in_scope = right = refused = out_of_scope = 0
    wrong = []
    for case in cases("answers"):
        reply = await product.consultations.ask(case["question"])
        if case.get("refuse"):
            out_of_scope += 1
            good = reply.status.family in ("refused", "unanswered", "clarify")
            refused += good
        else:
            in_scope += 1
            is_answer = reply.status.family == "answered"
            answered += is_answer
            good = is_answer and not complaints(case, reply)
            right += good
        if not good:
            wrong.append(f"{case['question']} → {reply.status.value}: {'; '.join(complaints(case, reply))} | {reply.text[:90]}")
    return Outcome(
        "answers",
        {"answered": Share(answered, in_scope), "right": Share(right, answered), "refused": Share(refused, out_of_scope)},
        tuple(wrong),
    )


def complaints(case: dict[str, Any], reply: Reply) -> list[str]:
    """What is wrong with a reply, in words; empty when nothing is."""
    found = []
    for wanted in case.get("must", []):
        if not any(word in reply.text for word in wanted.split("|")):
            found.append(f"missing {wanted}")
    found += [f"forbidden {word}" for word in case.get("never", []) if word in reply.text]
    if case.get("programme") and case["programme"] not in reply.programmes:
        found.append(f"programme {case['programme']} not in {list(reply.programmes)}")
    if not case.get("refuse") and not reply.citations:
        found.append("no citation")
    return found
