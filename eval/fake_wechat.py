"""The WeChat platform for tests and trials: a real HTTP server on loopback, and phones that write to an account.

The server plays the API that we call (tokens, customer-service messages, typing) with its quotas and error codes. A phone plays
the platform's other half: it delivers callbacks to our server with the platform's signature, time limit and retries, and shows
what a resident would see. It shares no code with the channel it tests.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import secrets
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape

import httpx
import uvicorn
import xmltodict
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

SEND = "/cgi-bin/message/custom/send"
TYPING = "/cgi-bin/message/custom/typing"
STABLE = "/cgi-bin/stable_token"
CLASSIC = "/cgi-bin/token"

MESSAGE_WINDOW_SECONDS, MESSAGES_IN_WINDOW = 48 * 3600.0, 5
EVENT_WINDOW_SECONDS, MESSAGES_AFTER_EVENT = 60.0, 3
TYPING_SECONDS = 15.0
TEXT_LIMIT_BYTES = 2048
OPENS_WINDOW = frozenset({"subscribe", "SCAN", "CLICK"})
UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"

ERROR_WORDS = {
    -1: "system error", 40001: "invalid credential", 40003: "invalid openid", 40125: "invalid appsecret",
    42001: "access_token expired", 45002: "content size out of limit", 45015: "response out of time limit",
    45047: "out of response count limit", 45081: "already in typing status", 48001: "api unauthorized",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A customer-service message that the platform took."""

    openid: str
    text: str
    at: float


@dataclass(slots=True)
class Fault:
    """What a path does instead of its work, `times` times. errcode: refuse with this code; status: plain HTTP status; delay:
    seconds before the normal work; drop: close the connection without an answer, "before" or "after" doing the work."""

    errcode: int | None = None
    status: int | None = None
    delay: float = 0.0
    drop: str = ""
    times: int = 1


@dataclass(slots=True)
class _Window:
    """What one resident's last acts allow."""

    message_at: float = float("-inf")
    event_at: float = float("-inf")
    sent_since_message: int = 0
    sent_since_event: int = 0
    typing_until: float = float("-inf")

    def refusal(self, now: float) -> int | None:
        """45015, 45047 or None."""
        in_message = now - self.message_at < MESSAGE_WINDOW_SECONDS
        in_event = now - self.event_at < EVENT_WINDOW_SECONDS
        if not (in_message or in_event):
            return 45015
        left = (in_message and self.sent_since_message < MESSAGES_IN_WINDOW) or (
            in_event and self.sent_since_event < MESSAGES_AFTER_EVENT)
        return None if left else 45047


class FakeWeChat:
    """Start with `with FakeWeChat() as wechat:`; its address is wechat.base_url. All state may be read from any thread.

    may_push False: the account has no customer-service permission. token_seconds: lifetime of a token.
    """

    def __init__(self, *, port: int = 0, app_id: str = "wx0123456789abcdef", app_secret: str = "f" * 32,
                 token_seconds: int = 7200) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.may_push = True
        self.sent: list[Sent] = []
        self.calls: dict[str, int] = defaultdict(int)
        self.typing: list[str] = []
        self._token_seconds = token_seconds
        self._wanted_port = port
        self._ahead = 0.0
        self._token = ""
        self._token_end = float("-inf")
        self._windows: dict[str, _Window] = defaultdict(_Window)
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._phones: dict[str, Phone] = {}
        self._changed = threading.Condition()
        self._connections: dict[tuple[str, int], asyncio.Transport] = {}
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server = uvicorn.Server(uvicorn.Config(
            self._app(), log_level="critical", lifespan="off", http=self._protocol(), timeout_graceful_shutdown=1))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True, name="fake-wechat")

    def __enter__(self) -> FakeWeChat:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """OSError when the port is taken."""
        try:
            self._socket.bind(("127.0.0.1", self._wanted_port))
        except OSError as error:
            self._socket.close()
            raise OSError(f"the fake WeChat server cannot listen on 127.0.0.1:{self._wanted_port} ({error.strerror}): choose "
                          "another port, e.g. 8902") from error
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def script(self, path: str, *, errcode: int | None = None, status: int | None = None, delay: float = 0.0, drop: str = "",
               times: int = 1) -> None:
        """The next `times` calls of this path go wrong in this way; scripts of one path are used up in order."""
        if path not in (SEND, TYPING, STABLE, CLASSIC):
            raise ValueError(f"'{path}' is not a path of the fake server: give e.g. '{SEND}'")
        if drop not in ("", "before", "after"):
            raise ValueError(f"drop is '{drop}': give 'before' or 'after' the work")
        with self._changed:
            self._faults[path].append(Fault(errcode, status, delay, drop, times))

    def advance(self, seconds: float) -> None:
        """The platform's clock goes on."""
        self._ahead += seconds

    def expire_token(self) -> None:
        """The token given out is not valid any more, and the platform knows: the next request gets another."""
        self._token_end = float("-inf")

    def texts(self, openid: str | None = None) -> list[str]:
        """What was pushed, in order; to one resident or to all."""
        with self._changed:
            return [message.text for message in self.sent if openid in (None, message.openid)]

    def wait_for(self, condition: Callable[[FakeWeChat], bool], timeout: float = 5.0) -> bool:
        """Until the condition holds after a call to this server; False when it never did."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout)

    def phone(self, callback_url: str, token: str, *, aes_key: str = "", openid: str = "", account: str = "gh_0123456789ab",
              seconds_per_try: float = 5.0, tries: int = 3) -> Phone:
        """A resident who follows the account whose callback that is."""
        platform = Platform(token, self.app_id, account, aes_key)
        phone = Phone(self, platform, callback_url, openid or _openid(), seconds_per_try, tries)
        self._phones[phone.openid] = phone
        return phone

    def heard_from(self, openid: str, event: str = "") -> None:
        """The resident wrote (event "") or did something: the window of messages opens. Unfollowing closes it."""
        with self._changed:
            window, now = self._windows[openid], self._now()
            if event == "unsubscribe":
                self._windows[openid] = _Window()
            elif not event:
                window.message_at, window.sent_since_message = now, 0
            elif event in OPENS_WINDOW:
                window.event_at, window.sent_since_event = now, 0

    def _now(self) -> float:
        return time.monotonic() + self._ahead

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.add_api_route(STABLE, self._answering(STABLE, self._give_stable_token), methods=["POST"])
        app.add_api_route(CLASSIC, self._answering(CLASSIC, self._give_classic_token), methods=["GET"])
        app.add_api_route(SEND, self._answering(SEND, self._take_message), methods=["POST"])
        app.add_api_route(TYPING, self._answering(TYPING, self._show_typing), methods=["POST"])
        return app

    def _answering(self, path: str, work: Callable[[Request, dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
        async def answer(request: Request) -> Response:
            body = await _json_body(request)
            fault = self._next_fault(path)
            if fault.delay:
                await asyncio.sleep(fault.delay)
                if await request.is_disconnected():
                    return Response(status_code=499)    # a caller that died meanwhile never had the work done
            if fault.drop == "before":
                return self._dropped(request)
            if fault.status is not None:
                return Response(f"HTTP {fault.status}", fault.status)
            with self._changed:
                result = work(request, body) if fault.errcode is None else _refused(fault.errcode)
                self._changed.notify_all()
            if fault.drop == "after":
                return self._dropped(request)
            # As the real platform: JSON under a text content type.
            return JSONResponse(result, media_type="text/plain; charset=utf-8")

        return answer

    def _next_fault(self, path: str) -> Fault:
        with self._changed:
            self.calls[path] += 1
            self._changed.notify_all()
            waiting = self._faults[path]
            if not waiting:
                return Fault()
            fault = waiting[0]
            fault.times -= 1
            if fault.times <= 0:
                waiting.pop(0)
            return fault

    def _dropped(self, request: Request) -> Response:
        client = request.client
        if client is not None:
            self._connections[client.host, client.port].abort()
        return Response(status_code=499)

    def _protocol(self) -> type[H11Protocol]:
        connections = self._connections

        class Droppable(H11Protocol):
            """Remembers its transport, so that a script can cut the connection."""

            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                if self.client is not None:
                    connections[self.client] = transport

        return Droppable

    def _give_stable_token(self, _request: Request, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("appid") != self.app_id or body.get("secret") != self.app_secret:
            return _refused(40125)
        if body.get("force_refresh") or self._now() >= self._token_end:
            self._new_token()
        return {"access_token": self._token, "expires_in": max(1, int(self._token_end - self._now()))}

    def _give_classic_token(self, request: Request, _body: dict[str, Any]) -> dict[str, Any]:
        if request.query_params.get("appid") != self.app_id or request.query_params.get("secret") != self.app_secret:
            return _refused(40125)
        self._new_token()
        return {"access_token": self._token, "expires_in": self._token_seconds}

    def _new_token(self) -> None:
        self._token = secrets.token_urlsafe(48)
        self._token_end = self._now() + self._token_seconds

    def _take_message(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        openid, text = str(body.get("touser", "")), body.get("text", {}).get("content", "")
        code = self._refusal(request, openid)
        if code is None and len(text.encode()) > TEXT_LIMIT_BYTES:
            code = 45002
        if code is not None:
            return _refused(code)
        window = self._windows[openid]
        window.sent_since_message += 1
        window.sent_since_event += 1
        window.typing_until = float("-inf")
        self.sent.append(Sent(openid, text, self._now()))
        if openid in self._phones:
            self._phones[openid].show("account", text)
        return {"errcode": 0, "errmsg": "ok"}

    def _show_typing(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        openid = str(body.get("touser", ""))
        code = self._refusal(request, openid)
        if code is None and self._now() < self._windows[openid].typing_until:
            code = 45081
        if code is not None:
            return _refused(code)
        self._windows[openid].typing_until = self._now() + TYPING_SECONDS
        self.typing.append(openid)
        return {"errcode": 0, "errmsg": "ok"}

    def _refusal(self, request: Request, openid: str) -> int | None:
        if not self._token or request.query_params.get("access_token") != self._token:
            return 40001
        if self._now() >= self._token_end:
            return 42001
        if not self.may_push:
            return 48001
        return self._windows[openid].refusal(self._now()) if openid else 40003


@dataclass(frozen=True, slots=True)
class Bubble:
    """One line on the phone. by: "me", "account", or "system" for the platform's own notices."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one callback. passive: the direct answer shown; None: `success`, or nothing usable. tries: requests made."""

    message_id: str
    passive: str | None
    failed: bool
    tries: int


@dataclass(slots=True)
class Phone:
    """A resident's phone. send_… blocks as long as the platform would try, then says what it showed; pushed messages appear on
    `screen` by themselves."""

    wechat: FakeWeChat
    platform: Platform
    callback_url: str
    openid: str
    seconds_per_try: float = 5.0
    tries: int = 3
    screen: list[Bubble] = field(default_factory=list)
    on_show: Callable[[Bubble], None] | None = None

    def send_text(self, text: str, **extra: str) -> Delivered:
        """extra: further elements of the message, e.g. bizmsgmenuid="2" for a tapped option."""
        self.show("me", text)
        return self.send("text", Content=text, **extra)

    def send_voice(self, recognition: str | None = None) -> Delivered:
        words = {} if recognition is None else {"Recognition": recognition}
        return self.send("voice", MediaId=secrets.token_hex(8), Format="amr", **words)

    def send_image(self) -> Delivered:
        return self.send("image", MediaId=secrets.token_hex(8), PicUrl="http://mmbiz.qpic.cn/mmbiz_jpg/example/0")

    def send_location(self, latitude: float, longitude: float, label: str = "") -> Delivered:
        return self.send("location", Location_X=str(latitude), Location_Y=str(longitude), Scale="16", Label=label)

    def follow(self, scene: str = "") -> Delivered:
        return self.act("subscribe", EventKey=f"qrscene_{scene}" if scene else "")

    def unfollow(self) -> Delivered:
        return self.act("unsubscribe", EventKey="")

    def scan(self, scene: str) -> Delivered:
        return self.act("SCAN", EventKey=scene, Ticket=secrets.token_hex(8))

    def tap_menu(self, key: str) -> Delivered:
        return self.act("CLICK", EventKey=key)

    def send(self, kind: str, **elements: str) -> Delivered:
        """Any kind of message."""
        self.wechat.heard_from(self.openid)
        return self.deliver(kind, str(secrets.randbelow(10**17) + 10**17), elements)

    def act(self, event: str, **elements: str) -> Delivered:
        """Any event; events carry no MsgId."""
        self.wechat.heard_from(self.openid, event)
        return self.deliver("event", "", {"Event": event, **elements})

    def deliver(self, kind: str, message_id: str, elements: dict[str, str]) -> Delivered:
        """With the platform's patience: so many tries with the same MsgId, each with a new signature. A connection that fails,
        takes too long or answers 5xx is tried again; any other unusable answer shows the notice at once."""
        xml = self.platform.message(self.openid, kind, message_id, elements)
        for number in range(1, self.tries + 1):
            query, body = self.platform.sealed(xml)
            try:
                response = self._post(query, body)
            except httpx.HTTPError:
                continue
            if response.status_code < 500:
                return self._shown(message_id, response, number)
        self.show("system", UNAVAILABLE)
        return Delivered(message_id, None, True, self.tries)

    def show(self, by: str, text: str) -> None:
        bubble = Bubble(by, text)
        self.screen.append(bubble)
        if self.on_show is not None:
            self.on_show(bubble)

    def wait_for_push(self, count: int = 1, timeout: float = 5.0) -> list[str]:
        """The messages pushed to this phone so far, once there are `count` of them or the time is over."""
        self.wechat.wait_for(lambda wechat: sum(m.openid == self.openid for m in wechat.sent) >= count, timeout)
        return self.wechat.texts(self.openid)

    def _post(self, query: dict[str, str], body: bytes) -> httpx.Response:
        # httpx limits each step; the platform limits the whole.
        deadline = time.monotonic() + self.seconds_per_try
        response = httpx.post(self.callback_url, params=query, content=body, headers={"Content-Type": "text/xml"},
                              timeout=self.seconds_per_try, trust_env=False)
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
        return response

    def _shown(self, message_id: str, response: httpx.Response, number: int) -> Delivered:
        if response.status_code == httpx.codes.OK and response.text in ("", "success"):
            return Delivered(message_id, None, False, number)
        try:
            text = self.platform.read_answer(response.text, self.openid) if response.status_code == httpx.codes.OK else None
        except ValueError:
            text = None
        if text is None:
            self.show("system", UNAVAILABLE)
            return Delivered(message_id, None, True, number)
        self.show("account", text)
        return Delivered(message_id, text, False, number)


@dataclass(frozen=True, slots=True)
class Platform:
    """How the platform writes to one account: signature, XML, and the AES envelope when aes_key (43 characters) is given."""

    token: str
    app_id: str
    account: str = "gh_0123456789ab"
    aes_key: str = ""

    def message(self, openid: str, kind: str, message_id: str, elements: dict[str, str], created: int | None = None) -> str:
        """The plain XML of a callback."""
        numbers = f"<CreateTime>{int(time.time()) if created is None else created}</CreateTime>"
        inner = "".join(f"<{name}>{_cdata(value)}</{name}>" for name, value in {"MsgType": kind, **elements}.items())
        identity = f"<MsgId>{message_id}</MsgId>" if message_id else ""
        return (f"<xml><ToUserName>{_cdata(self.account)}</ToUserName><FromUserName>{_cdata(openid)}</FromUserName>"
                f"{numbers}{inner}{identity}</xml>")

    def query(self, timestamp: int | None = None, nonce: str = "") -> dict[str, str]:
        """A signed query string."""
        stamp, nonce = str(int(time.time()) if timestamp is None else timestamp), nonce or str(secrets.randbelow(10**9))
        return {"signature": _sha1(self.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}

    def sealed(self, xml: str, timestamp: int | None = None, nonce: str = "") -> tuple[dict[str, str], bytes]:
        """Query and body of one request."""
        query = self.query(timestamp, nonce)
        if not self.aes_key:
            return query, xml.encode()
        sealed = self.encrypted(xml)
        query |= {"encrypt_type": "aes", "msg_signature": _sha1(self.token, query["timestamp"], query["nonce"], sealed)}
        body = f"<xml><ToUserName>{_cdata(self.account)}</ToUserName><Encrypt>{_cdata(sealed)}</Encrypt></xml>"
        return query, body.encode()

    def encrypted(self, xml: str) -> str:
        content = xml.encode()
        plain = os.urandom(16) + struct.pack(">I", len(content)) + content + self.app_id.encode()
        fill = 32 - len(plain) % 32
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()).decode()

    def read_answer(self, answer: str, openid: str) -> str:
        """The text of a direct answer to this resident; ValueError when the platform would not take it."""
        try:
            fields = xmltodict.parse(answer)["xml"]
            if self.aes_key:
                fields = xmltodict.parse(self._opened(fields))["xml"]
            wanted = {"ToUserName": openid, "FromUserName": self.account, "MsgType": "text"}
            wrong = [name for name, value in wanted.items() if fields[name] != value]
            content = fields["Content"]
        except Exception as error:
            raise ValueError(f"not an answer the platform takes: {answer[:80]!r}") from error
        if wrong or not isinstance(content, str) or len(content.encode()) > TEXT_LIMIT_BYTES:
            raise ValueError(f"the answer's {', '.join(wrong) or 'Content'} is not what the platform takes")
        return content

    def _opened(self, fields: dict[str, str]) -> str:
        if _sha1(self.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"]) != fields["MsgSignature"]:
            raise ValueError("the answer's MsgSignature is wrong")
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(base64.b64decode(fields["Encrypt"])) + decryptor.finalize()
        plain = plain[16:-plain[-1]]
        length = struct.unpack(">I", plain[:4])[0]
        if plain[4 + length:].decode() != self.app_id:
            raise ValueError("the answer's AppID is wrong")
        return plain[4:4 + length].decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _cdata(text: str) -> str:
    return escape(text) if "]]>" in text else f"<![CDATA[{text}]]>"


def _openid() -> str:
    return "o" + secrets.token_hex(14)[:27]


def _refused(code: int) -> dict[str, Any]:
    return {"errcode": code, "errmsg": ERROR_WORDS.get(code, "refused")}


async def _json_body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
