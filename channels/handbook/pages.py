"""The handbook on the web: contents, a page per programme, processes, resources, and whom to call. All of it without script."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.clock import shanghai_day
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.handbook.edition import edition_of
from channels.templates import render
from channels.web.lines import new_key
from channels.web.pages import LOOK_COOKIE
from knowledge.book import Book, ProgrammePage
from knowledge.flow_charts import LARGE, PAPER, PHONE, flow_chart
from knowledge.programmes import Need

ID_SHOWN = 40


def handbook_router(doors: Doors) -> APIRouter:
    """/handbook and below; nothing where the doors lead to no release."""
    router = APIRouter(include_in_schema=False)
    if doors.knowledge_in_use is None:
        return router
    in_use = doors.knowledge_in_use

    async def shown(request: Request, name: str, book: Book, **context: object) -> Response:
        """A page with what all pages of the handbook show: the edition, the look, the search box's example."""
        edition = await edition_of(doors.knowledge, book.knowledge.release, book.on)
        elder = request.cookies.get(LOOK_COOKIE) == "elder"
        shared = {"book": book, "edition": edition, "elder": elder, "new_key": new_key, "example": "", "today": today()}
        return render(request, name, shared | context)

    def today() -> date:
        return shanghai_day(doors.now())

    def opened(on: date | None) -> Book:
        return Book(in_use(), on or today())

    @router.get("/handbook")
    async def contents(request: Request, on: date | None = None) -> Response:
        book = opened(on)
        return await shown(request, "handbook/contents.html", book, groups=book.groups())

    @router.get("/handbook/processes")
    async def processes(request: Request, on: date | None = None) -> Response:
        book = opened(on)
        return await shown(request, "handbook/processes.html", book, page=book.processes())

    @router.get("/handbook/resources")
    async def resources(request: Request, on: date | None = None) -> Response:
        book = opened(on)
        return await shown(request, "handbook/resources.html", book, page=book.resources())

    @router.get("/handbook/contacts")
    async def contacts(request: Request, on: date | None = None) -> Response:
        return await shown(request, "handbook/contacts.html", opened(on))

    @router.get("/handbook/{programme_id}")
    async def programme(request: Request, programme_id: str, on: date | None = None) -> Response:
        book = opened(on)
        page = book.programme(programme_id)
        if page is None:
            raise RefusedRequestError("no_programme", id=programme_id[:ID_SHOWN])
        elder = request.cookies.get(LOOK_COOKIE) == "elder"
        charts = (flow_chart(page.flow, LARGE if elder else PHONE), flow_chart(page.flow, PAPER))
        return await shown(
            request, "handbook/programme.html", book, page=page, charts=charts, example=_example(page)
        )

    return router


def _example(page: ProgrammePage) -> str:
    """A question as people ask it about this programme, for the search box; empty where the handbook has none."""
    section = page.programme.section(Need.WHO) or page.programme.section(Need.OVERVIEW)
    return section.asked_as[0] if section is not None and section.asked_as else ""
