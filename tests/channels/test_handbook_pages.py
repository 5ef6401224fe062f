"""The handbook read on the web without script, and written as one file and a PDF by one command."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pypdfium2
import pytest
from playwright.async_api import async_playwright, expect
from typer.testing import CliRunner

from channels import cli
from channels.commands import handbook as command
from channels.handbook.bound import bound_html
from channels.handbook.edition import Edition
from channels.handbook.printing import PrintingError, print_pdf, read_print
from knowledge.book import Book
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.programmes import Need
from tests.channels.house import House, house
from tests.channels.test_pages_browser import ARGUMENTS, CHROMIUM, CONTRASTS, DESK, PHONE, TOO_WIDE, Stage, _served

REGULATION = PolicyDocument(
    "上海市社会救助条例(2024-12-31)", "上海市社会救助条例", Kind.REGULATION, Rank.SHANGHAI_REGULATION, "上海市",
    in_force_from=date(2019, 5, 1),
)
ARTICLE = Clause(f"{REGULATION.document_id}#第十条", REGULATION, "第十条", "第十条的原文，一字不差。")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@cache
def knowledge() -> KnowledgeBase:
    return KnowledgeBase(1, "digest", Catalogue.bundled(), (ARTICLE,))


@asynccontextmanager
async def library(folder: Path, knowledge: KnowledgeBase, **changes: object) -> AsyncIterator[House]:
    """A house whose residents may read the handbook; its release 1 was published at the house's own time."""
    async with house(folder, knowledge_in_use=lambda: knowledge, clause=knowledge.clause, **changes) as home:
        await home.doors.knowledge.ensure_first_release(knowledge.catalogue, home.clock())
        yield home


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with library(tmp_path, knowledge()) as found:
        yield found


async def page_of(home: House, path: str, status: int = 200, **headers: str) -> str:
    async with home.visitor(**headers) as client:
        response = await client.get(path)
    assert response.status_code == status, response.text[:300]
    return response.text


def plain(page: str) -> str:
    """What a reader sees, without the space between."""
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", page)))


# ---- contents --------------------------------------------------------------------------------------------------------------


async def test_the_contents_lead_to_every_programme_with_one_line_on_each(home: House) -> None:
    page = await page_of(home, "/handbook")
    for programme in knowledge().catalogue.programmes.values():
        assert f'href="/handbook/{programme.id}"' in page
        assert re.sub(r"\s+", "", programme.summary) in plain(page)
    for path in ("processes", "resources", "contacts"):
        assert f'href="/handbook/{path}"' in page


async def test_the_first_page_of_the_chat_leads_to_the_contents(home: House) -> None:
    assert 'href="/handbook"' in await page_of(home, "/")


async def test_a_house_without_a_release_has_no_handbook_and_no_link_to_it(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        assert 'href="/handbook"' not in await page_of(home, "/")
        await page_of(home, "/handbook", status=404)


@pytest.mark.parametrize("path", ["", "/dibao", "/processes", "/resources", "/contacts"])
async def test_every_page_says_its_release_its_day_and_offers_a_person(home: House, path: str) -> None:
    page = await page_of(home, f"/handbook{path}")
    assert "第 1 版，2026年11月23日发布 · 按 2026年11月23日的政策写" in page
    assert 'value="人工"' in page
    assert "<script" not in page


# ---- a programme -----------------------------------------------------------------------------------------------------------


async def test_a_programme_page_has_everything_in_order(home: House) -> None:
    page = await page_of(home, "/handbook/dibao")
    programme = knowledge().catalogue.programmes["dibao"]
    titles = [f"<h2>{section.title}</h2>" for section in programme.sections]
    order = [page.index(piece) for piece in ("<h1>最低生活保障</h1>", *titles, 'id="sources"')]
    assert order == sorted(order)
    for piece in (programme.summary, programme.authority, "1690元（2026年7月1日起", *programme.judged):
        assert piece in page


@pytest.mark.parametrize("programme_id", sorted(knowledge().catalogue.programmes))
async def test_every_programme_can_be_read(home: House, programme_id: str) -> None:
    page = await page_of(home, f"/handbook/{programme_id}")
    assert page.count('role="img"') == 2
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert anchor in ids


async def test_materials_have_boxes_to_tick_and_say_when_they_are_needed(home: House) -> None:
    page = await page_of(home, "/handbook/dibao")
    materials = knowledge().catalogue.programmes["dibao"].materials
    assert page.count('<input type="checkbox">') == len(materials)
    assert "委托书和双方身份证 <small>（请别人代办时）</small>" in page


async def test_a_source_opens_its_clause_when_it_was_imported_and_else_stays_a_name(home: House) -> None:
    page = await page_of(home, "/handbook/dibao")
    addresses = {html.unescape(found) for found in re.findall(r'href="(/clause[^"]+)"', page)}
    assert len(addresses) == 1
    assert "第十条的原文，一字不差。" in await page_of(home, addresses.pop())
    assert "《中华人民共和国社会救助法》第十八条</li>" in page


@pytest.mark.parametrize("back", ["/handbook/dibao", "/handbook/dibao?on=2026-06-30"], ids=["today", "another day"])
async def test_a_clause_opened_from_the_handbook_leads_back_there_and_to_the_conversation(home: House, back: str) -> None:
    address = html.unescape(re.findall(r'href="(/clause[^"]+)"', await page_of(home, back))[0])
    clause = await page_of(home, address)
    assert f'href="{back}">‹ 回到一本通</a>' in clause
    assert 'href="/#latest">回到对话</a>' in clause


async def test_a_clause_opened_elsewhere_leads_back_to_the_conversation_only(home: House) -> None:
    address = f"/clause?id={quote(ARTICLE.clause_id)}"
    assert "回到一本通" not in await page_of(home, address)
    await page_of(home, f"{address}&back=https://elsewhere.example", status=422)


@pytest.mark.parametrize(
    ("confidence", "said"),
    [
        ("recalled", "可能是12338，请核实妇女维权热线"),
        ("reported", "12338妇女维权热线帮妇女维权；号码照2026年11月21日的公开信息"),
        ("official", "12338妇女维权热线帮妇女维权"),
    ],
)
async def test_how_sure_a_number_is_is_said_beside_it_on_the_page_and_in_print(
    tmp_path: Path, confidence: str, said: str
) -> None:
    content = json.loads(knowledge().catalogue.content())
    hotline = next(line for line in content["hotlines.yaml"] if line["number"] == "12338")
    hotline |= {"confidence": confidence, "checked_on": "2026-11-21", "purpose": "帮妇女维权", "name": "妇女维权热线"}
    other = KnowledgeBase(1, "other", Catalogue.from_content(json.dumps(content)))
    async with library(tmp_path, other) as home:
        on_page = plain(await page_of(home, "/handbook/contacts"))
    printed = plain(bound_html(Book(other, date(2026, 11, 23)), Edition(1, None, date(2026, 11, 23))))
    for text in (on_page, printed):
        assert said in text
        assert ("可能是12338" in text) == (confidence == "recalled")


async def test_the_flow_chart_has_its_text_beside_it(home: House) -> None:
    page = await page_of(home, "/handbook/dibao")
    assert "<svg" in page
    assert "<li>批准：" in page
    assert "<li>不批准：" in page


async def test_a_page_of_another_day_says_so(home: House) -> None:
    page = await page_of(home, "/handbook/dibao?on=2026-06-30")
    assert "这里说的是 2026年6月30日的政策，不是今天的。" in page
    assert "1690元" not in page


async def test_words_of_staff_are_shown_and_never_run(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    content = json.loads(knowledge().catalogue.content())
    content["programmes/dibao.yaml"]["summary"] = bad
    content["programmes/dibao.yaml"]["steps"] = [{"who": bad, "what": bad}] * 3
    content["programmes/dibao.yaml"]["materials"] = [bad]
    changed = KnowledgeBase(1, "other", Catalogue.from_content(json.dumps(content)))
    async with library(tmp_path, changed) as home:
        page = await page_of(home, "/handbook/dibao")
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/handbook/nix", 404, "一本通里没有这一项：nix。请从一本通的目录里选。"),
        ("/handbook?on=gestern", 422, "“on”不对（收到：gestern）。应该是：一个日期，例如：2026-11-21。"),
        ("/?ask=" + "a" * 501, 422, "一句要问的话，不超过 500 个字"),
    ],
)
async def test_a_wrong_address_says_what_is_wanted(home: House, path: str, status: int, said: str) -> None:
    assert said in await page_of(home, path, status=status)


# ---- search box and large type ---------------------------------------------------------------------------------------------


async def test_the_search_box_brings_the_question_to_the_chat_without_sending_it(home: House) -> None:
    page = await page_of(home, "/handbook/dibao")
    form = page[page.index('role="search"') - 60 :]
    assert 'method="get" action="/"' in form
    assert 'name="ask"' in form
    async with home.visitor() as client:
        chat = (await client.get("/", params={"ask": "退休工资<两千>够不够"})).text
    assert re.search(r"<textarea[^>]*autofocus>退休工资&lt;两千&gt;够不够</textarea>", chat)
    assert len(home.bot.inbox) == 0


async def test_large_type_is_chosen_on_a_page_and_comes_back_to_it(home: House) -> None:
    async with home.visitor() as client:
        response = await client.post("/look", data={"size": "elder", "back": "/handbook/dibao"})
        assert response.headers["location"] == "/handbook/dibao"
        page = (await client.get("/handbook/dibao")).text
    assert '<html lang="zh-CN" class="elder">' in page
    assert "flow-large" in page
    assert "flow-phone" not in page


@pytest.mark.parametrize("back", ["https://example.com/", "//example.com", "/handbook/../desk", "/desk"])
async def test_large_type_leads_nowhere_but_to_our_own_reading_pages(home: House, back: str) -> None:
    async with home.visitor() as client:
        assert (await client.post("/look", data={"size": "elder", "back": back})).status_code == 422


# ---- the bound book --------------------------------------------------------------------------------------------------------


@cache
def bound(**pages: int) -> str:
    book = Book(knowledge(), date(2026, 11, 23))
    return bound_html(book, Edition(1, date(2026, 11, 21), book.on), pages)


def test_the_bound_book_needs_nothing_beside_it() -> None:
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(", bound())
    addresses = set(re.findall(r'href="([^"#][^"]*)"', bound()))
    assert {address.split(":")[0] for address in addresses} <= {"tel"}


def test_the_bound_book_has_every_chapter_and_its_contents_lead_there() -> None:
    contents = bound()[bound().index('id="contents"') : bound().index('class="how-to-read"')]
    chapters = [*knowledge().catalogue.programmes, "processes", "resources", "contacts"]
    assert sorted(re.findall(r'href="#([^"]+)"', contents)) == sorted(chapters)
    for chapter in chapters:
        assert f'<h1 id="{chapter}">' in bound()


def test_every_link_inside_the_bound_book_arrives() -> None:
    ids = re.findall(r'\sid="([^"]+)"', bound())
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', bound())) <= set(ids)


def test_the_bound_book_says_release_and_day_on_its_cover() -> None:
    cover = bound()[: bound().index("<main")]
    assert "第 1 版，2026年11月21日发布 · 按 2026年11月23日的政策写" in cover


def test_contents_carry_the_page_numbers_of_a_print() -> None:
    assert re.search(r'href="#dibao"><span>最低生活保障</span><i></i><span class="at">37</span>', bound(dibao=37))


def test_running_heads_cannot_end_the_style() -> None:
    content = json.loads(knowledge().catalogue.content())
    content["programmes/dibao.yaml"]["name"] = '最低</style>"; } * { display: none'
    book = Book(KnowledgeBase(1, "other", Catalogue.from_content(json.dumps(content))), date(2026, 11, 23))
    text = bound_html(book, Edition(1, None, book.on))
    style = text[text.index("<style>") : text.index("</style>")]
    assert ".chapter-contacts { page: chapter-contacts; }" in style


# ---- the command -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YIBENTONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.build(), ["handbook", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_without_a_browser_the_command_writes_html_says_so_and_succeeds(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "browser_of_machine", lambda: None)
    code, out, err = run("--out", str(data / "book"), "--as-of", "2026-11-21", "--charts", "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["release"], told["as_of"]) == (1, "2026-11-21")
    assert "只写了网页版" in err
    kinds = [file["kind"] for file in told["files"]]
    assert kinds == ["html", *["svg"] * told["programmes"]]
    assert sorted(Path(file["path"]) for file in told["files"]) == sorted(p for p in (data / "book").rglob("*") if p.is_file())
    assert ElementTree.parse(data / "book" / "flow-charts" / "dibao.svg").getroot().get("role") == "img"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "taken"), "“taken” 是一个文件"),
        (("--out", "book", "--browser", "/no/such/browser"), "没有这个浏览器：“/no/such/browser”"),
        (("--out", "book", "--as-of", "gestern"), "“gestern” 不是日期"),
    ],
)
def test_wrong_usage_says_what_is_wanted(data: Path, arguments: tuple[str, ...], said: str) -> None:
    (data / "taken").write_text("", encoding="utf-8")
    code, _, err = run(*arguments)
    assert code == 2
    assert said in err.replace("\n", "")
    assert not (data / "book").exists()


def test_a_browser_that_fails_is_quoted_and_the_html_stays(data: Path) -> None:
    browser = data / "browser"
    browser.write_text("#!/bin/sh\necho no display today >&2\nexit 3\n", encoding="utf-8")
    browser.chmod(0o755)
    code, _, err = run("--out", str(data / "book"), "--browser", str(browser))
    assert code == 1
    assert "退出码 3" in err.replace("\n", "")
    assert "no display today" in err.replace("\n", " ")
    assert [path.name for path in (data / "book").iterdir()] == ["handbook.html"]


def test_a_browser_that_cannot_be_started_is_a_printing_error(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>", encoding="utf-8")
    with pytest.raises(PrintingError, match="打不开"):
        print_pdf(tmp_path / "page.html", tmp_path / "page.pdf", str(tmp_path))


@pytest.mark.browser
@needs_browser
def test_a_print_tells_on_which_page_a_link_arrives(tmp_path: Path) -> None:
    sheet = tmp_path / "一页.html"
    second = '<h1 id="dier" style="break-before: page">第二页</h1>'
    sheet.write_text(f'<meta charset="utf-8"><p><a href="#dier">去第二页</a></p>{second}', encoding="utf-8")
    found = print_pdf(sheet, tmp_path / "一页.pdf", str(CHROMIUM))
    assert (found.pages, found.begins["dier"]) == (2, 2)


@pytest.mark.browser
@needs_browser
def test_the_printed_book_has_chinese_text_heads_and_contents_with_true_page_numbers(data: Path) -> None:
    code, out, err = run("--out", str(data / "book"), "--as-of", "2026-11-21", "--json")
    assert code == 0, err
    pdf = data / "book" / "handbook.pdf"
    assert [file["kind"] for file in json.loads(out)["files"]] == ["html", "pdf"]
    begins = read_print(pdf).begins
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [re.sub(r"\s+", "", page.get_textpage().get_text_range()) for page in document]
        outline = [entry.get_title() for entry in document.get_toc()]
    programme = Catalogue.bundled().programmes["tekun"]
    page = begins["tekun"]
    assert f"{programme.name}" in texts[page - 1]
    assert re.search(rf"{programme.name}{page}(?!\d)", texts[1])
    assert "社会救助一本通" in texts[page]
    assert outline.count(programme.name) == 1
    with_misunderstandings = [p for p in knowledge().catalogue.programmes.values() if p.section(Need.MISUNDERSTANDINGS)]
    assert outline.count("常见误会") == len(with_misunderstandings)
    assert "1690" in texts[begins["dibao"] - 1]


# ---- in a browser ----------------------------------------------------------------------------------------------------------

CHART_CONTRASTS = """() => {
  const shine = (rgb) => {
    const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const part = rgb.slice(0, 3).map((c) => linear(c / 255));
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const fill = (node) => getComputedStyle(node).fill.match(/[\\d.]+/g).map(Number);
  const poor = [];
  for (const chart of document.querySelectorAll('svg.flow')) {
    if (!chart.getClientRects().length) { continue; }
    const grounds = [...chart.querySelectorAll('rect, path')];
    for (const text of chart.querySelectorAll('text')) {
      const at = text.getBoundingClientRect();
      const x = at.left + 1, y = (at.top + at.bottom) / 2;
      const under = grounds.filter((node) => {
        const box = node.getBoundingClientRect();
        return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
      }).pop();
      const [a, b] = [shine(fill(text)), shine(fill(under))].sort((p, q) => q - p);
      if ((a + 0.05) / (b + 0.05) < 4.5) { poor.push(text.textContent); }
    }
  }
  return poor;
}"""
SMALL = """() => [...document.querySelectorAll(
    'button, input[type=search], label:has(input), summary, .shelf a, .jump a, .calls li > a')]
  .filter((node) => node.offsetParent !== null && node.getBoundingClientRect().height < 43.5)
  .map((node) => node.outerHTML.slice(0, 80))"""
CHART_TYPE = """() => { const chart = [...document.querySelectorAll('svg.flow')].find((one) => one.getClientRects().length);
  return chart.getBoundingClientRect().width / chart.viewBox.baseVal.width * parseFloat(chart.getAttribute('font-size')); }"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with library(tmp_path, knowledge()) as home, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            async with _served(home) as base:
                found = Stage(home, browser, base, [])
                yield found
                await browser.close()
                assert found.complaints == []
        finally:
            await browser.close()


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), ({"width": 320, "height": 640}, "dark")],
    ids=["375", "375 dark", "1280", "320 dark"],
)
async def test_the_handbook_is_readable_and_easy_to_hit(stage: Stage, size: dict[str, int], scheme: str) -> None:
    page = await stage.visitor(size, color_scheme=scheme)
    for elder in (False, True):
        for path in ("", "/dibao", "/shiye", "/processes", "/resources", "/contacts"):
            await page.goto(f"{stage.base}/handbook{path}")
            where = f"{path} elder {elder}"
            assert await page.evaluate(CONTRASTS) == [], where
            assert await page.evaluate(CHART_CONTRASTS) == [], where
            assert await page.evaluate(SMALL) == [], where
            assert await page.evaluate(TOO_WIDE) <= 0, where
        await page.goto(f"{stage.base}/handbook/dibao")
        assert await page.evaluate(CHART_TYPE) >= (16 if elder else 11.5)
        await page.get_by_role("button", name="大字").click()
        await page.wait_for_url("**/handbook/dibao")


@pytest.mark.browser
@needs_browser
async def test_without_script_one_finds_a_programme_reads_it_and_asks(stage: Stage) -> None:
    page = await stage.visitor(PHONE, java_script_enabled=False)
    await page.goto(f"{stage.base}/")
    await page.get_by_role("link", name="一本通目录").click()
    await page.get_by_role("link", name="临时救助").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("临时救助")
    await page.get_by_role("link", name="怎么办理").click()
    await expect(page.get_by_role("img", name="临时救助怎么办：流程图")).to_be_visible()
    await page.get_by_label("还有不明白的，直接问").fill("能给多少钱")
    await page.get_by_role("button", name="去问").click()
    await expect(page.locator("#text")).to_have_value("能给多少钱")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".line.resident .bubble")).to_have_text("能给多少钱")


@pytest.mark.browser
@needs_browser
async def test_a_question_from_the_handbook_is_not_overwritten_by_an_old_draft(stage: Stage) -> None:
    page = await stage.visitor(PHONE)
    await page.goto(f"{stage.base}/")
    await page.locator("#text").fill("写了一半")
    await page.goto(f"{stage.base}/?ask=低保要带什么")
    await expect(page.locator("#text")).to_have_value("低保要带什么")
