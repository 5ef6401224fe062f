"""The fake platform keeps the real one's rules: tokens, quotas, limits, retries; and does what a script tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import typer

from bot.settings import Settings
from eval.fake_wechat import CLASSIC, SEND, STABLE, TYPING, UNAVAILABLE, FakeWeChat, Phone, Platform
from eval.wechat_phone import Account, callback_address, perform

KEY = "k" * 43
RESIDENT = "oResident"


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        yield server


class Caller:
    """Calls the fake API as an account would."""

    def __init__(self, wechat: FakeWeChat) -> None:
        self.wechat = wechat

    def post(self, path: str, body: dict[str, Any], **query: str) -> httpx.Response:
        return httpx.post(self.wechat.base_url + path, content=json.dumps(body), params=query, trust_env=False)

    def stable(self, force: bool = False, secret: str = "") -> dict[str, Any]:
        body = {"appid": self.wechat.app_id, "secret": secret or self.wechat.app_secret, "force_refresh": force}
        return dict(self.post(STABLE, body).json())

    def send(self, text: str = "好", token: str = "") -> int:
        body = {"touser": RESIDENT, "msgtype": "text", "text": {"content": text}}
        return int(self.post(SEND, body, access_token=token or self.stable()["access_token"]).json()["errcode"])

    def typing(self) -> int:
        body = {"touser": RESIDENT, "command": "Typing"}
        return int(self.post(TYPING, body, access_token=self.stable()["access_token"]).json()["errcode"])


@pytest.fixture
def caller(wechat: FakeWeChat) -> Caller:
    return Caller(wechat)


# --- the API -------------------------------------------------------------------------------------------------------------------


def test_the_stable_token_stays_until_forced_or_over(wechat: FakeWeChat, caller: Caller) -> None:
    first = caller.stable()["access_token"]
    assert caller.stable()["access_token"] == first
    forced = caller.stable(force=True)["access_token"]
    assert forced != first
    assert (caller.send(token=first), caller.send(token=forced)) == (40001, 45015)
    wechat.advance(7200)
    assert caller.send(token=forced) == 42001
    assert caller.stable()["access_token"] != forced


def test_a_wrong_secret_gets_no_token(caller: Caller) -> None:
    assert caller.stable(secret="wrong")["errcode"] == 40125


def test_the_classic_token_ends_the_one_before(wechat: FakeWeChat, caller: Caller) -> None:
    query = {"appid": wechat.app_id, "secret": wechat.app_secret, "grant_type": "client_credential"}
    first, second = (httpx.get(wechat.base_url + CLASSIC, params=query, trust_env=False).json()["access_token"] for _ in range(2))
    assert caller.send(token=first) == 40001
    assert caller.send(token=second) == 45015


def test_five_messages_in_48_hours_after_a_message(wechat: FakeWeChat, caller: Caller) -> None:
    assert caller.send() == 45015
    wechat.heard_from(RESIDENT)
    assert [caller.send() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    wechat.heard_from(RESIDENT)
    wechat.advance(48 * 3600 - 1)
    assert caller.send() == 0
    wechat.advance(1)
    assert caller.send() == 45015


def test_three_messages_in_a_minute_after_a_scan_none_after_a_view_or_when_unfollowed(wechat: FakeWeChat, caller: Caller) -> None:
    wechat.heard_from(RESIDENT, "VIEW")
    assert caller.send() == 45015
    wechat.heard_from(RESIDENT, "SCAN")
    assert [caller.send() for _ in range(4)] == [0, 0, 0, 45047]
    wechat.heard_from(RESIDENT, "CLICK")
    wechat.advance(60)
    assert caller.send() == 45015
    wechat.heard_from(RESIDENT)
    wechat.heard_from(RESIDENT, "unsubscribe")
    assert caller.send() == 45015


@pytest.mark.parametrize(("text", "code"), [("好" * 682, 0), ("好" * 682 + "aa", 0), ("好" * 683, 45002)])
def test_a_text_has_at_most_2048_bytes(wechat: FakeWeChat, caller: Caller, text: str, code: int) -> None:
    wechat.heard_from(RESIDENT)
    assert caller.send(text) == code


def test_typing_is_shown_once_in_15_seconds_unless_a_message_ends_it(wechat: FakeWeChat, caller: Caller) -> None:
    wechat.heard_from(RESIDENT)
    assert [caller.typing(), caller.typing()] == [0, 45081]
    caller.send()
    assert caller.typing() == 0
    wechat.advance(15)
    assert caller.typing() == 0


def test_an_account_without_permission_may_not_push(wechat: FakeWeChat, caller: Caller) -> None:
    wechat.heard_from(RESIDENT)
    wechat.may_push = False
    assert caller.send() == 48001


def test_scripts_of_a_path_are_used_up_in_order(wechat: FakeWeChat, caller: Caller) -> None:
    wechat.heard_from(RESIDENT)
    token = caller.stable()["access_token"]
    wechat.script(SEND, errcode=-1, times=2)
    wechat.script(SEND, status=503)
    wechat.script(SEND, drop="before")
    wechat.script(SEND, drop="after")
    assert [caller.send(token=token) for _ in range(2)] == [-1, -1]
    assert caller.post(SEND, {}, access_token=token).status_code == 503
    for pushed in (0, 1):
        with pytest.raises(httpx.TransportError):
            caller.send("丢", token=token)
        assert wechat.texts().count("丢") == pushed
    assert caller.send(token=token) == 0


@pytest.mark.parametrize(("path", "drop", "message"), [("/nowhere", "", "'/nowhere' is not a path"), (SEND, "never", "'never'")])
def test_a_script_that_makes_no_sense_is_refused(wechat: FakeWeChat, path: str, drop: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wechat.script(path, drop=drop)


def test_a_port_in_use_is_named(wechat: FakeWeChat) -> None:
    port = int(wechat.base_url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match=str(port)):
        FakeWeChat(port=port).start()


# --- the phone -----------------------------------------------------------------------------------------------------------------


Answer = Callable[[dict[str, str], bytes], tuple[int, str]]


@contextmanager
def account(answer: Answer) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An account's server that answers by a function; yields its address and what it received."""
    received: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((query, body))
            status, text = answer(query, body)
            try:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())
            except OSError:
                received.append(({"gone": "1"}, b""))

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = False          # the answers end with the server

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/wechat", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def phone_for(wechat: FakeWeChat, address: str, **more: Any) -> Phone:
    return wechat.phone(address, "token", openid=RESIDENT, **more)


def plain_answer(text: str, to: str = RESIDENT) -> str:
    return (f"<xml><ToUserName>{to}</ToUserName><FromUserName>gh_0123456789ab</FromUserName><CreateTime>1</CreateTime>"
            f"<MsgType>text</MsgType><Content>{text}</Content></xml>")


def test_a_direct_answer_is_shown(wechat: FakeWeChat) -> None:
    with account(lambda query, body: (200, plain_answer("您好"))) as (address, received):
        phone = phone_for(wechat, address)
        delivered = phone.send_text("你好")
        assert (delivered.passive, delivered.tries, delivered.failed) == ("您好", 1, False)
        assert [(b.by, b.text) for b in phone.screen] == [("me", "你好"), ("account", "您好")]
        assert "你好".encode() in received[0][1]


@pytest.mark.parametrize("text", ["success", ""])
def test_success_or_nothing_shows_nothing(wechat: FakeWeChat, text: str) -> None:
    with account(lambda query, body: (200, text)) as (address, _):
        phone = phone_for(wechat, address)
        assert phone.send_text("你好").passive is None
        assert [b.by for b in phone.screen] == ["me"]


@pytest.mark.parametrize(("status", "text"), [
    (200, '{"errcode": 0}'), (200, plain_answer("x", to="oSomebodyElse")), (200, plain_answer("好" * 683)), (200, "<xml>"),
    (403, "no"), (404, "")])
def test_an_unusable_answer_shows_the_platforms_notice(wechat: FakeWeChat, status: int, text: str) -> None:
    with account(lambda query, body: (status, text)) as (address, received):
        phone = phone_for(wechat, address)
        assert phone.send_text("你好").failed
        assert phone.screen[-1].text == UNAVAILABLE
        assert len(received) == 1


def test_a_slow_server_is_asked_three_times_with_one_msgid_and_three_signatures(wechat: FakeWeChat) -> None:
    waited = threading.Event()

    def slow(query: dict[str, str], body: bytes) -> tuple[int, str]:
        waited.wait(0.3)
        return 200, plain_answer("太晚")

    with account(slow) as (address, received):
        phone = phone_for(wechat, address, seconds_per_try=0.1)
        delivered = phone.send_text("你好")
        waited.set()
    assert (delivered.failed, delivered.tries) == (True, 3)
    assert phone.screen[-1].text == UNAVAILABLE
    asked = [(query, body) for query, body in received if body]
    assert len(asked) == 3
    assert len({body for _, body in asked}) == 1
    assert len({query["signature"] for query, _ in asked}) == 3


def test_a_server_in_trouble_is_asked_again(wechat: FakeWeChat) -> None:
    statuses = iter([500, 503, 200])
    with account(lambda query, body: (next(statuses), "success")) as (address, _):
        assert phone_for(wechat, address).send_text("你好").tries == 3


def test_a_pushed_message_appears_on_the_screen(wechat: FakeWeChat, caller: Caller) -> None:
    with account(lambda query, body: (200, "success")) as (address, _):
        phone = phone_for(wechat, address)
        phone.send_text("你好")
        assert phone.wait_for_push(1, timeout=0.05) == []
        caller.send("来了")
        assert phone.wait_for_push(1) == ["来了"]
        assert [(b.by, b.text) for b in phone.screen][-1] == ("account", "来了")


def test_in_safe_mode_question_and_answer_are_sealed() -> None:
    platform = Platform("token", "wx1", "gh", KEY)
    query, body = platform.sealed(platform.message(RESIDENT, "text", "1", {"Content": "低保"}))
    assert query["encrypt_type"] == "aes"
    assert "低保".encode() not in body
    with pytest.raises(ValueError, match="not an answer"):
        platform.read_answer(plain_answer("明文"), RESIDENT)


# --- the simulator ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "holds"), [
    ("低保怎么办", "<![CDATA[低保怎么办]]>"), ("/follow tianshan", "qrscene_tianshan"), ("/follow", "subscribe"),
    ("/scan tianshan", "SCAN"), ("/menu office", "CLICK"), ("/voice 我想问", "Recognition"), ("/voice", "amr"),
    ("/image", "PicUrl"), ("/place 31.22 121.42", "31.22"), ("/unfollow", "unsubscribe")])
def test_each_line_of_the_simulator_becomes_a_callback(wechat: FakeWeChat, line: str, holds: str) -> None:
    with account(lambda query, body: (200, "success")) as (address, received):
        assert perform(phone_for(wechat, address), line) is not None
        assert holds in received[0][1].decode()


@pytest.mark.parametrize(("line", "message"), [
    ("/dance", "'/dance' is not a command"), ("/scan", "/scan tianshan"), ("/place here", "'here' is not a place")])
def test_a_line_nobody_understands_says_how_to_write_it(wechat: FakeWeChat, line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        perform(phone_for(wechat, "http://127.0.0.1:9/wechat"), line)


def test_an_empty_line_sends_nothing(wechat: FakeWeChat) -> None:
    assert perform(phone_for(wechat, "http://127.0.0.1:9/wechat"), "  ") is None


@pytest.mark.parametrize("given", ["http://127.0.0.1:8000", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/wechat"])
def test_the_callback_is_found_from_the_servers_address(given: str) -> None:
    assert callback_address(given) == "http://127.0.0.1:8000/wechat"


def test_what_is_no_address_is_quoted() -> None:
    with pytest.raises(typer.BadParameter, match=r"'127\.0\.0\.1:8000'"):
        callback_address("127.0.0.1:8000")


def test_the_simulator_takes_what_is_given_before_what_is_set() -> None:
    settings = Settings(wechat_token="set", wechat_app_id="wx1", wechat_app_secret="secret", wechat_aes_key=KEY)
    assert Account.of(settings, "given", None, None, "") == Account("given", "wx1", "secret", "")
    assert Account.of(settings, None, None, None, None).aes_key == KEY


def test_the_simulator_names_what_it_lacks() -> None:
    settings = Settings(wechat_token="", wechat_app_id="wx1", wechat_app_secret="")
    with pytest.raises(typer.BadParameter, match="--token, --app-secret missing"):
        Account.of(settings, None, None, None, None)
