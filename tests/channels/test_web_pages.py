"""The residents' page without script: ask, read, open a clause, ask for a person."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from channels.templates import FOLDER
from tests.channels.fakes import ARTICLE, HOW_LONG
from tests.channels.house import House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        yield found


async def _say(client: AsyncClient, text: str, key: str = "key-00000001") -> str:
    response = await client.post("/", data={"text": text, "key": key})
    assert response.status_code == 303
    assert response.headers["location"] == "/#latest"
    return (await client.get("/")).text


async def test_the_first_page_with_its_style_and_script_weighs_at_most_60_kb(home: House) -> None:
    async with home.visitor() as client:
        page = (await client.get("/")).text
    files = [FOLDER / "web" / "static" / name for name in ("page.css", "page.js", "icon.svg")]
    assert len(page.encode()) + sum(file.stat().st_size for file in files) <= 60 * 1024


async def test_the_first_page_says_who_reads_what_is_written_and_always_offers_a_person(home: House) -> None:
    async with home.visitor() as client:
        page = (await client.get("/")).text
    assert "加密保存" in page
    assert 'value="人工"' in page
    assert page.index('value="人工"') < page.index("<main")


async def test_ask_and_read_without_script(home: House) -> None:
    async with home.visitor() as client:
        page = await _say(client, "低保审批要多久")
    pieces = ("低保审批要多久", HOW_LONG.headline, HOW_LONG.points[0], "第九条", HOW_LONG.next_steps[0])
    order = [page.index(piece) for piece in pieces]
    assert order == sorted(order)
    assert "程序自动回复" in page
    assert "按 2026年11月23日的政策" in page
    assert '<button name="say" value="要带什么材料" class="main">' in page
    assert page.count('class="source mark"') == 2


async def test_a_citation_opens_the_clause_with_the_quoted_words_marked(home: House) -> None:
    async with home.visitor() as client:
        page = await _say(client, "要多久")
        addresses = {html.unescape(found) for found in re.findall(r'href="(/clause[^"]+)"', page)}
        assert len(addresses) == 1
        clause = (await client.get(addresses.pop())).text
    for piece in ("长宁区最低生活保障审核确认办法", "长民发〔2025〕7号", "第九条", "2025年3月1日起", "第三章 审核确认"):
        assert piece in clause
    assert "<mark>自受理之日起二十个工作日内办结审核确认</mark>" in clause


async def test_a_clause_before_its_day_says_that_it_is_not_in_force(home: House) -> None:
    async with home.visitor() as client:
        page = (await client.get("/clause", params={"id": ARTICLE.clause_id, "on": "2025-02-28"})).text
        first_day = (await client.get("/clause", params={"id": ARTICLE.clause_id, "on": "2025-03-01"})).text
    assert "在 2025年2月28日，这一条没有生效或已经失效" in page
    assert "没有生效" not in first_day


@pytest.mark.parametrize(
    ("params", "status", "said"),
    [
        ({"id": "没有的"}, 404, "现在的政策库里没有这一条：没有的"),
        ({"id": ARTICLE.clause_id, "on": "2026-13-01"}, 422, "“on”不对（收到：2026-13-01）。应该是：一个日期，例如：2026-11-21"),
        ({}, 422, "“id”不对"),
    ],
)
async def test_a_wrong_clause_address_says_what_is_wanted(home: House, params: dict[str, str], status: int, said: str) -> None:
    async with home.visitor() as client:
        response = await client.get("/clause", params=params)
    assert response.status_code == status
    assert said in response.text


async def test_an_assessment_shows_reasons_missing_facts_and_never_a_bare_no(home: House) -> None:
    async with home.visitor() as client:
        page = await _say(client, "我妈72岁，一个人住")
    for piece in ("可能符合", "看起来不太符合", "还差一些信息", "超出标准 86 元。", "还想知道：存款"):
        assert piece in page
    assert "估算：690 元／月" in page
    assert "由户籍所在街镇审核确认" in page
    assert "请顾问再看一遍" in page
    assert page.count("收入 900 元，低于标准。") == 1
    assert 'class="yes"' in page
    assert 'class="no"' in page
    assert 'class="open"' in page


async def test_a_question_has_its_answers_as_buttons_once(home: House) -> None:
    async with home.visitor() as client:
        page = await _say(client, "我妈72岁，一个人住")
    assert page.count('value="一个人住"') == 1
    assert page.count('value="不清楚"') == 1


async def test_a_crisis_reply_dials(home: House) -> None:
    async with home.visitor() as client:
        page = await _say(client, "不想活了")
    assert 'class="card crisis"' in page
    assert 'href="tel:12356"' in page
    assert 'href="tel:110"' in page
    assert "24</a>" not in page


async def test_a_partial_answer_says_so(home: House) -> None:
    async with home.visitor() as client:
        assert "只查到一部分" in await _say(client, "部分")


async def test_a_form_sent_twice_is_one_message(home: House) -> None:
    async with home.visitor() as client:
        await _say(client, "要多久", "same-key-1")
        page = await _say(client, "要多久", "same-key-1")
    assert page.count('class="line resident"') == 1


async def test_a_tapped_button_wins_over_the_empty_box(home: House) -> None:
    async with home.visitor() as client:
        await client.post("/", data={"text": "", "say": "人工", "key": "key-00000002"})
        page = (await client.get("/")).text
    assert "已经请顾问来看" in page
    assert len(home.queue.cases) == 1


async def test_what_a_resident_writes_is_never_markup(home: House) -> None:
    async with home.visitor() as client:
        page = await _say(client, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


async def test_the_conversation_belongs_to_the_browser_and_survives_a_reload(home: House) -> None:
    async with home.visitor() as client, home.visitor() as other:
        first = await client.get("/")
        cookie = first.headers["set-cookie"].lower()
        assert re.search(r"yibentong_talk=[0-9a-f]{32};", cookie)
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        await _say(client, "要多久")
        again = await client.get("/")
        assert HOW_LONG.headline in again.text
        assert "set-cookie" not in again.headers
        assert HOW_LONG.headline not in (await other.get("/")).text


async def test_a_long_conversation_opens_with_its_newest_lines(home: House) -> None:
    async with home.visitor() as client:
        await _say(client, "最早的一句")
        conversation = next(iter(home.bot.conversations.values()))
        for number in range(60):
            home.bot.add_line(conversation, "resident", f"第{number}句")
        page = (await client.get("/")).text
        assert "看更早的 22 条" in page
        assert "最早的一句" not in page
        assert "最早的一句" in (await client.get("/?all=1")).text


async def test_large_type_is_kept_in_a_cookie(home: House) -> None:
    async with home.visitor() as client:
        assert 'class="elder"' not in (await client.get("/")).text
        await client.post("/look", data={"size": "elder"})
        assert 'class="elder"' in (await client.get("/")).text
        await client.post("/look", data={"size": "plain"})
        assert 'class="elder"' not in (await client.get("/")).text


async def test_an_advisors_words_carry_the_advisors_name(home: House) -> None:
    async with home.visitor() as client:
        await _say(client, "要多久")
        home.bot.add_line(next(iter(home.bot.conversations.values())), "李顾问", "您好，我来帮您看。")
        page = (await client.get("/")).text
    assert "社区救助顾问 李顾问" in page
    assert "机器人不插嘴" in page


async def test_pages_allow_nothing_foreign_and_nothing_inline(home: House) -> None:
    async with home.visitor() as client:
        response = await client.get("/")
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["cache-control"] == "no-store"
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src)", response.text)
        assert "://" not in re.sub(r'xmlns="[^"]+"', "", response.text)


async def test_static_files_are_kept_for_ever_by_their_digest(home: House) -> None:
    async with home.visitor() as client:
        page = (await client.get("/")).text
        address = re.findall(r'href="(/static/web/page\.css\?v=[0-9a-f]{12})"', page)[0]
        assert "immutable" in (await client.get(address)).headers["cache-control"]
        assert "immutable" not in (await client.get("/static/web/page.css")).headers["cache-control"]


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_form_of_another_site_says_nothing(home: House, headers: dict[str, str]) -> None:
    async with home.visitor() as client:
        response = await client.post("/", data={"text": "要多久", "key": "key-00000001"}, headers=headers)
    assert response.status_code == 403
    assert "从别的网站发来的" in response.text
    assert home.bot.inbox == {}


async def test_our_own_origin_is_let_in(home: House) -> None:
    async with home.visitor() as client:
        headers = {"Origin": "http://test", "Sec-Fetch-Site": "same-origin"}
        assert (await client.post("/", data={"text": "要多久", "key": "key-00000001"}, headers=headers)).status_code == 303


@pytest.mark.parametrize("address", ["/nothing", "/static/web/../../wording.yaml", "/static/web/%2e%2e/pages.py"])
async def test_an_address_we_do_not_have_is_a_page_that_leads_back(home: House, address: str) -> None:
    async with home.visitor() as client:
        response = await client.get(address)
    assert response.status_code == 404
    assert "回到首页" in response.text
