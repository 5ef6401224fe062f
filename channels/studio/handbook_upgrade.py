"""The studio's page for a newer bundled handbook: what it would change, conflicts side by side, and the merge into the draft."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

import asyncio
import logging
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from channels.doors import Doors
from channels.sign_in import STUDIO_ROLES, Session, signed_in
from channels.studio.frame import studio_page
from knowledge.catalogue_files import bundled_text
from knowledge.errors import KnowledgeError
from knowledge.handbook_upgrade import HandbookUpgrade, Take, UpgradeItem, UpgradeKind
from knowledge.handbook_words import change_of, lines_of, part_name, title_of
from knowledge.storage import KnowledgeStore
from knowledge.wording import say

LOG = logging.getLogger("channels.studio")

TAKE, KEEP = "take:", "keep:"
"""What the names of fields begin with, the entry follows: the side of a conflict; a proposal that is not wanted. Proposals that
are wanted send nothing, for a new handbook may hold more of them than a form has fields."""
FOLDED = 12
"""A kind with more items than this in one group is folded away."""
LISTED = (UpgradeKind.CONFLICT, UpgradeKind.ADDED, UpgradeKind.CHANGED, UpgradeKind.REMOVED)
"""In this order: what needs a decision comes first."""


def add_handbook_upgrade(router: APIRouter, doors: Doors) -> None:
    """/studio/handbook: look and choose."""
    Editor = Annotated[Session, Depends(signed_in(doors, *STUDIO_ROLES))]

    @router.get("/handbook")
    async def handbook(request: Request, session: Editor, kept: bool = False) -> Response:
        return await _page(doors, request, session, kept=kept)

    @router.post("/handbook")
    async def choose(request: Request, session: Editor) -> Response:
        """Keeps the choices of the form; with "merge" the draft is made too."""
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        by, at, bundle = session.staff.name, doors.now(), bundled_text()
        try:
            found = await doors.knowledge.handbook_upgrade(bundle)
            takes = _takes(form, found) if found is not None else {}
            await doors.knowledge.choose_handbook(bundle, takes, by=by, at=at, seen=form.get("seen", ""))
            if "merge" in form:
                await doors.knowledge.merge_handbook(bundle, by=by, at=at)
        except KnowledgeError as error:
            return await _page(doors, request, session, problem=str(error), status=409)
        return RedirectResponse("/studio/draft" if "merge" in form else "/studio/handbook?kept=true", status_code=303)


async def newer_handbook(knowledge: KnowledgeStore) -> HandbookUpgrade | None:
    """What waits to be looked at; None: nothing does."""
    # The bundled files are read once, which takes a moment: not in the loop that answers residents.
    bundle = await asyncio.to_thread(bundled_text)
    found = await knowledge.handbook_upgrade(bundle)
    return found if found is not None and found.is_offered else None


async def announce_newer_handbook(knowledge: KnowledgeStore) -> None:
    """Says in the log, at start, that the program brought a newer handbook than the one in use."""
    try:
        found = await newer_handbook(knowledge)
    except Exception:
        LOG.exception("whether a newer handbook came with the program could not be found out")
        return
    if found is not None:
        conflicts = found.count(UpgradeKind.CONFLICT)
        LOG.info(say("handbook.newer", changed=len(found.items) - conflicts, conflicts=conflicts))


def _takes(form: dict[str, str], found: HandbookUpgrade) -> dict[str, Take]:
    """What the form says of every item; a conflict without a side stays undecided."""
    sides = {side.value: side for side in Take}
    takes = {}
    for item in found.items:
        if item.kind is not UpgradeKind.CONFLICT:
            takes[item.entry] = Take.STAFF if KEEP + item.entry in form else Take.NEW
        elif (side := sides.get(form.get(TAKE + item.entry, ""))) is not None:
            takes[item.entry] = side
    return takes


async def _page(
    doors: Doors, request: Request, session: Session, *, kept: bool = False, problem: str = "", status: int = 200
) -> Response:
    found = await doors.knowledge.handbook_upgrade(bundled_text())
    context = {
        "upgrade": found,
        "groups": list(_groups(found)) if found is not None else [],
        "take": TAKE,
        "keep": KEEP,
        "takes": {side.value: say(f"handbook_take.{side.value}") for side in Take},
        "kinds": {kind.value: say(f"handbook_kind.{kind.value}") for kind in UpgradeKind},
        "sides": {side: say(f"handbook_side.{side}") for side in ("before", "staff", "new")},
        "kept": kept,
        "problem": problem,
    }
    return studio_page(request, session, "handbook", context, status)


def _groups(found: HandbookUpgrade) -> Iterator[dict[str, Any]]:
    """Items by what happens to them, and within that by what they belong to."""
    for kind in LISTED:
        items = [item for item in found.items if item.kind is kind]
        if items:
            parts = [
                {"name": part_name(first), "folded": len(some) > FOLDED and kind is not UpgradeKind.CONFLICT, "items": some}
                for first, some in _by_part(items, found).items()
            ]
            yield {"kind": kind.value, "name": say(f"handbook_kind.{kind.value}"), "count": len(items), "parts": parts}


def _by_part(items: list[UpgradeItem], found: HandbookUpgrade) -> dict[str, list[dict[str, Any]]]:
    parts: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        parts.setdefault(item.path[0], []).append(_shown(item, found))
    return parts


def _shown(item: UpgradeItem, found: HandbookUpgrade) -> dict[str, Any]:
    """One part as the page shows it."""
    return {
        "item": item,
        "title": title_of(item, found),
        "change": change_of(item),
        "before": lines_of(item.before),
        "staff": lines_of(item.staff),
        "new": lines_of(item.new),
    }
