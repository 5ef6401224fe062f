"""The web application: every door mounted on one product."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.assembly import Product, open_product
from bot.settings import Settings
from bot.situation import Situation
from channels.doors import Doors
from channels.logs import set_up_logs
from channels.measured import MeasuredConsultations
from channels.pages import mount_pages, prepare_pages
from channels.studio.handbook_upgrade import announce_newer_handbook
from channels.watch import rescue_messages, watch_release
from channels.wechat import WeChatChannel
from migrations.running import upgrade


def app_from_settings() -> FastAPI:
    """What a server worker runs: settings from the environment, logs set up, product opened when the worker starts."""
    set_up_logs()
    return create_app(Settings())


def create_app(settings: Settings, product: Product | None = None) -> FastAPI:
    """The application. product: one that is open already (tests); else it is opened at start and closed at the end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = product
        if opened is None:
            await asyncio.to_thread(upgrade, settings.database)
            opened = await open_product(settings)
        async with _running(app, settings, opened):
            yield
        if product is None:
            await opened.close()

    app = FastAPI(
        title="一本通", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json"
    )
    prepare_pages(app, settings)
    return app


@asynccontextmanager
async def _running(app: FastAPI, settings: Settings, product: Product) -> AsyncIterator[None]:
    """Mounts the doors and runs the watches beside them until the application ends."""
    consultations = MeasuredConsultations.of(product.consultations)
    wechat = WeChatChannel(settings, consultations, product.sessions, product.cipher, clock=product.now)
    stop, published = asyncio.Event(), asyncio.Event()
    _mount(app, settings, product, consultations, wechat, published)
    watches = [
        asyncio.create_task(watch_release(product, stop, published)),
        asyncio.create_task(rescue_messages(consultations, stop)),
        asyncio.create_task(announce_newer_handbook(product.knowledge)),
    ]
    if wechat.is_on:
        watches.append(asyncio.create_task(wechat.worker.run(stop)))
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*watches)
        await wechat.close()


def _mount(
    app: FastAPI,
    settings: Settings,
    product: Product,
    consultations: MeasuredConsultations,
    wechat: WeChatChannel,
    published: asyncio.Event,
) -> None:
    async def release_changed() -> None:
        published.set()

    async def situation_of(conversation_id: str) -> Situation:
        return (await product.consultations.state(conversation_id)).situation

    doors = Doors(
        settings=settings,
        consultations=consultations,
        queue=product.cases,
        staff=product.staff,
        knowledge=product.knowledge,
        clause=product.clause,
        now=product.now,
        release_changed=release_changed,
        fact_label=product.fact_label,
        knowledge_in_use=lambda: product.office.knowledge,
        situation_of=situation_of,
    )
    mount_pages(app, doors)
    app.include_router(wechat.router)
    app.get("/healthz", include_in_schema=False)(_alive)

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> JSONResponse:
        number = await product.knowledge.current_number()
        return JSONResponse({"release": product.office.knowledge.release, "published": number})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> PlainTextResponse:
        return PlainTextResponse(generate_latest(consultations.registry), media_type=CONTENT_TYPE_LATEST)


async def _alive() -> PlainTextResponse:
    return PlainTextResponse("ok")
