"""The studio's corrections: the words of a clause beside those of the original, and what is known of a document."""

# No postponed annotations here: FastAPI reads the types of the routes below, which name things local to one function.

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.clock import shanghai_day
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.sign_in import STUDIO_ROLES, Session, signed_in
from channels.studio.frame import studio_page
from knowledge.clauses import Clause
from knowledge.documents.proposals import FIELDS, shown
from knowledge.errors import KnowledgeError, UnknownDocumentError
from knowledge.policy_documents import Kind, PolicyDocument, Rank

Shelf = Literal["release", "draft"]


def add_corrections(router: APIRouter, doors: Doors) -> None:
    """/studio/clause, /correct-clause, /settle, /correct-document."""
    pages = CorrectionPages(doors)
    Editor = Annotated[Session, Depends(signed_in(doors, *STUDIO_ROLES))]
    Field = Annotated[str, Form()]

    @router.get("/clause")
    async def clause(request: Request, session: Editor, id: str, clause: str) -> Response:
        return await pages.clause(request, session, id, clause)

    @router.post("/correct-clause")
    async def correct_clause(request: Request, session: Editor, id: Field = "", clause: Field = "", text: Field = "") -> Response:
        try:
            # Browsers send line ends as two characters.
            words = text.replace("\r\n", "\n")
            await doors.knowledge.correct_clause(id, clause, words, by=session.staff.name, at=doors.now())
        except KnowledgeError as error:
            return await pages.clause(request, session, id, clause, problem=str(error), typed=text, status=422)
        return RedirectResponse("/studio/draft", status_code=303)

    @router.post("/settle")
    async def settle(request: Request, session: Editor, id: Field = "", clause: Field = "", keep: Field = "") -> Response:
        try:
            await doors.knowledge.settle_correction(id, clause, keep=keep == "yes", by=session.staff.name, at=doors.now())
        except KnowledgeError as error:
            return await pages.clause(request, session, id, clause, problem=str(error), status=409)
        return RedirectResponse("/studio/draft", status_code=303)

    @router.post("/correct-document")
    async def correct_document(request: Request, session: Editor) -> Response:
        form = await request.form()
        given = {name: value for name in FIELDS if isinstance(value := form.get(name), str)}
        document_id = str(form.get("id", ""))
        try:
            await doors.knowledge.correct_document(document_id, given, by=session.staff.name, at=doors.now())
        except UnknownDocumentError:
            raise RefusedRequestError("no_document", id=document_id[:120] or "–") from None
        except KnowledgeError as error:
            return await pages.document(request, session, document_id, "draft", problem=str(error), typed=given, status=422)
        return RedirectResponse("/studio/draft", status_code=303)


class CorrectionPages:
    """Pages on which an editor sees and sets what a document says and what is known of it."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def clause(
        self,
        request: Request,
        session: Session,
        document_id: str,
        clause_id: str,
        *,
        problem: str = "",
        typed: str = "",
        status: int = 200,
    ) -> Response:
        found = next((c for c in await self._clauses(document_id) if c.clause_id == clause_id), None)
        correction = next((c for c in await self._doors.knowledge.corrections(document_id) if c.clause_id == clause_id), None)
        if found is None and correction is None:
            raise RefusedRequestError("no_clause", id=clause_id[:120])
        context = {
            "document_id": document_id, "clause_id": clause_id, "clause": found, "correction": correction,
            "problem": problem, "typed": typed,
        }
        return studio_page(request, session, "clause", context, status)

    async def document(
        self,
        request: Request,
        session: Session,
        document_id: str,
        shelf: Shelf,
        *,
        problem: str = "",
        typed: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        clauses = await self._clauses(document_id, shelf)
        listed = await self._doors.knowledge.document_list("draft" if shelf == "draft" else None)
        document = clauses[0].document
        corrections = await self._doors.knowledge.corrections(document_id)
        context = {
            "document": document,
            "clauses": clauses,
            "shelf": shelf,
            "today": shanghai_day(self._doors.now()),
            "proposals": next(item.proposals for item in listed if item.document.document_id == document_id),
            "fields": {**_fields(document), **(typed or {})},
            "kinds": [kind for kind in Kind if kind is not Kind.HANDBOOK],
            "document_ranks": [rank for rank in Rank if rank is not Rank.HANDBOOK],
            "corrected": {correction.clause_id: correction for correction in corrections},
            "problem": problem,
        }
        return studio_page(request, session, "document", context, status)

    async def _clauses(self, document_id: str, shelf: Shelf = "draft") -> tuple[Clause, ...]:
        try:
            return await self._doors.knowledge.clauses(document_id, "draft" if shelf == "draft" else None)
        except UnknownDocumentError:
            raise RefusedRequestError("no_document", id=document_id[:120] or "–") from None


def _fields(document: PolicyDocument) -> dict[str, str]:
    """What the form starts with: the document as it is."""
    return {field: shown(getattr(document, field)) or "" for field in FIELDS}
