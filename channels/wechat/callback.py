"""/wechat: the address the platform calls. GET proves that it is ours, POST brings what residents send."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from bot.channel_state import ChannelState
from bot.clock import now as system_now
from bot.settings import Settings
from channels.wechat.callback_error import CallbackError
from channels.wechat.delivery import DirectAnswer, NotStoredError, WeChatDelivery
from channels.wechat.envelope import Envelope, Opened, text_answer
from channels.wechat.inbound import read_message
from channels.wechat.signature import SignedQuery, require_first_use, require_fresh, require_signature

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
MAX_ECHO_CHARS = 512
SUCCESS = "success"
"""Tells the platform that the message arrived and that no direct answer comes."""


def wechat_router(settings: Settings, delivery: WeChatDelivery, state: ChannelState,
                  clock: Callable[[], datetime] = system_now) -> APIRouter:
    """The callback of the account in `settings`. ValueError names a setting that is missing or wrong; without an AppID the
    channel is off and says so."""
    router = APIRouter(tags=["wechat"])
    callback = WeChatCallback(settings, delivery, state, clock) if settings.wechat_app_id else None

    @router.get("/wechat", response_class=PlainTextResponse, summary="Address check by the WeChat platform")
    async def check_address(request: Request) -> Response:
        return _off() if callback is None else await _guarded(callback.check_address(request))

    @router.post("/wechat", response_class=Response, summary="Messages and events from the WeChat platform")
    async def take_message(request: Request) -> Response:
        return _off() if callback is None else await _guarded(callback.take_message(request))

    return router


class WeChatCallback:
    """One account's callback. Order of the checks: signature, time, size, envelope, first use, form; only then is it kept."""

    def __init__(self, settings: Settings, delivery: WeChatDelivery, state: ChannelState, clock: Callable[[], datetime]) -> None:
        if not settings.wechat_token:
            raise ValueError("YIBENTONG_WECHAT_TOKEN is empty although YIBENTONG_WECHAT_APP_ID is set: copy the token of the "
                             "WeChat console (3 to 32 letters and digits), e.g. YIBENTONG_WECHAT_TOKEN=yibentong2026")
        self._token = settings.wechat_token
        self._envelope = Envelope(
            settings.wechat_token, settings.wechat_app_id, (settings.wechat_aes_key, settings.wechat_aes_key_previous))
        self._age = timedelta(seconds=settings.wechat_signature_age_seconds)
        self._deadline_seconds = settings.wechat_reply_deadline_seconds
        self._delivery = delivery
        self._state = state
        self._clock = clock

    async def check_address(self, request: Request) -> Response:
        self._signed(request)
        echo = request.query_params.get("echostr", "")
        if not echo or len(echo) > MAX_ECHO_CHARS:
            raise CallbackError(400, "wechat_no_echostr", f"echostr is missing or longer than {MAX_ECHO_CHARS} characters: the "
                                "platform sends e.g. echostr=5836418023")
        return PlainTextResponse(echo)

    async def take_message(self, request: Request) -> Response:
        began = time.monotonic()
        query = self._signed(request)
        body = await self._body(request)
        opened = self._envelope.open(body, query)
        await require_first_use(query, opened.xml, self._state, self._clock(), self._age)
        message = read_message(opened.xml, self._clock())
        if message is None:
            return PlainTextResponse(SUCCESS)
        answer = await self._delivery.answer(message, began, request.is_disconnected)
        if answer is None:
            return PlainTextResponse(SUCCESS)
        return self._direct(answer, message.conversation, message.account, opened, query)

    def _direct(self, answer: DirectAnswer, to: str, account: str, opened: Opened, query: SignedQuery) -> Response:
        at = int(self._clock().timestamp())
        xml = text_answer(answer.text, to=to, account=account, at=at)
        sealed = self._envelope.seal(xml, opened.key, str(at), query.nonce)
        return Response(sealed, media_type="application/xml", background=BackgroundTask(self._delivery.given, answer))

    def _signed(self, request: Request) -> SignedQuery:
        query = SignedQuery.read(request.query_params)
        require_signature(query, self._token)
        require_fresh(query, self._clock(), self._age)
        return query

    async def _body(self, request: Request) -> bytes:
        """The whole body; reading stops at the limit, and at the deadline."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._deadline_seconds):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > MAX_BODY_BYTES:
                        raise CallbackError(413, "wechat_too_large", f"the body is larger than {MAX_BODY_BYTES // 1024} KB: the "
                                            "platform's callbacks are a few KB")
        except ClientDisconnect as error:
            raise CallbackError(400, "wechat_incomplete", "the connection ended before the body did: send it again") from error
        except TimeoutError as error:
            raise CallbackError(400, "wechat_too_slow", f"the body did not arrive within {self._deadline_seconds:g} s") from error
        return bytes(body)


async def _guarded(answer: Awaitable[Response]) -> Response:
    """The outermost ring: no fault of ours becomes a body the platform cannot read, and none is logged with what was sent."""
    try:
        return await answer
    except HTTPException:
        # The application's own limits and doors, met while reading: they have their handler.
        raise
    except CallbackError as error:
        log.warning("callback refused: %s %s", error.code, error.message)
        return JSONResponse(error.as_dict(), error.status)
    except NotStoredError as error:
        log.error("callback not stored: %s", type(error.__cause__).__name__)
        return JSONResponse(_fault("wechat_not_stored", f"{error}: send it again"), 503)
    except Exception:
        log.exception("callback failed")
        return JSONResponse(_fault("wechat_unexpected", "the callback could not be handled: send it again"), 503)


def _off() -> Response:
    return JSONResponse(_fault("wechat_off", "the WeChat channel is off: YIBENTONG_WECHAT_APP_ID is empty; set it to the AppID "
                               "of the account, e.g. wx0123456789abcdef"), 404)


def _fault(code: str, message: str) -> dict[str, dict[str, str]]:
    return CallbackError(503, code, message).as_dict()
