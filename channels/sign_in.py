"""Sign-in of staff: session cookie, the check before each desk and studio page, and the token in each form."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.responses import RedirectResponse, Response

from bot.staff import Role, Staff
from bot.staff_storage import StaffAccount
from channels.doors import Doors
from channels.errors import NotSignedInError, RefusedRequestError
from channels.rate_limit import RateLimit
from channels.same_origin import require_same_origin, served_securely
from channels.templates import render
from channels.wording import WORDING

COOKIE = "yibentong_staff"
DESK_ROLES = (Role.ADVISOR, Role.SUPERVISOR)
STUDIO_ROLES = (Role.EDITOR,)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. form_token goes into every form of theirs; a form without it is refused."""

    staff: Staff
    form_token: str

    @property
    def may_desk(self) -> bool:
        return self.staff.may(*DESK_ROLES)

    @property
    def may_studio(self) -> bool:
        return self.staff.may(*STUDIO_ROLES)


class Sessions:
    """Sessions as signed cookies: nothing is stored, and a new password or a removed account ends them."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        secret = doors.settings.kept_secret("secret_key")
        self._cookies = URLSafeSerializer(secret, salt="staff session")
        self._forms = URLSafeSerializer(secret, salt="staff form")

    def begin(self, account: StaffAccount) -> str:
        """The cookie's value. Ends after settings.session_hours."""
        until = self._doors.now() + timedelta(hours=self._doors.settings.session_hours)
        content = {
            "name": account.staff.name,
            "mark": account.password_mark,
            "nonce": secrets.token_urlsafe(12),
            "until": int(until.timestamp()),
        }
        return str(self._cookies.dumps(content))

    async def of(self, request: Request) -> Session | None:
        """Who sent this request; None when nobody is signed in, or no longer."""
        try:
            content = self._cookies.loads(request.cookies.get(COOKIE, ""))
        except BadSignature:
            return None
        if content["until"] <= self._doors.now().timestamp():
            return None
        account = await self._doors.staff.get(content["name"])
        if account is None or account.password_mark != content["mark"]:
            return None
        return Session(account.staff, str(self._forms.dumps(content["nonce"])))


def signed_in(doors: Doors, *roles: Role) -> Callable[[Request], AsyncIterator[Session]]:
    """A dependency: the session of somebody with one of the roles. A POST must also carry the form token of that session.

    NotSignedInError without a session, RefusedRequestError without the role or the token.
    """
    sessions = Sessions(doors)

    async def check(request: Request) -> AsyncIterator[Session]:
        session = await sessions.of(request)
        if session is None:
            raise NotSignedInError
        if not session.staff.may(*roles):
            wanted = "、".join(WORDING["roles"][role] for role in (*roles, Role.ADMIN))
            raise RefusedRequestError("not_allowed", name=session.staff.name, roles=wanted)
        if request.method != "POST":
            yield session
            return
        require_same_origin(request, doors.settings.public_base_url)
        # Closed at the end of the request, whoever read it: an upload lies in a temporary file.
        async with request.form() as form:
            sent = form.get("form_token")
            if not isinstance(sent, str) or not secrets.compare_digest(sent.encode(), session.form_token.encode()):
                raise RefusedRequestError("stale_form")
            yield session

    return check


def sign_in_router(doors: Doors) -> APIRouter:
    """/sign-in and /sign-out."""
    router = APIRouter(include_in_schema=False)
    sessions = Sessions(doors)
    rate = RateLimit()

    @router.get("/sign-in")
    async def page(request: Request, next: str = "") -> Response:
        session = await sessions.of(request)
        if session is not None:
            return RedirectResponse(_target(next, session.staff), status_code=303)
        return render(request, "desk/sign_in.html", {"next": next, "name": "", "failed": False})

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "",
    ) -> Response:
        require_same_origin(request, doors.settings.public_base_url)
        await rate.take("sign-in", client_address(request), doors.sign_ins_a_minute_per_address)
        account = await doors.staff.verify(name.strip(), password, doors.now())
        if account is None:
            context = {"next": next, "name": name, "failed": True}
            return render(request, "desk/sign_in.html", context, status_code=401)
        response = RedirectResponse(_target(next, account.staff), status_code=303)
        response.set_cookie(
            COOKIE,
            sessions.begin(account),
            max_age=doors.settings.session_hours * 3600,
            httponly=True,
            samesite="strict",
            secure=served_securely(request, doors.settings.public_base_url),
        )
        return response

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        require_same_origin(request, doors.settings.public_base_url)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    return router


def client_address(request: Request) -> str:
    """Where a request comes from, for counting only. Behind a proxy the server must be told to trust its headers."""
    return request.client.host if request.client else "unknown"


def _target(wanted: str, staff: Staff) -> str:
    """A path of ours to go to after sign-in: the one asked for, else the first room that is open to this person."""
    if local_path(wanted):
        return wanted
    return "/desk" if staff.may(*DESK_ROLES) else "/studio"


def local_path(address: str) -> bool:
    """Is it a path on this site? Browsers read "//host", "/\\host" and control characters as ways to another one."""
    if not address.startswith("/") or address.startswith("//") or "\\" in address or not address.isprintable():
        return False
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc
