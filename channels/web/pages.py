"""The residents' page, the page of one clause, and the look (large type) a browser asked for."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from bot.clock import shanghai_day
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.same_origin import require_same_origin, served_securely
from channels.templates import render
from channels.web.api import api_router
from channels.web.conversation_cookie import conversation_token, keep_conversation
from channels.web.lines import line_html, new_key
from channels.web.quotes import marked_quote
from channels.web.talk import Talk
from channels.wording import WORDING

LOOK_COOKIE = "yibentong_look"
OWN_PAGE = r"^/(handbook(/[A-Za-z0-9_-]{1,60})?)?$"
LINES_SHOWN = 40
"""A page opens with so many lines; older ones are one tap away."""


def resident_router(doors: Doors) -> APIRouter:
    """`/`, /clause, /look and the residents' API."""
    talk = Talk(doors)
    router = APIRouter()
    router.include_router(api_router(doors, talk))
    router.include_router(_pages(doors, talk), include_in_schema=False)
    return router


def _pages(doors: Doors, talk: Talk) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    async def page(request: Request, all: bool = False, ask: Annotated[str, Query(max_length=500)] = "") -> Response:
        """ask: a question put into the input box but not sent, as the handbook's search box does."""
        token, new = conversation_token(request)
        lines = [] if new else await talk.lines(token)
        shown = lines if all else lines[-LINES_SHOWN:]
        context = {
            "region": doors.settings.region,
            "elder": request.cookies.get(LOOK_COOKIE) == "elder",
            "cards": [line_html(line, doors) for line in shown],
            "older": len(lines) - len(shown),
            "last": lines[-1].id if lines else 0,
            "advisor": bool(lines) and lines[-1].author not in ("bot", "resident"),
            "new_key": new_key,
            "ask": ask,
            "handbook": doors.knowledge_in_use is not None,
        }
        response = render(request, "web/page.html", context)
        if new:
            keep_conversation(response, token, request, doors)
        return response

    @router.post("/")
    async def say(
        request: Request,
        key: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{8,64}$")],
        text: Annotated[str, Form()] = "",
        say: Annotated[str, Form()] = "",
    ) -> Response:
        """The way without script: a form posts, the page comes back with the answer."""
        require_same_origin(request, doors.settings.public_base_url)
        token, new = conversation_token(request)
        await talk.limit(request, token)
        await talk.say(token, say or text, key)
        response = RedirectResponse("/#latest", status_code=303)
        if new:
            keep_conversation(response, token, request, doors)
        return response

    @router.post("/look")
    async def look(
        request: Request, size: Annotated[str, Form()] = "", back: Annotated[str, Form(pattern=OWN_PAGE)] = "/"
    ) -> Response:
        """back: the page the button stood on; only our own."""
        require_same_origin(request, doors.settings.public_base_url)
        response = RedirectResponse(back, status_code=303)
        secure = served_securely(request, doors.settings.public_base_url)
        # Not HttpOnly: the page's script changes it without a reload. It holds no secret.
        response.set_cookie(LOOK_COOKIE, "elder" if size == "elder" else "plain", max_age=31536000, samesite="lax", secure=secure)
        return response

    @router.get("/clause")
    async def clause(
        request: Request,
        id: Annotated[str, Query(min_length=1, max_length=300)],
        on: str = "",
        quote: str = "",
        panel: bool = False,
        back: Annotated[str, Query(pattern=OWN_PAGE)] = "/",
    ) -> Response:
        """The clause a citation rests on, as it reads on that day, the quoted words marked. panel: without the page around it.
        back: the page of the handbook that led here."""
        today = shanghai_day(doors.now())
        day = _day(on) or today
        found = doors.clause(id, day)
        if found is None:
            raise RefusedRequestError("no_clause", id=id[:120])
        context = {
            "clause": found,
            "on": day,
            "today": today,
            "back": back,
            "segments": marked_quote(found.text, quote),
            "elder": request.cookies.get(LOOK_COOKIE) == "elder",
        }
        return render(request, "web/clause_panel.html" if panel else "web/clause.html", context)

    return router


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedRequestError("invalid", field="on", given=text[:40], wanted=WORDING["fields"]["on"]) from None
