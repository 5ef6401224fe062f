"""The desk's rule pages: a programme's rule as a tree, with what the household of one case has told."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bot.casework.cases import CaseNotFoundError
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.rule_pages import RulePages
from channels.sign_in import DESK_ROLES, Session, signed_in
from channels.templates import render


def add_rules(router: APIRouter, doors: Doors) -> None:
    """/desk/rules/{programme}, with ?case=ID for one household and ?day=2026-07-01 for another day."""
    pages = RulePages(doors)
    Advisor = Annotated[Session, Depends(signed_in(doors, *DESK_ROLES))]

    @router.get("/rules/{programme}")
    async def rule(request: Request, session: Advisor, programme: str, case: str = "", day: str = "") -> Response:
        situation = None
        if case:
            try:
                found = await doors.queue.case(case, session.staff)
            except CaseNotFoundError:
                raise RefusedRequestError("no_case") from None
            situation = await doors.situation_of(found.conversation_id)
        context = {"session": session, "room": "desk", "case_id": case, **pages.context(programme, day, situation)}
        return render(request, "desk/rule.html", context)
