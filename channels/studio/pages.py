"""The content studio: documents and their clauses, uploads into the draft, publishing and rolling back.

Review and corrections have files of their own beside this one.
"""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

import logging
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from bot.clock import shanghai_day
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.sign_in import STUDIO_ROLES, Session, signed_in
from channels.studio.corrections import CorrectionPages, add_corrections
from channels.studio.frame import studio_page
from channels.studio.handbook_upgrade import add_handbook_upgrade, newer_handbook
from channels.studio.review import add_review, draft_page, unreviewed
from channels.studio.rules import add_rules
from channels.studio.screening import add_screening
from channels.studio.upload import UploadFormError, known_of
from channels.wording import WORDING
from knowledge.errors import KnowledgeError, UnapprovedDraftError, UnknownDocumentError
from knowledge.policy_documents import Kind
from knowledge.releases import ImportEntry, ReleaseInfo

LOG = logging.getLogger("channels.studio")

Shelf = Literal["release", "draft"]


def studio_router(doors: Doors) -> APIRouter:
    """/studio and below: for editors."""
    router = APIRouter(prefix="/studio", include_in_schema=False)
    studio, corrections = _Studio(doors), CorrectionPages(doors)
    Editor = Annotated[Session, Depends(signed_in(doors, *STUDIO_ROLES))]

    @router.get("")
    async def documents(request: Request, session: Editor, shelf: Shelf = "release", q: str = "") -> Response:
        return await studio.documents(request, session, shelf, q.strip())

    @router.get("/document")
    async def document(request: Request, session: Editor, id: str, shelf: Shelf = "release") -> Response:
        return await corrections.document(request, session, id, shelf)

    @router.get("/upload")
    async def upload_form(request: Request, session: Editor) -> Response:
        return studio.upload_page(request, session)

    @router.post("/upload")
    async def upload(request: Request, session: Editor) -> Response:
        # Not declared as a form: it would be read to the end before anybody asked who sends it.
        return await studio.upload(request, session)

    @router.get("/draft")
    async def draft(request: Request, session: Editor) -> Response:
        return await draft_page(doors, request, session)

    @router.post("/remove")
    async def remove(session: Editor, id: Annotated[str, Form()] = "") -> Response:
        try:
            await doors.knowledge.remove(id, by=session.staff.name, at=doors.now())
        except UnknownDocumentError:
            raise RefusedRequestError("no_document", id=id[:120] or "–") from None
        return RedirectResponse("/studio/draft", status_code=303)

    @router.post("/discard")
    async def discard(session: Editor) -> Response:
        await doors.knowledge.discard_draft()
        return RedirectResponse("/studio/draft", status_code=303)

    @router.post("/publish")
    async def publish(
        request: Request, session: Editor, note: Annotated[str, Form()] = "", override: Annotated[str, Form()] = ""
    ) -> Response:
        if not note.strip():
            return await draft_page(doors, request, session, problem=WORDING["studio"]["no_note"], status=422)
        try:
            release = await studio.published(session, note.strip(), override.strip())
        except KnowledgeError as error:
            return await draft_page(doors, request, session, problem=str(error), note=note, status=409)
        return await studio.swapped(request, session, release)

    @router.get("/releases")
    async def releases(request: Request, session: Editor, done: int = 0) -> Response:
        return await studio.releases(request, session, done=done)

    @router.post("/rollback")
    async def rollback(request: Request, session: Editor, number: Annotated[str, Form()] = "") -> Response:
        if not number.isdecimal() or len(number) > 9:
            problem = WORDING["studio"]["bad_number"].format(given=number[:40])
            return await studio.releases(request, session, problem=problem, status=422)
        try:
            release = await doors.knowledge.rollback(int(number), by=session.staff.name, at=doors.now())
        except KnowledgeError as error:
            return await studio.releases(request, session, problem=str(error), status=409)
        return await studio.swapped(request, session, release)

    add_review(router, doors, studio.swapped)
    add_corrections(router, doors)
    add_handbook_upgrade(router, doors)
    add_rules(router, doors)
    add_screening(router, doors)
    return router


class _Studio:
    """Pages of the studio."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def documents(self, request: Request, session: Session, shelf: Shelf, wanted: str) -> Response:
        listed = await self._doors.knowledge.document_list("draft" if shelf == "draft" else None)
        draft = await self._doors.knowledge.draft()
        shown = [d for d in listed if wanted in d.document.title or wanted in (d.document.number or "")]
        context = {
            "shelf": shelf,
            "wanted": wanted,
            "documents": shown,
            "total": len(listed),
            "draft": draft,
            "changed": {change.document_id: change.kind.value for change in draft.changes},
            "today": shanghai_day(self._doors.now()),
            "newer": await newer_handbook(self._doors.knowledge),
        }
        return studio_page(request, session, "documents", context)

    def upload_page(
        self,
        request: Request,
        session: Session,
        entries: list[ImportEntry] | None = None,
        problem: str = "",
        typed: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        context = {
            "kinds": [kind for kind in Kind if kind is not Kind.HANDBOOK],
            "region": self._doors.settings.region,
            "megabytes": self._doors.settings.max_upload_megabytes,
            "entries": entries or [],
            "problem": problem,
            "typed": typed or {},
        }
        return studio_page(request, session, "upload", context, status)

    async def upload(self, request: Request, session: Session) -> Response:
        form = await request.form()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        files = [file for file in form.getlist("file") if isinstance(file, UploadFile) and file.filename]
        words = WORDING["studio"]
        if not files:
            return self.upload_page(request, session, problem=words["no_file"], typed=fields, status=422)
        try:
            known = known_of(fields, len(files))
        except UploadFormError as error:
            return self.upload_page(request, session, problem=str(error), typed=fields, status=422)
        entries = []
        for file in files:
            content = await file.read()
            entry = await self._doors.knowledge.import_upload(
                file.filename or "", content, by=session.staff.name, at=self._doors.now(), **known
            )
            entries.append(entry)
        return self.upload_page(request, session, entries)

    async def published(self, session: Session, note: str, override: str) -> ReleaseInfo:
        """override: why it is published against severe findings; here it never stands in for a second person.

        Raises KnowledgeError."""
        knowledge, by, at = self._doors.knowledge, session.staff.name, self._doors.now()
        alone = await unreviewed(self._doors)
        draft = await knowledge.draft()
        if override and not alone and draft.approved_by is None and draft.last_changed_by == by:
            raise UnapprovedDraftError("release.unapproved", changer=by)
        return await knowledge.publish(note=note, by=by, at=at, override=override, unreviewed=alone)

    async def releases(
        self, request: Request, session: Session, *, done: int = 0, problem: str = "", status: int = 200
    ) -> Response:
        context = {"releases": await self._doors.knowledge.releases(), "done": done, "problem": problem}
        return studio_page(request, session, "releases", context, status)

    async def swapped(self, request: Request, session: Session, release: ReleaseInfo) -> Response:
        """After a release was made: bring it into use, and say so honestly when that fails, for it is published all the same."""
        try:
            await self._doors.release_changed()
        except Exception:
            LOG.exception("release %s was published but could not be brought into use", release.number)
            problem = WORDING["studio"]["swap_failed"].format(number=release.number)
            return await self.releases(request, session, problem=problem, status=500)
        return RedirectResponse(f"/studio/releases?done={release.number}", status_code=303)
