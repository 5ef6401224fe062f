"""What every page of the studio has around it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from channels.sign_in import Session
from channels.templates import render


def studio_page(request: Request, session: Session, name: str, context: Mapping[str, object], status: int = 200) -> Response:
    """name: the template, which is also the tab that is shown as open."""
    shared = {"session": session, "room": "studio", "section": name}
    return render(request, f"studio/{name}.html", {**shared, **context}, status_code=status)
