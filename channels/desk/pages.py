"""The desk: the queue, one case on one screen, and what an advisor does with it."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

from collections.abc import Awaitable, Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from bot.casework.cases import OUTCOMES, Case, CaseConflictError, CaseNotFoundError
from channels.desk.record import case_view
from channels.desk.rules import add_rules
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.sign_in import DESK_ROLES, Session, signed_in
from channels.templates import render
from channels.wording import WORDING

PAGE_SIZE = 50

State = Literal["waiting", "open", "mine", "closed"]


def desk_router(doors: Doors) -> APIRouter:
    """/desk and below: for advisors and supervisors."""
    router = APIRouter(prefix="/desk", include_in_schema=False)
    desk = _Desk(doors)
    Advisor = Annotated[Session, Depends(signed_in(doors, *DESK_ROLES))]

    @router.get("")
    async def queue(
        request: Request,
        session: Advisor,
        state: State = "waiting",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        rows: bool = False,
    ) -> Response:
        """rows: the table alone, for the page's script that keeps it fresh."""
        return await desk.queue_page(request, session, state, page, rows)

    @router.get("/cases/{case_id}")
    async def case(request: Request, session: Advisor, case_id: str, live: bool = False) -> Response:
        """live: transcript and timeline alone, for the page's script."""
        found = await desk.find(case_id, session)
        return desk.case_page(request, session, found, live=live)

    @router.post("/cases/{case_id}/claim")
    async def claim(request: Request, session: Advisor, case_id: str) -> Response:
        return await desk.act(request, session, case_id, doors.queue.claim(case_id, session.staff))

    @router.post("/cases/{case_id}/release")
    async def release(request: Request, session: Advisor, case_id: str) -> Response:
        return await desk.act(request, session, case_id, doors.queue.release(case_id, session.staff))

    @router.post("/cases/{case_id}/reply")
    async def reply(request: Request, session: Advisor, case_id: str, text: Annotated[str, Form()] = "") -> Response:
        if not text.strip():
            return await desk.refuse(request, session, case_id, WORDING["desk"]["empty_text"])
        return await desk.act(request, session, case_id, doors.queue.reply(case_id, session.staff, text), reply=text)

    @router.post("/cases/{case_id}/note")
    async def note(request: Request, session: Advisor, case_id: str, text: Annotated[str, Form()] = "") -> Response:
        if not text.strip():
            return await desk.refuse(request, session, case_id, WORDING["desk"]["empty_text"])
        return await desk.act(request, session, case_id, doors.queue.note(case_id, session.staff, text), note=text)

    @router.post("/cases/{case_id}/close")
    async def close(
        request: Request,
        session: Advisor,
        case_id: str,
        outcome: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        if outcome not in OUTCOMES or not reason.strip():
            return await desk.refuse(request, session, case_id, WORDING["desk"]["no_outcome"], reason=reason)
        action = doors.queue.close(case_id, session.staff, outcome, reason)
        return await desk.act(request, session, case_id, action, reason=reason)

    add_rules(router, doors)
    return router


class _Desk:
    """Pages of the desk, and the way from an action to the page that shows its result."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def queue_page(self, request: Request, session: Session, state: State, page: int, rows: bool) -> Response:
        offset = (page - 1) * PAGE_SIZE
        found = await self._doors.queue.list_cases(session.staff, state=state, limit=PAGE_SIZE + 1, offset=offset)
        context = {
            "session": session,
            "room": "desk",
            "state": state,
            "page": page,
            "cases": found[:PAGE_SIZE],
            "more": len(found) > PAGE_SIZE,
            "now": self._doors.now(),
        }
        return render(request, "desk/rows.html" if rows else "desk/queue.html", context)

    async def find(self, case_id: str, session: Session) -> Case:
        try:
            return await self._doors.queue.case(case_id, session.staff)
        except CaseNotFoundError:
            raise RefusedRequestError("no_case") from None

    def case_page(
        self,
        request: Request,
        session: Session,
        case: Case,
        *,
        live: bool = False,
        problem: str = "",
        status: int = 200,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """problem: why the last action was not done. typed: what the advisor had written, so that none of it is lost."""
        context = {
            "session": session,
            "room": "desk",
            "view": case_view(case),
            "case": case.summary,
            "holds": case.summary.state == "claimed" and case.summary.owner == session.staff.name,
            "now": self._doors.now(),
            "outcomes": OUTCOMES,
            "problem": problem,
            "typed": {"reply": "", "note": "", "reason": "", **(typed or {})},
            "fact_label": self._doors.fact_label,
        }
        return render(request, "desk/live.html" if live else "desk/case.html", context, status_code=status)

    async def act(self, request: Request, session: Session, case_id: str, action: Awaitable[None], **typed: str) -> Response:
        try:
            await action
        except CaseNotFoundError:
            raise RefusedRequestError("no_case") from None
        except CaseConflictError as conflict:
            case = await self.find(case_id, session)
            return self.case_page(request, session, case, problem=_conflict(conflict, case), status=409, typed=typed)
        return RedirectResponse(f"/desk/cases/{case_id}", status_code=303)

    async def refuse(self, request: Request, session: Session, case_id: str, problem: str, **typed: str) -> Response:
        case = await self.find(case_id, session)
        return self.case_page(request, session, case, problem=problem, status=422, typed=typed)


def _conflict(conflict: CaseConflictError, case: Case) -> str:
    words = WORDING["desk"]
    if conflict.holder and case.summary.state == "claimed":
        return str(words["taken"]).format(holder=conflict.holder)
    return str(words["gone"]).format(state=words["case_states"].get(case.summary.state, case.summary.state))
