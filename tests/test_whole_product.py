"""The product as it is started: one command, real HTTP, a real browser, a real kill."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from eval.fake_wechat import FakeWeChat

ROOT = Path(__file__).parent.parent
TOKEN = "test-token"
CHROMIUM = shutil.which("chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Served:
    """`yibentong serve` on one data folder, started as often as wanted."""

    folder: Path
    api_base: str
    port: int
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {
            **os.environ,
            "YIBENTONG_DATA_DIR": str(self.folder),
            "YIBENTONG_EMBEDDING": "none",
            "YIBENTONG_PORT": str(self.port),
            "YIBENTONG_WECHAT_APP_ID": "wx0123456789abcdef",
            "YIBENTONG_WECHAT_APP_SECRET": "f" * 32,
            "YIBENTONG_WECHAT_TOKEN": TOKEN,
            "YIBENTONG_WECHAT_API_BASE": self.api_base,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", "from channels.cli import main; main()", "serve"],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        assert process.stdout is not None
        threading.Thread(target=self._read, args=(process,), daemon=True).start()
        for _ in range(600):
            try:
                if httpx.get(f"{self.address}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the product did not start; it printed {self.printed}")

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.printed.extend(line.rstrip() for line in process.stdout)

    def kill(self) -> None:
        """As kill -9."""
        self.processes[-1].send_signal(signal.SIGKILL)
        self.processes[-1].wait()

    def has_stored(self, messages: int) -> bool:
        """Are at least so many messages in the inbox?"""
        with closing(sqlite3.connect(self.folder / "yibentong.sqlite3")) as database:
            (count,) = database.execute("SELECT count(*) FROM inbox").fetchone()
        return bool(count >= messages)

    @property
    def password(self) -> str:
        for _ in range(100):
            found = re.search(r"密码（只显示这一次）：(\S+)", "\n".join(self.printed))
            if found:
                return found[1]
            time.sleep(0.05)
        raise AssertionError(f"no first sign-in was printed: {self.printed}")


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        yield server


@pytest.fixture
def served(tmp_path: Path, wechat: FakeWeChat) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    product = Served(tmp_path, wechat.base_url, port)
    product.start()
    yield product
    for process in product.processes:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_the_first_start_prints_addresses_and_a_sign_in_and_the_second_no_password(served: Served) -> None:
    assert served.password
    assert any(line.endswith("/desk") for line in served.printed)
    served.kill()
    served.printed.clear()
    served.start()
    assert not any("密码" in line for line in served.printed)


def test_a_wechat_question_is_answered_directly(served: Served, wechat: FakeWeChat) -> None:
    phone = wechat.phone(f"{served.address}/wechat", TOKEN)
    delivered = phone.send_text("低保审批一般要多久？")
    assert delivered.passive is not None
    assert "20个工作日" in delivered.passive
    assert len(delivered.passive.encode()) <= 2048


@pytest.mark.parametrize("pause", [0.0, 0.004, 0.012, 0.03])
def test_killed_while_a_wechat_message_is_under_way_the_resident_gets_one_answer(
    served: Served, wechat: FakeWeChat, pause: float
) -> None:
    phone = wechat.phone(f"{served.address}/wechat", TOKEN, seconds_per_try=2.0)
    phone.send_text("你好")
    shown = len(phone.screen)
    sending = threading.Thread(target=phone.send_text, args=("低保审批一般要多久？",))
    sending.start()
    time.sleep(pause)
    served.kill()
    sending.join()
    served.start()
    if not any("20个工作日" in bubble.text for bubble in phone.screen[shown:]) and served.has_stored(2):
        phone.wait_for_push(1, timeout=15)
    time.sleep(1.5)  # the time in which a second copy would come
    answers = [bubble for bubble in phone.screen[shown:] if "20个工作日" in bubble.text]
    # Killed before the message was stored, no try of the platform reached us: the resident sees that and asks again.
    assert len(answers) == (1 if served.has_stored(2) else 0)
    if not answers:
        assert phone.send_text("低保审批一般要多久？").passive is not None


def test_bad_messages_get_an_answer_and_nothing_breaks(served: Served) -> None:
    with httpx.Client(base_url=served.address, trust_env=False, headers={"Origin": served.address}) as client:

        def say(text: str, key: str) -> httpx.Response:
            return client.post("/api/v1/messages", json={"text": text, "key": key})

        assert say("", "empty-message-1").json()["status"] == "clarify_empty"
        assert say("低" * 10_000, "long-message-1").json()["status"] == "clarify_too_long"
        assert say("\x00\x01\ufffe低保\u202e怎么申请", "control-message-1").status_code == 200
        typed = {"Content-Type": "application/json"}
        assert client.post("/api/v1/messages", content=b"\xff\xfe\x00", headers=typed).status_code == 400
        assert client.post("/api/v1/messages", content=b"x" * 70_000, headers=typed).status_code == 413
        forged = {"signature": "x", "timestamp": "1", "nonce": "2"}
        assert client.post("/wechat", content=b"<xml>", params=forged).status_code == 403
        assert say("低保审批一般要多久？", "good-message-1").json()["status"] == "answered"


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_from_a_question_to_an_advisors_answer(served: Served, tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    pictures = Path(os.environ.get("SCREENSHOTS", tmp_path))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        phone = browser.new_context(viewport={"width": 375, "height": 740}).new_page()
        desk = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()

        phone.goto(served.address)
        phone.get_by_role("textbox").fill("我妈72岁，一个人住，退休金一个月900块，没存款，上海户口，住在新泾镇")
        phone.keyboard.press("Enter")
        expect(phone.get_by_text("看来可以去申请").first).to_be_visible()
        phone.get_by_role("textbox").fill("低保审批一般要多久？")
        phone.keyboard.press("Enter")
        expect(phone.get_by_text("20个工作日").first).to_be_visible()
        phone.screenshot(path=pictures / "resident-375.png", full_page=True)
        phone.locator(".card").last.locator("a.source:not(.mark)").first.click()
        expect(phone.locator(".clause mark").first).to_contain_text("20个工作日")
        phone.screenshot(path=pictures / "clause-375.png")
        phone.goto(served.address)
        phone.get_by_role("button", name="找顾问").first.click()
        expect(phone.get_by_text("已经转给社区救助顾问").first).to_be_visible()

        desk.goto(f"{served.address}/desk")
        desk.get_by_label("用户名").fill("admin")
        desk.get_by_label("密码").fill(served.password)
        desk.get_by_role("button", name="登录").click()
        expect(desk.get_by_text("新泾镇").first).to_be_visible()
        desk.screenshot(path=pictures / "queue-1280.png")
        desk.get_by_role("link", name=re.compile("我妈72岁")).first.click()
        expect(desk.get_by_text("没存款").first).to_be_visible()
        desk.get_by_role("button", name=re.compile("我来")).first.click()
        desk.get_by_label(re.compile("回复居民")).fill("阿姨您好，我是新泾镇的救助顾问，明天上午给您打电话。")
        desk.get_by_role("button", name="发送").click()
        expect(desk.get_by_text("明天上午给您打电话").first).to_be_visible()
        desk.screenshot(path=pictures / "case-1280.png", full_page=True)

        expect(phone.get_by_text("明天上午给您打电话").first).to_be_visible(timeout=15_000)
        phone.screenshot(path=pictures / "answer-375.png", full_page=True)
        browser.close()
