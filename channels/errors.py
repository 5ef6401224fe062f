"""Errors as people and programs see them: one shape {"error": {"code", "message"}}, or a page with the same words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from channels.templates import render
from channels.wording import WORDING

CODE_OF_STATUS = {
    400: "bad_request",
    401: "not_signed_in",
    403: "cross_site",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    429: "too_many",
    503: "unavailable",
}

GIVEN_SHOWN = 60
"""So many characters of a wrong value are quoted back."""


class RefusedRequestError(Exception):
    """A request we do not carry out. code: a key of errors in wording.yaml; places: what fills its message."""

    def __init__(self, code: str, *, headers: Mapping[str, str] | None = None, **places: object) -> None:
        super().__init__(code)
        self.code = code
        self.places = places
        self.headers = dict(headers or {})


class NotSignedInError(Exception):
    """Nobody is signed in: a page leads to the sign-in, anything else gets the error shape."""


def error_response(request: Request, code: str, headers: Mapping[str, str] | None = None, **places: object) -> Response:
    """The error in its one shape. Read by residents, staff and programs."""
    entry = WORDING["errors"][code]
    message = str(entry["message"]).format_map(_Places(places))
    if _wants_page(request):
        # The sign-in page sends whoever is signed in on to a room that is open to them.
        staff = request.url.path.startswith(("/desk", "/studio", "/sign"))
        context = {"message": message, "staff": staff}
        return render(request, "web/error.html", context, status_code=entry["status"], headers=headers)
    body = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=entry["status"], headers=dict(headers or {}))


def add_error_handlers(app: FastAPI) -> None:
    """Every error of the application leaves in the one shape."""
    app.add_exception_handler(RefusedRequestError, _refused)
    app.add_exception_handler(NotSignedInError, _not_signed_in)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


class _Places(dict[str, object]):
    """Fills a message; a place nobody filled reads "–" rather than failing while an error is being reported."""

    def __missing__(self, key: str) -> str:
        return "–"


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedRequestError):
        raise error
    return error_response(request, error.code, error.headers, **error.places)


async def _not_signed_in(request: Request, error: Exception) -> Response:
    if request.method == "GET" and _wants_page(request):
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", status_code=303)
    return error_response(request, "not_signed_in")


async def _invalid(request: Request, error: Exception) -> Response:
    first: Mapping[str, Any] = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    location = [str(part) for part in first.get("loc", ())]
    field = location[-1] if location and location[-1] in WORDING["fields"] else ""
    given = str(first.get("input", "")).encode("utf-8", "replace").decode("utf-8") if field else "–"
    if len(given) > GIVEN_SHOWN:
        given = given[:GIVEN_SHOWN] + "…"
    return error_response(request, "invalid", field=field or "内容", given=given or "空", wanted=WORDING["fields"][field])


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = CODE_OF_STATUS.get(error.status_code, "bad_request" if 400 <= error.status_code < 500 else "internal")
    return error_response(request, code, error.headers, path=request.url.path, method=request.method, limit=error.detail)


async def _unexpected(request: Request, error: Exception) -> Response:
    return error_response(request, "internal")
