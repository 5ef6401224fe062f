"""The studio's screening: a file of households uploaded, counted at once, and its list downloaded; nothing of it is kept."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

import asyncio
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from bot.clock import shanghai_day
from bot.privacy import mask
from bot.screening.comparison import CHANGES, Side
from bot.screening.fields import Fields
from bot.screening.household_files import HouseholdFile
from bot.screening.lists import reject_sentences
from bot.screening.report import ComparisonReport, Reading, ScreeningReport
from bot.screening.screening import ALL, STANDINGS, Screening, chosen_programmes
from bot.screening.tables import open_table
from bot.screening.wording import ScreeningError, say
from bot.screening.written_lists import write_comparison, write_screening
from bot.staff import Role
from channels.doors import Doors
from channels.sign_in import STUDIO_ROLES, Session, signed_in
from channels.studio.frame import studio_page
from channels.wording import WORDING
from knowledge.errors import KnowledgeError
from knowledge.knowledge_base import KnowledgeBase

ROLES = (*STUDIO_ROLES, Role.SUPERVISOR)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REJECTS_SHOWN = 20
FACTS_SHOWN = 3
LONGEST_FIELD = 200
AT_ONCE = asyncio.Semaphore(1)
"""Screening uses a whole core; two at a time would make everybody else wait."""

Report = ScreeningReport | ComparisonReport


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form asks for. compare_to: another day; before: another release. near: percent of the threshold."""

    programme: str
    on: date
    compare_to: date | None
    before: int | None
    near: Decimal | None


def add_screening(router: APIRouter, doors: Doors) -> None:
    """/studio/screening: for editors and supervisors."""
    Screener = Annotated[Session, Depends(signed_in(doors, *ROLES))]

    @router.get("/screening")
    async def screening_form(request: Request, session: Screener) -> Response:
        return await _page(doors, request, session, {})

    @router.post("/screening")
    async def screening(request: Request, session: Screener) -> Response:
        # Not declared as a form: it would be read to the end before anybody asked who sends it.
        form = await request.form()
        typed = {name: value.strip()[:LONGEST_FIELD] for name, value in form.items() if isinstance(value, str)}
        file = form.get("file")
        try:
            if not isinstance(file, UploadFile) or not file.filename:
                raise _FormError(str(WORDING["screening"]["no_file"]))
            knowledge = await doors.knowledge.load()
            wish = _wish(typed, shanghai_day(doors.now()))
            before = knowledge if wish.before is None else await doors.knowledge.load(wish.before)
            content = await file.read()
            async with AT_ONCE:
                report, sheet = await asyncio.to_thread(_result, file.filename, content, wish, before, knowledge)
        except (ScreeningError, KnowledgeError, _FormError) as error:
            return await _page(doors, request, session, typed, problem=mask(str(error)), status=422)
        if typed.get("act") == "download":
            return _download(sheet)
        return await _page(doors, request, session, typed, report=_shown(report, knowledge))


class _FormError(ValueError):
    """A field of the form is not usable; str() is the Chinese sentence for staff."""


def _wish(typed: Mapping[str, str], today: date) -> Wish:
    before = typed.get("before", "")
    if before and not (before.isdecimal() and len(before) < 10):
        raise _FormError(str(WORDING["studio"]["bad_number"]).format(given=before[:40]))
    return Wish(
        programme=typed.get("programme") or ALL,
        on=_day(typed, "as_of") or today,
        compare_to=_day(typed, "compare_to"),
        before=int(before) if before else None,
        near=_percent(typed.get("near", "")),
    )


def _day(typed: Mapping[str, str], name: str) -> date | None:
    given = typed.get(name, "")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        words = WORDING["screening"]
        raise _FormError(str(words["bad_day"]).format(field=words["fields"][name], given=given[:40])) from None


def _percent(given: str) -> Decimal | None:
    if not given:
        return None
    try:
        percent = Decimal(given)
    except InvalidOperation:
        percent = Decimal(-1)
    if not 0 <= percent <= 100:
        raise _FormError(str(WORDING["screening"]["bad_near"]).format(given=given[:40]))
    return percent


def _result(name: str, content: bytes, wish: Wish, before: KnowledgeBase, now: KnowledgeBase) -> tuple[Report, bytes]:
    """The counts, and the list as a workbook; the file lies in memory and in a folder that is gone afterwards."""
    reading = Reading(HouseholdFile(open_table(name, io.BytesIO(content)), now.catalogue))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "list.xlsx"
        report = _screened(reading, wish, before, now, out)
        return report, out.read_bytes()


def _screened(reading: Reading, wish: Wish, before: KnowledgeBase, now: KnowledgeBase, out: Path) -> Report:
    if wish.compare_to is None and wish.before is None:
        chosen = chosen_programmes(wish.programme, now.catalogue, wish.on)
        screening = Screening(now.catalogue, wish.on, chosen, wish.near)
        return write_screening(reading, screening, now.catalogue.facts, limit=0, out=out)
    first = Side(before.catalogue, wish.on, before.release)
    second = Side(now.catalogue, wish.compare_to or wish.on, now.release)
    return write_comparison(reading, first, second, wish.programme, limit=0, out=out)


def _shown(report: Report, knowledge: KnowledgeBase) -> dict[str, Any]:
    """Counts for the page. What is quoted of the file is masked: a wrong column may hold a phone number."""
    read = report.read
    facts = knowledge.catalogue.facts
    shown: dict[str, Any] = {
        "read": read,
        "rejects": [mask(sentence) for sentence in reject_sentences(read.rejects, REJECTS_SHOWN)],
        "is_comparison": isinstance(report, ComparisonReport),
    }
    if isinstance(report, ComparisonReport):
        changes = [(one.name, [one.changes[kind] for kind in CHANGES], ()) for one in report.comparison.tallies.values()]
        return {**shown, "heads": [say(kind) for kind in CHANGES], "tallies": changes}
    rows = [
        (tally.name, [tally.standings[standing] for standing in STANDINGS],
         [(facts[name].label, count) for name, count in tally.missing.most_common(FACTS_SHOWN) if count])
        for tally in report.screening.tallies.values()
    ]
    return {**shown, "heads": [say(standing) for standing in STANDINGS], "tallies": rows}


def _download(sheet: bytes) -> Response:
    name = quote(f"{say('sheet_list')}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename=list.xlsx; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(sheet, media_type=SHEET, headers=headers)


async def _page(
    doors: Doors,
    request: Request,
    session: Session,
    typed: Mapping[str, str],
    *,
    report: Mapping[str, Any] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    knowledge = await doors.knowledge.load()
    able = chosen_programmes(ALL, knowledge.catalogue, shanghai_day(doors.now()))
    context = {
        "programmes": [(one, knowledge.catalogue.programmes[one].name) for one in able],
        "releases": await doors.knowledge.releases(),
        "columns": list(Fields(knowledge.catalogue.facts).listed()),
        "today": shanghai_day(doors.now()).isoformat(),
        "megabytes": doors.settings.max_upload_megabytes,
        "typed": typed,
        "report": report,
        "problem": problem,
    }
    return studio_page(request, session, "screening", context, status)
