"""kill -9 at the worst moments, with real processes: after the restart the answer is there, once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from eval.fake_wechat import SEND, STABLE, FakeWeChat, Phone
from tests.channels.wechat_bench import TOKEN

ROOT = Path(__file__).parent.parent.parent
QUIET_SECONDS = 2.5         # longer than every pause, lease and poll of the small server


@dataclass
class SmallServer:
    """The server of slow_answers.py on one port and one database, started as often as wanted."""

    folder: Path
    api_base: str
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def callback(self) -> str:
        return f"http://127.0.0.1:{self.port}/wechat"

    def start(self, answer_seconds: float) -> None:
        environment = {**os.environ, "DATABASE": str(self.folder / "small.sqlite3"), "API_BASE": self.api_base,
                       "ANSWER_SECONDS": str(answer_seconds), "CALL_SECONDS": "1.5"}
        command = [sys.executable, "-m", "uvicorn", "--factory", "tests.channels.slow_answers:create_app",
                   "--port", str(self.port), "--log-level", "warning"]
        self.processes.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        for _ in range(300):
            try:
                httpx.get(self.callback, trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the small server did not start")

    def kill(self) -> None:
        """As kill -9."""
        self.processes[-1].send_signal(signal.SIGKILL)
        self.processes[-1].wait()


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, wechat: FakeWeChat) -> Iterator[SmallServer]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    small = SmallServer(tmp_path, wechat.base_url, port)
    yield small
    for process in small.processes:
        process.kill()
        process.wait()


def phone_at(server: SmallServer, wechat: FakeWeChat) -> Phone:
    return wechat.phone(server.callback, TOKEN, seconds_per_try=2.0)


def pushed_once(phone: Phone) -> list[str]:
    """What was pushed, after the time in which a second copy would have come."""
    phone.wait_for_push(1, timeout=15)
    return phone.wait_for_push(2, timeout=QUIET_SECONDS)


def test_killed_while_answering_the_answer_is_pushed_once_after_the_restart(server: SmallServer, wechat: FakeWeChat) -> None:
    server.start(answer_seconds=60)
    phone = phone_at(server, wechat)
    assert phone.send_text("低保怎么申请").passive is None
    server.kill()
    server.start(answer_seconds=0)
    (text,) = pushed_once(phone)
    assert text.startswith("您问的是：低保怎么申请")


def test_killed_between_claim_and_call_the_answer_is_pushed_once_after_the_restart(
        server: SmallServer, wechat: FakeWeChat) -> None:
    wechat.script(STABLE, delay=1.2)                # the sender holds the message and waits for a token
    server.start(answer_seconds=0.7)
    phone = phone_at(server, wechat)
    assert phone.send_text("低保怎么申请").passive is None
    assert wechat.wait_for(lambda w: w.calls[STABLE] > 0, 10)
    server.kill()
    server.start(answer_seconds=0)
    assert len(pushed_once(phone)) == 1


def test_killed_before_the_platform_took_the_call_the_answer_is_pushed_once_after_the_restart(
        server: SmallServer, wechat: FakeWeChat) -> None:
    wechat.script(SEND, delay=1.2)
    server.start(answer_seconds=0.7)
    phone = phone_at(server, wechat)
    assert phone.send_text("低保怎么申请").passive is None
    assert wechat.wait_for(lambda w: w.calls[SEND] > 0, 10)
    server.kill()
    server.start(answer_seconds=0)
    assert len(pushed_once(phone)) == 1


def test_killed_during_a_callback_the_platforms_next_try_gets_the_answer(server: SmallServer, wechat: FakeWeChat) -> None:
    server.start(answer_seconds=0)
    phone = phone_at(server, wechat)
    server.kill()
    delivered = phone.send_text("低保怎么申请")
    assert (delivered.failed, delivered.tries) == (True, 3)
    server.start(answer_seconds=0)
    xml = phone.platform.message(phone.openid, "text", delivered.message_id, {"Content": "低保怎么申请"})
    query, body = phone.platform.sealed(xml)
    assert "您问的是" in httpx.post(server.callback, params=query, content=body, trust_env=False).text


def test_an_answer_given_directly_is_not_pushed_after_a_restart(server: SmallServer, wechat: FakeWeChat) -> None:
    server.start(answer_seconds=0)
    phone = phone_at(server, wechat)
    assert phone.send_text("低保怎么申请").passive is not None
    time.sleep(0.1)         # the answer's end is noted just after it was sent
    server.kill()
    server.start(answer_seconds=0)
    assert phone.wait_for_push(1, timeout=QUIET_SECONDS) == []
