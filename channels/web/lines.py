"""Lines of a conversation as the page and its API show them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from bot.consultations import Line
from bot.messages import Reply
from channels.doors import Doors
from channels.templates import render_text


def line_html(line: Line, doors: Doors) -> str:
    """The line as a card."""
    context = {"line": line, "fact_label": doors.fact_label, "next_key": new_key, "said_in": sentences_of}
    return render_text("web/card.html", context).strip()


def line_dict(line: Line, doors: Doors, cards: bool) -> dict[str, Any]:
    """The line for the API; with its card when the page asks for it."""
    content = {"id": line.id, "author": line.author, "text": line.text, "at": line.at.isoformat(), "reply": line.reply}
    return {**content, "html": line_html(line, doors)} if cards else content


def line_of_reply(lines: Sequence[Line], reply: Reply) -> Line | None:
    """The newest line that holds this reply; None when it is not in these lines."""
    return next((line for line in reversed(lines) if line.author == "bot" and line.text == reply.text), None)


def resident_line_before(lines: Sequence[Line], below: int | None) -> Line | None:
    """The resident's newest line, before the line with that id where one is given."""
    return next((line for line in reversed(lines) if line.author == "resident" and (below is None or line.id < below)), None)


def sentences_of(assessments: Sequence[Mapping[str, Any]] | None) -> frozenset[str]:
    """What the assessments already say on their own: reasons and near misses."""
    said = {reason.get("said") for a in assessments or () for reason in a.get("because") or ()}
    near = {(a.get("near_miss") or {}).get("said") for a in assessments or ()}
    return frozenset(sentence for sentence in said | near if sentence)


def new_key() -> str:
    """A dedupe key for a form that is posted without script: sending it twice is one message."""
    return secrets.token_hex(8)
