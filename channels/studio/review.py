"""The studio's review: what a draft changes, what checks find, who approves; two releases compared; a document withdrawn."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.clock import shanghai_day
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.sign_in import STUDIO_ROLES, Session, signed_in
from channels.studio.frame import studio_page
from channels.studio.handbook_upgrade import newer_handbook
from channels.wording import WORDING
from knowledge.errors import KnowledgeError, UnknownDocumentError
from knowledge.findings import Severity
from knowledge.release_contents import Which
from knowledge.releases import ReleaseInfo
from knowledge.wording import say

Shelf = Literal["release", "draft"]
Swapped = Callable[[Request, Session, ReleaseInfo], Awaitable[Response]]
"""What the studio answers after a release was made."""


async def editors(doors: Doors) -> int:
    """How many accounts hold the editor's role: the rule of the second person holds as soon as there are two."""
    return sum(any(role in STUDIO_ROLES for role in staff.roles) for staff in await doors.staff.list())


async def unreviewed(doors: Doors) -> str:
    """Why no second person has to look; empty: one has to."""
    return say("release.alone") if await editors(doors) < 2 else ""


def add_review(router: APIRouter, doors: Doors, swapped: Swapped) -> None:
    """/studio/compare, /findings, /approve, /withdraw."""
    Editor = Annotated[Session, Depends(signed_in(doors, *STUDIO_ROLES))]

    @router.get("/compare")
    async def compare(request: Request, session: Editor, before: str = "", after: str = "") -> Response:
        releases = await doors.knowledge.releases()
        context: dict[str, object] = {"releases": releases, "before": before, "after": after, "problem": "", "difference": None}
        if before and after:
            try:
                context["difference"] = await doors.knowledge.difference(_which(before), _which(after))
            except (KnowledgeError, ValueError) as error:
                problem = str(error) if isinstance(error, KnowledgeError) else _not_a_number(before, after)
                return studio_page(request, session, "compare", {**context, "problem": problem}, 422)
        return studio_page(request, session, "compare", context)

    @router.get("/findings")
    async def findings(request: Request, session: Editor, shelf: Shelf = "draft") -> Response:
        today = shanghai_day(doors.now())
        found = await doors.knowledge.findings("draft" if shelf == "draft" else None, on=today)
        words = {severity: say(f"severity.{severity.value}") for severity in Severity}
        tags = {Severity.SEVERE: "failed", Severity.WARNING: "changed", Severity.NOTICE: ""}
        counts = {severity: sum(finding.severity is severity for finding in found) for severity in Severity}
        context = {"findings": found, "shelf": shelf, "words": words, "tags": tags, "counts": counts}
        return studio_page(request, session, "findings", context)

    @router.post("/approve")
    async def approve(request: Request, session: Editor) -> Response:
        try:
            await doors.knowledge.approve(by=session.staff.name, at=doors.now())
        except KnowledgeError as error:
            return await draft_page(doors, request, session, problem=str(error), status=409)
        return RedirectResponse("/studio/draft", status_code=303)

    @router.post("/withdraw")
    async def withdraw(
        request: Request, session: Editor, id: Annotated[str, Form()] = "", note: Annotated[str, Form()] = ""
    ) -> Response:
        try:
            release = await doors.knowledge.withdraw(id, note=note, by=session.staff.name, at=doors.now())
        except UnknownDocumentError:
            raise RefusedRequestError("no_document", id=id[:120] or "–") from None
        return await swapped(request, session, release)


async def draft_page(
    doors: Doors, request: Request, session: Session, *, problem: str = "", note: str = "", status: int = 200
) -> Response:
    """The draft clause by clause, what checks find in it, and who may publish it."""
    draft = await doors.knowledge.draft()
    found = await doors.knowledge.findings("draft", on=shanghai_day(doors.now())) if not draft.is_empty else ()
    alone = bool(await unreviewed(doors))
    context = {
        "draft": draft,
        "problem": problem,
        "note": note,
        "severe": [finding for finding in found if finding.severity is Severity.SEVERE],
        "findings": len(found),
        "is_own": draft.last_changed_by == session.staff.name,
        "alone": alone,
        "newer": await newer_handbook(doors.knowledge),
        "open_corrections": [correction for correction in await doors.knowledge.corrections() if correction.is_open],
    }
    return studio_page(request, session, "draft", context, status)


def _which(given: str) -> Which:
    return "draft" if given == "draft" else int(given)


def _not_a_number(*given: str) -> str:
    wrong = next(text for text in given if text != "draft" and not text.isdecimal())
    return str(WORDING["studio"]["bad_number"].format(given=wrong[:40]))
