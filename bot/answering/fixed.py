"""Fixed replies: every status that is not an answer has one wording in the handbook's data, and each offers a person."""

from __future__ import annotations

from datetime import date

from bot.answering.drafts import Draft, Statement
from bot.messages import Status
from bot.safety import Danger, Level
from knowledge.catalogue import Catalogue


def fixed_draft(status: Status, catalogue: Catalogue, **places: str) -> Draft:
    """The wording of a status; its lines become headline and points."""
    return _spoken(status, catalogue.wording(status.value, **places), catalogue)


def crisis_draft(danger: Danger, catalogue: Catalogue, on: date) -> Draft:
    """Warmth and the numbers to call, at once; no policy."""
    status = Status.CRISIS if danger.level is Level.SAFETY else Status.CRISIS_URGENT_NEED
    return _spoken(status, catalogue.wording(f"crisis.{danger.kind}"), catalogue)


def _spoken(status: Status, text: str, catalogue: Catalogue) -> Draft:
    first, *rest = [line.strip() for line in text.split("\n") if line.strip()]
    return Draft(
        status,
        Statement(first, fixed=True),
        points=tuple(Statement(line, fixed=True) for line in rest),
        options=(catalogue.wording("option.person"),),
    )
