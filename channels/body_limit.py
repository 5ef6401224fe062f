"""The largest request body each part of the application reads."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.errors import error_response

KILOBYTE = 1024
ORDINARY_BYTES = 64 * KILOBYTE


class BodyLimit:
    """Refuses longer bodies with 413 before they are read; without Content-Length, as soon as the limit is passed.

    larger: bytes by path prefix, for the places that take files.
    """

    def __init__(self, app: ASGIApp, ordinary: int = ORDINARY_BYTES, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.ordinary = ordinary
        self.larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next((size for prefix, size in self.larger.items() if scope["path"].startswith(prefix)), self.ordinary)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            response = error_response(Request(scope), "too_large", limit=size_words(limit))
            await response(scope, receive, send)
            return
        read = 0

        async def receive_counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413, detail=size_words(limit))
            return message

        await self.app(scope, receive_counted, send)


def size_words(size: int) -> str:
    """64 KB, 20 MB."""
    megabyte = KILOBYTE * KILOBYTE
    return f"{size // megabyte} MB" if size >= megabyte else f"{size // KILOBYTE} KB"
