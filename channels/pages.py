"""All pages and the residents' API on one application."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from bot.settings import Settings
from channels.body_limit import KILOBYTE, BodyLimit
from channels.desk.pages import desk_router
from channels.doors import Doors
from channels.errors import add_error_handlers
from channels.handbook.pages import handbook_router
from channels.page_headers import PageHeaders
from channels.sign_in import sign_in_router
from channels.studio.pages import studio_router
from channels.templates import FOLDER, ROOMS
from channels.web.pages import resident_router

FORM_AROUND_FILE_BYTES = 64 * KILOBYTE


def prepare_pages(app: FastAPI, settings: Settings) -> None:
    """Before the application starts: error shape, headers, body limits, static files."""
    add_error_handlers(app)
    upload_bytes = settings.max_upload_megabytes * KILOBYTE * KILOBYTE + FORM_AROUND_FILE_BYTES
    # The last one added is the outermost: headers also on the answers of the limit.
    app.add_middleware(BodyLimit, larger={"/studio/upload": upload_bytes, "/studio/screening": upload_bytes})
    app.add_middleware(PageHeaders)
    for room in ROOMS:
        folder = FOLDER / room / "static"
        if folder.is_dir():
            app.mount(f"/static/{room}", StaticFiles(directory=folder), name=f"static-{room}")


def mount_pages(app: FastAPI, doors: Doors) -> None:
    """Resident page and API, handbook, sign-in, desk and studio; may be called while the application starts."""
    routers = (resident_router(doors), handbook_router(doors), sign_in_router(doors), desk_router(doors), studio_router(doors))
    for router in routers:
        app.include_router(router)
