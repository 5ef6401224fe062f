"""Calls to WeChat's API. The only place that sends anything there; every error leaves as WeChatApiError."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from bot.channel_state import ChannelState
from channels.wechat.access_token import AccessTokens, FetchedToken
from channels.wechat.api_error import TOKEN_REFUSED, WeChatApiError

ALREADY_TYPING = 45081
CALL_SECONDS = 5.0

# httpx logs every address, and the platform wants the access token in it.
logging.getLogger("httpx").setLevel(logging.WARNING)


class WeChatApi:
    """The few calls we make, for one account. call_seconds bounds each, connecting included."""

    def __init__(self, base: str, app_id: str, app_secret: str, state: ChannelState, clock: Callable[[], datetime], *,
                 call_seconds: float = CALL_SECONDS) -> None:
        self._http = httpx.AsyncClient(base_url=base.rstrip("/"), timeout=call_seconds, follow_redirects=False)
        self._app_id = app_id
        self._app_secret = app_secret
        self._call_seconds = call_seconds
        self._tokens = AccessTokens(state, app_id, self._fetch_token, clock, fetch_seconds=call_seconds)

    async def send_text(self, openid: str, text: str) -> None:
        """A customer-service message (客服消息). Returns when WeChat has taken it."""
        await self._authorised("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})

    async def show_typing(self, openid: str) -> None:
        """正在输入, for up to 15 s; being shown already is no error."""
        try:
            await self._authorised("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})
        except WeChatApiError as error:
            if error.code != ALREADY_TYPING:
                raise

    async def close(self) -> None:
        await self._http.aclose()

    async def _authorised(self, path: str, body: dict[str, Any]) -> None:
        """With the shared token; a refused one is replaced once."""
        token = await self._tokens.current()
        try:
            await self._post(path, body, {"access_token": token})
        except WeChatApiError as error:
            if error.code not in TOKEN_REFUSED:
                raise
            await self._post(path, body, {"access_token": await self._tokens.replacement(token)})

    async def _fetch_token(self, force: bool) -> FetchedToken:
        answer = await self._post("/cgi-bin/stable_token", {
            "grant_type": "client_credential", "appid": self._app_id, "secret": self._app_secret, "force_refresh": force}, {})
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise WeChatApiError(None, "WeChat's answer to stable_token holds no access_token with expires_in")
        return FetchedToken(token, seconds)

    async def _post(self, path: str, body: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        # The platform shows \uXXXX as it stands: Chinese goes out as Chinese.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            async with asyncio.timeout(self._call_seconds):
                response = await self._http.post(
                    path, content=content, params=query, headers={"Content-Type": "application/json; charset=utf-8"})
        except TimeoutError:
            raise WeChatApiError(None, f"{path} gave no answer within {self._call_seconds:g} s") from None
        except httpx.HTTPError as error:
            # Not chained: some of these errors carry the address, and with it the token.
            raise WeChatApiError(None, f"{path} could not be reached: {type(error).__name__}") from None
        return _checked(path, response)


def _checked(path: str, response: httpx.Response) -> dict[str, Any]:
    if response.status_code != httpx.codes.OK:
        raise WeChatApiError(None, f"{path} answered HTTP {response.status_code}")
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise WeChatApiError(None, f"{path} answered something that is not a JSON object")
    code = answer.get("errcode", 0)
    if code != 0:
        raise WeChatApiError(code if isinstance(code, int) else None, f"{path} refused: {str(answer.get('errmsg', ''))[:80]}")
    return answer
