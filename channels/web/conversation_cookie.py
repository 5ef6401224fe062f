"""The cookie by which a browser comes back to its conversation."""

from __future__ import annotations

import re
import secrets

from fastapi import Request
from starlette.responses import Response

from channels.doors import Doors
from channels.same_origin import served_securely

COOKIE = "yibentong_talk"
KEPT_SECONDS = 180 * 24 * 3600
TOKEN = re.compile(r"[0-9a-f]{32}")


def conversation_token(request: Request) -> tuple[str, bool]:
    """The conversation's token and whether it is new: 128 random bits. A cookie of another form is not ours and is replaced."""
    known = request.cookies.get(COOKIE, "")
    return (known, False) if TOKEN.fullmatch(known) else (secrets.token_hex(16), True)


def keep_conversation(response: Response, token: str, request: Request, doors: Doors) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=served_securely(request, doors.settings.public_base_url),
    )
