"""The studio's rule pages: which programmes have a rule, and each rule as a tree with its sources and numbers on a day."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from channels.doors import Doors
from channels.rule_pages import RulePages
from channels.sign_in import STUDIO_ROLES, Session, signed_in
from channels.studio.frame import studio_page


def add_rules(router: APIRouter, doors: Doors) -> None:
    """/studio/rules, ?programme=dibao for one, ?day=2026-07-01 for another day than today."""
    pages = RulePages(doors)
    Editor = Annotated[Session, Depends(signed_in(doors, *STUDIO_ROLES))]

    @router.get("/rules")
    async def rules(request: Request, session: Editor, programme: str = "", day: str = "") -> Response:
        listed = pages.listed()
        chosen = programme or next(one.id for one in listed if one.conditions is not None)
        return studio_page(request, session, "rules", {"listed": listed, **pages.context(chosen, day)})
