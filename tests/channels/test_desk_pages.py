"""The desk: the queue by urgency, a case on one screen, and what happens when two advisors want it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient, Response

from bot.staff import Role
from tests.channels.fakes import ASSESSED, CRISIS
from tests.channels.house import PASSWORD, House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        yield found


@pytest.fixture
async def client(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("李顾问") as found:
        yield found


def _open_case(home: House) -> str:
    home.bot.conversations["a" * 32] = "c1"
    home.bot.add_line("c1", "resident", "我妈72岁，一个人住，退休金900块")
    home.bot.add_line("c1", "bot", ASSESSED.text, ASSESSED.as_dict())
    return home.queue.open("c1", "P2", "asked_for")


async def _act(client: AsyncClient, case_id: str, action: str, **form: str) -> Response:
    page = await client.get(f"/desk/cases/{case_id}")
    token = re.findall(r'name="form_token" value="([^"]+)"', page.text)[0]
    return await client.post(f"/desk/cases/{case_id}/{action}", data={"form_token": token, **form})


async def test_the_queue_shows_the_most_urgent_first_with_words_and_waiting_time(client: AsyncClient, home: House) -> None:
    home.queue.open("c1", "R", "always_possible", wish="问问补贴")
    home.clock.pass_by(hours=2, minutes=5)
    home.queue.open("c2", "S", "danger_suicide", wish="不想活了", subdistrict="", programmes=())
    page = (await client.get("/desk")).text
    assert page.index("不想活了") < page.index("问问补贴")
    for piece in ("危急", "说到不想活", "未知", "还看不出", "2 小时 5 分", "刚刚", "最低生活保障"):
        assert piece in page


async def test_an_empty_queue_says_so(client: AsyncClient) -> None:
    assert "现在没有待办的个案" in (await client.get("/desk")).text
    assert "您手上没有个案" in (await client.get("/desk?state=mine")).text


@pytest.mark.parametrize(("state", "shown"), [("waiting", {"甲", "乙"}), ("open", {"甲"}), ("mine", {"乙"}), ("closed", {"丙"})])
async def test_the_address_decides_which_cases_are_shown(client: AsyncClient, home: House, state: str, shown: set[str]) -> None:
    home.queue.open("c1", "R", "asked_for", wish="甲")
    home.queue.open("c2", "R", "asked_for", wish="乙", state="claimed", owner="李顾问")
    home.queue.open("c3", "R", "asked_for", wish="丙", state="closed")
    page = (await client.get(f"/desk?state={state}")).text
    assert {wish for wish in "甲乙丙" if f">{wish}</a>" in page} == shown


async def test_a_state_that_is_none_is_named(client: AsyncClient) -> None:
    response = await client.get("/desk?state=open;drop")
    assert response.status_code == 422
    assert "“state”不对（收到：open;drop）" in response.text


async def test_a_long_queue_comes_in_pages(client: AsyncClient, home: House) -> None:
    for number in range(51):
        home.queue.open(f"c{number}", "R", "asked_for")
    first, second = (await client.get("/desk")).text, (await client.get("/desk?page=2")).text
    assert (first.count("data-case="), second.count("data-case=")) == (50, 1)
    assert "下一页" in first
    assert "下一页" not in second
    assert "上一页" in second


async def test_the_table_alone_is_served_for_the_script(client: AsyncClient, home: House) -> None:
    _open_case(home)
    rows = (await client.get("/desk?rows=1")).text
    assert rows.lstrip().startswith("<table")
    assert "<html" not in rows


async def test_a_case_on_one_screen(client: AsyncClient, home: House) -> None:
    page = (await client.get(f"/desk/cases/{_open_case(home)}")).text
    for piece in (
        "我妈72岁，一个人住，退休金900块，能不能吃低保", "两个工作日内", "居民要求找顾问",
        "户籍：上海 江苏路街道", "居住：长宁 新泾镇",
        "可能符合", "存款有多少还不清楚。", "超出标准 86 元。", "要人判断：实际生活是否困难",
        'data-question="家里存款、理财一共大约有多少？"', "“退休金900块”", "已确认", "待确认", "不愿说：存款", "其他困难家庭",
        "户口簿", "有人住院时", "建立个案", '<u title="年龄">72岁</u>',
    ):
        assert piece in page
    assert "something_new" not in page


async def test_only_the_holder_can_answer_and_the_question_buttons_wait_for_that(client: AsyncClient, home: House) -> None:
    case_id = _open_case(home)
    before = (await client.get(f"/desk/cases/{case_id}")).text
    assert 'id="reply"' not in before
    assert re.search(r"data-question=[^>]+disabled", before)
    assert (await _act(client, case_id, "claim")).status_code == 303
    after = (await client.get(f"/desk/cases/{case_id}")).text
    assert 'id="reply"' in after
    assert not re.search(r"data-question=[^>]+disabled", after)
    assert "您在办，机器人不说话" in after


async def test_from_claim_to_close_everything_reaches_resident_and_timeline(client: AsyncClient, home: House) -> None:
    case_id = _open_case(home)
    await _act(client, case_id, "claim")
    await _act(client, case_id, "reply", text="您好，我姓李。\n请带户口簿来。")
    await _act(client, case_id, "note", text="电话里声音很轻")
    await _act(client, case_id, "close", outcome="helped", reason="已陪同提交申请")
    assert home.bot.lines["c1"][-1].author == "李顾问"
    assert home.bot.lines["c1"][-1].text == "您好，我姓李。\n请带户口簿来。"
    page = (await client.get(f"/desk/cases/{case_id}")).text
    for piece in ("接手", "回复了居民", "电话里声音很轻", "已得到帮助：已陪同提交申请", "已结案"):
        assert piece in page
    async with home.visitor(Cookie="yibentong_talk=" + "a" * 32) as resident:
        told = (await resident.get("/")).text
    assert "请带户口簿来" in told
    assert "声音很轻" not in told


async def test_released_the_case_waits_for_somebody_else(client: AsyncClient, home: House) -> None:
    case_id = _open_case(home)
    await _act(client, case_id, "claim")
    await _act(client, case_id, "release")
    page = (await client.get(f"/desk/cases/{case_id}")).text
    assert "我来接手" in page
    assert "放回待接手" in page


async def test_who_comes_second_is_told_who_was_first(client: AsyncClient, home: House) -> None:
    case_id = _open_case(home)
    async with home.signed_in("王顾问") as other:
        token = re.findall(r'name="form_token" value="([^"]+)"', (await client.get(f"/desk/cases/{case_id}")).text)[0]
        assert (await _act(other, case_id, "claim")).status_code == 303
        response = await client.post(f"/desk/cases/{case_id}/claim", data={"form_token": token})
    assert response.status_code == 409
    assert "已由 王顾问 接手，您的操作没有保存。" in response.text
    assert home.queue.cases[case_id].summary.owner == "王顾问"


async def test_a_reply_that_came_too_late_is_not_lost(client: AsyncClient, home: House) -> None:
    case_id = _open_case(home)
    await _act(client, case_id, "claim")
    token = re.findall(r'name="form_token" value="([^"]+)"', (await client.get(f"/desk/cases/{case_id}")).text)[0]
    await client.post(f"/desk/cases/{case_id}/release", data={"form_token": token})
    response = await client.post(f"/desk/cases/{case_id}/reply", data={"form_token": token, "text": "写了很久的回复"})
    assert response.status_code == 409
    assert "这个个案现在是“待接手”，您的操作没有保存。" in response.text
    assert "写了很久的回复" in response.text


@pytest.mark.parametrize(
    ("action", "form", "said"),
    [
        ("reply", {"text": "  \n "}, "还没有写内容"),
        ("note", {}, "还没有写内容"),
        ("close", {"outcome": "helped", "reason": " "}, "请选一个结案结果，并写一句原因"),
        ("close", {"outcome": "given_up", "reason": "写好的原因"}, "请选一个结案结果，并写一句原因"),
    ],
)
async def test_an_unfinished_form_says_what_is_missing(
    client: AsyncClient, home: House, action: str, form: dict[str, str], said: str
) -> None:
    case_id = _open_case(home)
    await _act(client, case_id, "claim")
    response = await _act(client, case_id, action, **form)
    assert response.status_code == 422
    assert said in response.text
    assert form.get("reason", "").strip() in response.text
    assert home.queue.cases[case_id].summary.state == "claimed"


async def test_a_case_elsewhere_and_a_case_that_is_none_look_the_same(client: AsyncClient, home: House) -> None:
    await home.doors.staff.add("新泾的顾问", PASSWORD, [Role.ADVISOR], ["北新泾街道"], at=home.clock())
    case_id = _open_case(home)
    async with home.signed_in("新泾的顾问") as elsewhere:
        refused = await elsewhere.get(f"/desk/cases/{case_id}")
        assert "data-case=" not in (await elsewhere.get("/desk")).text
    missing = await client.get("/desk/cases/none")
    assert (refused.status_code, missing.status_code) == (404, 404)
    assert "没有找到这个个案，或者它不在您负责的街镇" in refused.text
    assert refused.text == missing.text


async def test_transcript_and_timeline_are_served_alone_for_the_script(client: AsyncClient, home: House) -> None:
    live = (await client.get(f"/desk/cases/{_open_case(home)}?live=1")).text
    assert "<html" not in live
    assert live.count("data-part=") == 2


async def test_a_residents_markup_is_text_on_the_desk(client: AsyncClient, home: House) -> None:
    home.bot.add_line("c1", "resident", "<img src=x onerror=alert(1)>")
    home.bot.add_line("c1", "bot", CRISIS.text, CRISIS.as_dict())
    case_id = home.queue.open("c1", "S", "danger_suicide", {"wish": "<b>救命</b>"}, wish="<b>救命</b>")
    for page in ((await client.get(f"/desk/cases/{case_id}")).text, (await client.get("/desk")).text):
        assert "<img src=x" not in page
        assert "<b>救命" not in page
