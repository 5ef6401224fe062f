"""Dialogues suite: several turns, and what must be understood and said after each."""

from __future__ import annotations

import secrets
from typing import Any

from bot.assembly import Product
from bot.messages import Channel, InboundMessage, Reply
from bot.situation_files import write_situation
from eval.data_files import cases
from eval.figures import Outcome, Share


async def run(product: Product) -> Outcome:
    """turns_right: turns whose reply and facts are as wanted."""
    right = total = 0
    wrong = []
    for case in cases("dialogues"):
        sender = secrets.token_hex(8)
        for turn in case["turns"]:
            reply, facts, assessed = await _say(product, sender, turn["say"])
            faults = _faults(turn, reply, facts, assessed)
            total += 1
            right += not faults
            if faults:
                wrong.append(f"{case['dialogue']} / {turn['say'][:30]}: {'; '.join(faults)}")
    return Outcome("dialogues", {"turns_right": Share(right, total)}, tuple(wrong))


async def _say(product: Product, sender: str, text: str) -> tuple[Reply | None, dict[str, Any], dict[str, str]]:
    receipt = await product.consultations.receive(
        InboundMessage(Channel.CLI, sender, text, dedupe_key=secrets.token_hex(8), received_at=product.now())
    )
    reply = await product.consultations.respond(receipt.inbox_id)
    state = await product.consultations.state(receipt.conversation_id)
    assessed = {str(a["programme"]): str(a["likelihood"]) for a in reply.assessments} if reply else {}
    return reply, write_situation(state.situation), assessed


def _faults(turn: dict[str, Any], reply: Reply | None, facts: dict[str, Any], assessed: dict[str, str]) -> list[str]:
    if reply is None:
        return [] if turn.get("silent") else ["no reply"]
    faults = []
    if "status" in turn and reply.status.value not in turn["status"].split("|"):
        faults.append(f"status {reply.status.value}, wanted {turn['status']}")
    faults += [f"missing {word}" for word in turn.get("must", []) if not any(w in reply.text for w in word.split("|"))]
    faults += [
        f"{p} is {assessed.get(p)}, wanted {want}" for p, want in turn.get("assessed", {}).items() if assessed.get(p) != want
    ]
    for place, wanted in turn.get("facts", {}).items():
        room, _, name = place.partition(".")
        holder = facts.get("household", {}) if room == "household" else next(iter(facts.get("members", [])), {})
        if holder.get(name) != wanted:
            faults.append(f"{place} is {holder.get(name)!r}, wanted {wanted!r}")
    if turn.get("handoff") and not reply.handoff.required:
        faults.append("no handoff")
    return faults
