"""The studio's page for a newer handbook: offered, conflicts side by side, chosen, merged into the draft and published."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient
from playwright.async_api import async_playwright, expect

from bot.staff import Role
from channels.studio.handbook_upgrade import announce_newer_handbook
from knowledge.catalogue import Catalogue
from knowledge.catalogue_files import bundled_text, from_json
from tests.channels.house import PASSWORD, House, house
from tests.channels.test_handbook_upgrade_command import GREETING, WHO, older_handbook
from tests.channels.test_pages_browser import ARGUMENTS, CHROMIUM, CONTRASTS, DESK, PHONE, SMALL_TARGETS, TOO_WIDE, Stage, _served
from tests.channels.test_studio_pages import _post

OURS = "侬好。回复“人工”找顾问。"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Two editors; release 1 is the handbook of an older program, release 2 has a greeting of the staff's own."""
    async with house(tmp_path) as found:
        knowledge, at = found.doors.knowledge, found.clock()
        await knowledge.ensure_first_release(Catalogue(older_handbook()), at)
        staff = older_handbook()
        staff["wordings.yaml"]["greeting"] = OURS
        await knowledge.set_catalogue(Catalogue(staff).content(), by="陈编辑", at=at)
        await knowledge.publish(note="自己的问候", by="赵编辑", at=at)
        await found.doors.staff.add("赵编辑", PASSWORD, (Role.EDITOR,), at=at)
        yield found


@pytest.fixture
async def client(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("陈编辑") as found:
        yield found


async def seen(client: AsyncClient) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', (await client.get("/studio/handbook")).text)
    assert found is not None
    return found[1]


async def draft_greeting(home: House) -> str:
    return (await home.doors.knowledge.load_draft()).catalogue.wordings["greeting"]


async def test_the_studio_says_that_a_newer_handbook_waits_until_it_is_in_the_draft(client: AsyncClient, home: House) -> None:
    for path in ("/studio", "/studio/draft"):
        page = (await client.get(path)).text
        assert "新版手册可合并</a>：3 处不同，其中 1 处冲突要决定" in page
    await _post(client, "/studio/handbook", seen=await seen(client), merge="yes", **{f"take:{GREETING}": "staff"})
    assert "新版手册可合并" not in (await client.get("/studio")).text


async def test_conflicts_stand_side_by_side_and_proposals_say_what_changes(client: AsyncClient) -> None:
    page = (await client.get("/studio/handbook")).text
    for words in ("冲突 1", "新增 1", "更新 1", "固定用语 · greeting", "原来的手册", "现在用的", "新版手册", OURS):
        assert words in page, words
    assert "救助项目 · 最低生活保障 · 谁能申请 · 正文" in page
    assert f'name="take:{GREETING}" value="staff"' in page
    assert f'name="keep:{WHO}"' in page


async def test_a_conflict_must_be_decided_before_the_merge_and_nothing_is_half_done(client: AsyncClient, home: House) -> None:
    refused = await _post(client, "/studio/handbook", seen=await seen(client), merge="yes")
    assert refused.status_code == 409
    assert "还有 1 处冲突没有决定" in refused.text
    assert (await home.doors.knowledge.draft()).is_empty


async def test_choices_are_kept_and_shown_with_who_made_them(client: AsyncClient, home: House) -> None:
    fields = {f"take:{GREETING}": "staff", f"keep:{WHO}": "yes"}
    done = await _post(client, "/studio/handbook", seen=await seen(client), **fields)
    assert done.headers["location"] == "/studio/handbook?kept=true"
    page = (await client.get("/studio/handbook?kept=true")).text
    assert "选择已经存下" in page
    assert page.count(" checked") == 2
    assert page.count("陈编辑 · ") == 2
    assert (await home.doors.knowledge.draft()).is_empty


@pytest.mark.parametrize(("side", "greeting"), [("staff", OURS), ("new", None)])
async def test_the_merged_handbook_goes_the_ordinary_way(
    client: AsyncClient, home: House, side: str, greeting: str | None
) -> None:
    done = await _post(client, "/studio/handbook", seen=await seen(client), merge="yes", **{f"take:{GREETING}": side})
    assert done.headers["location"] == "/studio/draft"
    page = (await client.get("/studio/draft")).text
    assert "最后是您改的，要由另一位编辑复核后才能发布" in page
    assert 'href="/studio/compare?before=2&amp;after=draft">逐项看</a>' in page
    assert (await draft_greeting(home)) == (greeting or from_json(bundled_text())["wordings.yaml"]["greeting"].strip())
    assert "已经合并进" in (await client.get("/studio/handbook")).text
    async with home.signed_in("赵编辑") as second:
        assert (await _post(second, "/studio/publish", note="新版手册")).status_code == 303
    assert "已经包含这一版软件附带的全部内容" in (await client.get("/studio/handbook")).text


async def test_a_mind_may_be_changed_until_it_is_published(client: AsyncClient, home: House) -> None:
    for side in ("new", "staff"):
        await _post(client, "/studio/handbook", seen=await seen(client), merge="yes", **{f"take:{GREETING}": side})
    assert await draft_greeting(home) == OURS
    assert len((await home.doors.knowledge.draft()).changes) == 1


async def test_a_page_that_is_out_of_date_changes_nothing(client: AsyncClient, home: House) -> None:
    refused = await _post(client, "/studio/handbook", seen="0" * 64, merge="yes", **{f"take:{GREETING}": "new"})
    assert refused.status_code == 409
    assert "手册又有变化，没有存下选择" in refused.text
    assert (await home.doors.knowledge.draft()).is_empty


async def test_a_form_without_its_token_is_refused(client: AsyncClient) -> None:
    assert (await client.post("/studio/handbook", data={"merge": "yes"})).status_code == 403


async def test_with_nothing_newer_the_page_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.doors.knowledge.ensure_first_release(Catalogue.from_content(bundled_text()), home.clock())
        async with home.signed_in("陈编辑") as client:
            assert "已经包含这一版软件附带的全部内容" in (await client.get("/studio/handbook")).text
            assert "新版手册可合并" not in (await client.get("/studio")).text
            late = await _post(client, "/studio/handbook", seen="x", merge="yes")
            assert (late.status_code, "没有新内容可以合并" in late.text) == (409, True)


async def test_the_log_says_at_start_what_waits(home: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="channels.studio"):
        await announce_newer_handbook(home.doors.knowledge)
    assert "2 处可以更新，1 处和您改过的内容冲突" in caplog.text


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
async def test_an_editor_chooses_in_a_browser_by_keyboard_and_on_a_phone(home: House) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            async with _served(home) as base:
                stage = Stage(home, browser, base, [])
                for size in (DESK, PHONE):
                    page = await stage.staff("陈编辑", size)
                    await page.get_by_role("link", name="新版手册可合并").click()
                    await expect(page.get_by_role("heading", name="手册更新")).to_be_visible()
                    assert await page.evaluate(TOO_WIDE) <= 0
                    assert await page.evaluate(CONTRASTS) == []
                mine = page.get_by_role("radio", name="保留现在的")
                await mine.focus()
                await page.keyboard.press("Space")
                await expect(mine).to_be_checked()
                await page.get_by_role("button", name="合并进草稿").click()
                await page.wait_for_url("**/studio/draft")
                await expect(page.get_by_text("修改一本通内容")).to_be_visible()
                small = [found for found in await page.evaluate(SMALL_TARGETS) if "radio" not in found]
                assert (small, stage.complaints) == ([], [])
        finally:
            await browser.close()
