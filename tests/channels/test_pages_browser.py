"""The pages in a real browser: the whole line from question to advisor's reply, and what a phone of little means still can do."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from knowledge.catalogue import Catalogue
from tests.channels.fakes import HOW_LONG
from tests.channels.house import PASSWORD, House, house

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
PHONE = {"width": 375, "height": 780}
DESK = {"width": 1280, "height": 860}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]

CONTRASTS = """() => {
  const shine = (rgb) => {
    const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const part = rgb.slice(0, 3).map((c) => linear(c / 255));
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const colour = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] > 0.99) { return found; }
    }
    return [255, 255, 255, 1];
  };
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const box = node.getBoundingClientRect();
    if (!own || box.width < 2 || box.height < 2 || getComputedStyle(node).visibility === 'hidden' || node.disabled) { continue; }
    const [a, b] = [shine(colour(getComputedStyle(node).color)), shine(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) { poor.push(ratio.toFixed(2) + ' ' + node.className + ': ' + node.textContent.trim().slice(0, 20)); }
  }
  return poor;
}"""

SMALL_TARGETS = """() => [...document.querySelectorAll('button, input:not([type=hidden]), textarea, select, summary, .sources a')]
  .filter((node) => node.offsetParent !== null)
  .filter((node) => node.getBoundingClientRect().height < 43.5 || node.getBoundingClientRect().width < 43.5)
  .map((node) => node.outerHTML.slice(0, 80))"""

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Stage:
    """A running server over fakes, and a browser that looks at it."""

    home: House
    browser: Browser
    base: str
    complaints: list[str]

    async def visitor(self, size: dict[str, int], **options: Any) -> Page:
        """A browser of its own, whose errors are complaints of the test."""
        context: BrowserContext = await self.browser.new_context(viewport=size, locale="zh-CN", **options)  # type: ignore[arg-type]
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if "Content Security" in message.text else None)
        return page

    async def staff(self, name: str, size: dict[str, int] = DESK) -> Page:
        page = await self.visitor(size)
        await page.goto(f"{self.base}/sign-in")
        await page.get_by_label("用户名").fill(name)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await page.wait_for_url(lambda address: "/sign-in" not in address)
        return page


@asynccontextmanager
async def _served(home: House) -> AsyncIterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(home.app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with (
        house(tmp_path, stream_poll_seconds=0.2, stream_seconds=20.0, patience_seconds=(5.0, 10.0)) as home,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            async with _served(home) as base:
                found = Stage(home, browser, base, [])
                yield found
                await browser.close()
                assert found.complaints == []
        finally:
            await browser.close()


async def _ask(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.get_by_role("button", name="发送").click()


async def test_from_the_question_to_the_advisors_reply(stage: Stage) -> None:
    resident = await stage.visitor(PHONE)
    await resident.goto(f"{stage.base}/")
    await _ask(resident, "低保审批要多久")
    await expect(resident.locator(".headline", has_text=HOW_LONG.headline)).to_be_visible()
    await resident.locator(".sources .source").click()
    await expect(resident.locator(".panel mark")).to_have_text("自受理之日起二十个工作日内办结审核确认")
    await expect(resident.locator(".panel")).to_contain_text("长民发〔2025〕7号")
    await resident.locator("header").get_by_role("button", name="找顾问").click()
    await expect(resident.get_by_text("已经请顾问来看")).to_be_visible()

    advisor = await stage.staff("李顾问")
    await advisor.locator("td.wish a").first.click()
    await advisor.get_by_role("button", name="我来接手").click()
    await advisor.get_by_role("button", name="存款").click()
    await expect(advisor.get_by_label("回复居民")).to_have_value("家里存款、理财一共大约有多少？")
    await advisor.get_by_label("回复居民").fill("您好，我是李顾问，明天上午给您打电话。")
    await advisor.get_by_role("button", name="发送").click()

    card = resident.locator(".line.advisor")
    await expect(card).to_contain_text("明天上午给您打电话")
    await expect(card).to_contain_text("社区救助顾问 李顾问")
    await expect(resident.locator(".line.resident")).to_have_count(2)
    await _ask(resident, "好的，谢谢")
    await expect(resident.get_by_role("status")).to_contain_text("顾问正在看这段对话")
    await expect(advisor.locator(".lines .resident").last).to_contain_text("好的，谢谢", timeout=10_000)


async def test_without_script_one_can_ask_read_and_call_a_person(stage: Stage) -> None:
    page = await stage.visitor(PHONE, java_script_enabled=False)
    await page.goto(f"{stage.base}/")
    await _ask(page, "要多久")
    await expect(page.locator(".headline", has_text=HOW_LONG.headline)).to_be_visible()
    await page.locator(".sources .source").click()
    await expect(page.locator("mark")).to_be_visible()
    await page.get_by_role("link", name="回到对话").click()
    await page.locator("header").get_by_role("button", name="找顾问").click()
    await expect(page.get_by_text("已经请顾问来看")).to_be_visible()


async def test_the_conversation_is_still_there_after_a_reload(stage: Stage) -> None:
    page = await stage.visitor(PHONE)
    await page.goto(f"{stage.base}/")
    await _ask(page, "要多久")
    await expect(page.locator(".line.bot[data-id]")).to_have_count(1)
    await page.reload()
    await expect(page.locator(".line.resident")).to_have_text(["要多久"])
    await expect(page.locator(".line.bot[data-id]")).to_have_count(1)


async def test_a_message_written_without_network_is_sent_once_when_it_is_back(stage: Stage) -> None:
    page = await stage.visitor(PHONE)
    await page.goto(f"{stage.base}/")
    await page.context.set_offline(True)
    await _ask(page, "要多久")
    await expect(page.get_by_role("status")).to_contain_text("网络不好，正在重试")
    await expect(page.locator(".line.resident.pending")).to_have_text("要多久")
    await page.context.set_offline(False)
    await expect(page.locator(".headline", has_text=HOW_LONG.headline)).to_be_visible(timeout=10_000)
    await expect(page.locator(".line.resident")).to_have_count(1)
    assert len(stage.home.bot.inbox) == 1


async def test_a_draft_survives_a_reload(stage: Stage) -> None:
    page = await stage.visitor(PHONE)
    await page.goto(f"{stage.base}/")
    await page.locator("#text").fill("写了一半")
    await page.reload()
    await expect(page.locator("#text")).to_have_value("写了一半")


async def test_a_question_is_answered_by_one_tap(stage: Stage) -> None:
    page = await stage.visitor(PHONE)
    await page.goto(f"{stage.base}/")
    await _ask(page, "我妈72岁")
    await page.get_by_role("button", name="一个人住").click()
    await expect(page.locator(".line.resident .bubble").last).to_have_text("一个人住")
    await expect(page.locator(".line.bot[data-id]")).to_have_count(2)
    await expect(page.get_by_role("button", name="和我一起")).to_be_hidden()


async def test_large_type_by_one_tap_and_remembered(stage: Stage) -> None:
    page = await stage.visitor(PHONE)
    await page.goto(f"{stage.base}/")
    await page.get_by_role("button", name="大字").click()
    size = "() => getComputedStyle(document.body).fontSize"
    assert await page.evaluate(size) == "22px"
    await page.reload()
    assert await page.evaluate(size) == "22px"
    assert await page.evaluate("() => document.querySelector('.send').getBoundingClientRect().height") >= 56


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), ({"width": 320, "height": 640}, "light")],
    ids=["375", "375 dark", "1280", "320"],
)
async def test_the_residents_page_is_readable_and_easy_to_hit(stage: Stage, size: dict[str, int], scheme: str) -> None:
    page = await stage.visitor(size, color_scheme=scheme)
    await page.goto(f"{stage.base}/")
    for elder in (False, True):
        for number, text in enumerate(("要多久", "我妈72岁", "部分", "火星", "不想活了"), start=1):
            await _ask(page, text)
            await expect(page.locator(".line.bot[data-id]")).to_have_count(number + 5 * elder)
        await page.locator(".sources .source").last.click()
        await expect(page.locator(".panel .clause").last).to_be_visible()
        assert await page.evaluate(CONTRASTS) == []
        assert await page.evaluate(SMALL_TARGETS) == []
        assert await page.evaluate(TOO_WIDE) <= 0
        await page.locator("#look").click()


@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, DESK], ids=["390", "1280"])
async def test_desk_and_studio_are_readable_and_easy_to_hit(stage: Stage, size: dict[str, int]) -> None:
    home = stage.home
    home.bot.add_line("c1", "resident", "我妈72岁，退休金900块")
    case_id = home.queue.open("c1", "S", "danger_suicide", wish="很长很长的愿望" * 12)
    home.queue.open("c2", "P1", "urgent_need", subdistrict="仙霞新村街道")
    await home.doors.knowledge.ensure_first_release(Catalogue.bundled(), home.clock())
    page = await stage.staff("管理员", size)
    studio = ("/studio", "/studio/upload", "/studio/draft", "/studio/releases")
    for address in ("/desk", f"/desk/cases/{case_id}", "/desk?state=closed", *studio):
        await page.goto(stage.base + address)
        assert await page.evaluate(CONTRASTS) == [], address
        assert await page.evaluate(SMALL_TARGETS) == [], address
        assert await page.evaluate(TOO_WIDE) <= 0, address


async def test_the_desk_by_keyboard(stage: Stage) -> None:
    stage.home.queue.open("c1", "P1", "urgent_need", wish="第一件")
    stage.home.queue.open("c2", "R", "asked_for", wish="第二件")
    page = await stage.staff("李顾问")
    for key, wish in (("j", "第一件"), ("j", "第二件"), ("j", "第二件"), ("k", "第一件")):
        await page.keyboard.press(key)
        await expect(page.locator("tr.here")).to_contain_text(wish)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="我来接手").click()
    await expect(page.get_by_label("回复居民")).to_be_visible()
    await page.wait_for_load_state()
    await page.keyboard.press("n")
    await expect(page.get_by_label("备注")).to_be_focused()
    await page.get_by_label("备注").blur()
    await page.keyboard.press("r")
    await expect(page.get_by_label("回复居民")).to_be_focused()


async def test_a_new_urgent_case_shows_itself_in_an_open_queue(stage: Stage) -> None:
    page = await stage.staff("李顾问")
    await expect(page.get_by_text("现在没有待办的个案")).to_be_visible()
    stage.home.queue.open("c1", "S", "danger_suicide", wish="不想活了")
    await expect(page.locator("tr.S")).to_contain_text("不想活了", timeout=10_000)
    await expect(page.locator("#fresh")).to_have_text("有新的危急个案")


async def test_an_upload_is_published_from_the_studio(stage: Stage) -> None:
    await stage.home.doors.knowledge.ensure_first_release(Catalogue.bundled(), stage.home.clock())
    page = await stage.staff("陈编辑")
    await page.get_by_role("link", name="上传", exact=True).click()
    text = "长宁区某办法\n长民发〔2025〕7号\n\n第一条 为了做好工作，制定本办法。\n第二条 本办法自2025年3月1日起施行。\n"
    await page.locator("#file").set_input_files([{"name": "办法.txt", "mimeType": "text/plain", "buffer": text.encode()}])
    await page.get_by_role("button", name="传进草稿").click()
    await page.get_by_role("link", name="去看草稿，核对后发布").click()
    await page.get_by_label("发布说明").fill("新的办法")
    await page.get_by_text("发布第 2 版…").click()
    await page.get_by_role("button", name="确认发布").click()
    await expect(page.get_by_role("status")).to_have_text("第 2 版已经发布，现在按它回答。")
    assert stage.home.changed == [1]
