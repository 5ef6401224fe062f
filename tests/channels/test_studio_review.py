"""The studio's review and corrections: a second editor approves, findings are shown, releases compared, documents withdrawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from bot.staff import Role
from knowledge.catalogue import Catalogue
from tests.channels.house import PASSWORD, House, house
from tests.channels.test_studio_pages import NAME, TEXT, _post, _upload

ID = "长民发〔2025〕7号"
SECOND = f"{ID}#第二条"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Two editors: the rule of the second person holds."""
    async with house(tmp_path) as found:
        await found.doors.knowledge.ensure_first_release(Catalogue.bundled(), found.clock())
        await found.doors.staff.add("赵编辑", PASSWORD, (Role.EDITOR,), at=found.clock())
        yield found


@pytest.fixture
async def client(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("陈编辑") as found:
        yield found


@pytest.fixture
async def second(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("赵编辑") as found:
        yield found


async def _published(client: AsyncClient, second: AsyncClient, text: str = TEXT) -> None:
    await _upload(client, (NAME, text.encode()))
    assert (await _post(second, "/studio/publish", note="新的")).status_code == 303


# -- review ------------------------------------------------------------------------------------------------------------


async def test_the_last_changer_is_told_that_another_editor_must_look(client: AsyncClient, home: House) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    page = (await client.get("/studio/draft")).text
    assert "最后是您改的，要由另一位编辑复核后才能发布" in page
    assert "复核通过</button>" not in page
    refused = await _post(client, "/studio/publish", note="自己发布")
    assert refused.status_code == 409
    assert "草稿最后是“陈编辑”改的" in refused.text
    assert home.changed == []


async def test_another_editor_approves_and_then_the_first_may_publish(client: AsyncClient, second: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    assert "最后是 陈编辑 改的，请您逐条看过" in (await second.get("/studio/draft")).text
    assert (await _post(second, "/studio/approve")).headers["location"] == "/studio/draft"
    assert "赵编辑在" in (await client.get("/studio/draft")).text
    assert (await _post(client, "/studio/publish", note="新的")).headers["location"] == "/studio/releases?done=2"
    assert "赵编辑复核" in (await client.get("/studio/releases")).text


async def test_nobody_approves_their_own_change(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    own = await _post(client, "/studio/approve")
    assert own.status_code == 409
    assert "要由另一个人复核" in own.text


async def test_a_reason_does_not_stand_in_for_the_second_editor_here(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    assert (await _post(client, "/studio/publish", note="新的", override="很急")).status_code == 409


async def test_with_one_editor_there_is_nobody_to_wait_for_and_the_release_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.doors.knowledge.ensure_first_release(Catalogue.bundled(), home.clock())
        async with home.signed_in("陈编辑") as client:
            await _upload(client, (NAME, TEXT.encode()))
            assert "不用第二个人复核" in (await client.get("/studio/draft")).text
            assert (await _post(client, "/studio/publish", note="新的")).status_code == 303
        assert "由操作员一人发布" in (await home.doors.knowledge.releases())[0].override


async def test_severe_findings_are_shown_and_need_a_reason(client: AsyncClient, second: AsyncClient, home: House) -> None:
    await _upload(client, (NAME, TEXT.encode()), in_force_until="2024-01-01")
    page = (await second.get("/studio/draft")).text
    assert "1 处严重" in page
    assert 'name="override"' in page
    refused = await _post(second, "/studio/publish", note="新的")
    assert refused.status_code == 409
    assert "检查发现 1 处严重问题" in refused.text
    assert (await _post(second, "/studio/publish", note="新的", override="明天改日期")).status_code == 303
    assert (await home.doors.knowledge.releases())[0].override == "明天改日期"


async def test_findings_name_place_and_mend_and_lead_there(client: AsyncClient) -> None:
    text = TEXT.replace("第二条 街道办事处", "第二条 违反本办法第九条的，街道办事处")
    await _upload(client, (NAME, text.encode()))
    page = (await client.get("/studio/findings")).text
    assert "提到《长宁区最低生活保障办法》第九条，那份文件里没有这一条" in page
    assert "/studio/clause?id=" in page
    assert "第九条" not in (await client.get("/studio/findings?shelf=release")).text


async def test_the_draft_shows_each_changed_clause(client: AsyncClient, second: AsyncClient) -> None:
    await _published(client, second)
    await _upload(client, (NAME, TEXT.replace("二十个工作日", "十五个工作日").encode()))
    assert "第二条 改：二十个工作日 → 十五个工作日" in (await client.get("/studio/draft")).text


# -- compare and withdraw ---------------------------------------------------------------------------------------------------


async def test_two_releases_are_compared(client: AsyncClient, second: AsyncClient) -> None:
    await _published(client, second)
    await _published(client, second, TEXT.replace("二十个工作日", "十五个工作日"))
    page = (await client.get("/studio/compare?before=2&after=3")).text
    assert "第二条 改：二十个工作日 → 十五个工作日" in page
    assert "两个版本的内容相同" in (await client.get("/studio/compare?before=3&after=draft")).text
    assert "/studio/compare?before=2&amp;after=3" in (await client.get("/studio/releases")).text


@pytest.mark.parametrize(("before", "said"), [("x", "“x”不是发布版的编号"), ("99", "没有第 99 版")])
async def test_a_release_that_is_none_cannot_be_compared(client: AsyncClient, before: str, said: str) -> None:
    response = await client.get("/studio/compare", params={"before": before, "after": "1"})
    assert response.status_code == 422
    assert said in response.text


async def test_a_withdrawn_document_is_gone_at_once(client: AsyncClient, second: AsyncClient, home: House) -> None:
    await _published(client, second)
    assert "马上撤下" in (await client.get("/studio/document", params={"id": ID})).text
    done = await _post(client, "/studio/withdraw", id=ID, note="标准有误")
    assert done.headers["location"] == "/studio/releases?done=3"
    assert home.changed == [1, 2]
    assert ID not in (await client.get("/studio")).text
    assert (await _post(client, "/studio/withdraw", id=ID, note="再来")).status_code == 404


# -- corrections -----------------------------------------------------------------------------------------------------------


async def test_a_clause_is_corrected_beside_the_imported_words(client: AsyncClient, second: AsyncClient) -> None:
    await _published(client, second)
    page = (await client.get("/studio/clause", params={"id": ID, "clause": SECOND})).text
    assert page.count("二十个工作日内办结审核确认") == 2
    words = "街道办事处应当自受理之日起二十个工作日内，办结审核确认。"
    done = await _post(client, "/studio/correct-clause", id=ID, clause=SECOND, text=words)
    assert done.headers["location"] == "/studio/draft"
    assert "第二条 改：增“，”" in (await client.get("/studio/draft")).text
    assert "已改正" in (await client.get("/studio/document", params={"id": ID, "shelf": "draft"})).text
    assert "原来导入的文字" in (await client.get("/studio/clause", params={"id": ID, "clause": SECOND})).text


async def test_empty_words_are_refused_and_an_unknown_clause_is_named(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    empty = await _post(client, "/studio/correct-clause", id=ID, clause=SECOND, text=" ")
    assert empty.status_code == 422
    assert "条款的文字不能为空" in empty.text
    assert (await client.get("/studio/clause", params={"id": ID, "clause": f"{ID}#第九条"})).status_code == 404


@pytest.mark.parametrize(("keep", "stays"), [("yes", "二十个工作日之内"), ("no", "十五个工作日内")])
async def test_a_correction_is_offered_again_when_the_document_changed(client: AsyncClient, keep: str, stays: str) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    words = "街道办事处应当自受理之日起二十个工作日之内办结审核确认。"
    await _post(client, "/studio/correct-clause", id=ID, clause=SECOND, text=words)
    await _upload(client, (NAME, TEXT.replace("二十个工作日", "十五个工作日").encode()))
    assert "重新导入后要决定的改正 1" in (await client.get("/studio/draft")).text
    page = (await client.get("/studio/clause", params={"id": ID, "clause": SECOND})).text
    assert "二十个工作日之内" in page
    assert "十五个工作日内" in page
    assert (await _post(client, "/studio/settle", id=ID, clause=SECOND, keep=keep)).status_code == 303
    assert "重新导入后要决定的改正" not in (await client.get("/studio/draft")).text
    assert stays in (await client.get("/studio/document", params={"id": ID, "shelf": "draft"})).text
    assert (await _post(client, "/studio/settle", id=ID, clause=SECOND, keep=keep)).status_code == 409


async def test_fields_are_shown_with_where_they_were_read_and_can_be_corrected(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    page = (await client.get("/studio/document", params={"id": ID, "shelf": "draft"})).text
    assert "文件头部“长民发〔2025〕7号”" in page
    assert "没有找到" in page
    done = await _post(client, "/studio/correct-document", id=ID, issuer="长宁区民政局", in_force_from="2025-04-01")
    assert done.headers["location"] == "/studio/draft"
    after = (await client.get("/studio/document", params={"id": ID, "shelf": "draft"})).text
    assert "2025年4月1日" in after
    assert "陈编辑于" in after


async def test_a_field_that_cannot_be_meant_is_quoted(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    wrong = await _post(client, "/studio/correct-document", id=ID, kind="poem")
    assert wrong.status_code == 422
    assert "文种“poem”不对" in wrong.text
    assert (await _post(client, "/studio/correct-document", id="没有的", title="x")).status_code == 404
