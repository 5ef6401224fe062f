"""Requests that change something must come from our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from channels.errors import RefusedRequestError


def require_same_origin(request: Request, public_base_url: str = "") -> None:
    """RefusedRequestError when the browser says that another site sent this.

    A program that sends neither Sec-Fetch-Site nor Origin is let through: it carries no browser's cookies. Behind a proxy that
    changes the Host header the address residents use counts as ours too.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise RefusedRequestError("cross_site")
    origin = request.headers.get("origin")
    if origin is None:
        return
    ours = {request.headers.get("host", "").lower()}
    if public_base_url:
        ours.add(urlsplit(public_base_url).netloc.lower())
    if urlsplit(origin).netloc.lower() not in ours - {""}:
        raise RefusedRequestError("cross_site")


def served_securely(request: Request, public_base_url: str = "") -> bool:
    """Do browsers reach us by https? Cookies are then marked Secure."""
    return request.url.scheme == "https" or public_base_url.startswith("https://")
