"""The studio, over a real knowledge base: upload, look, publish, roll back, remove."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response

from knowledge.catalogue import Catalogue
from tests.channels.house import House, house

NAME = "低保办法.txt"
TEXT = """长宁区最低生活保障办法
长民发〔2025〕7号

第一章 总则
第一条 为了做好最低生活保障工作，制定本办法。
第二条 街道办事处应当自受理之日起二十个工作日内办结审核确认。
第三条 本办法自2025年3月1日起施行。
"""


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        await found.doors.knowledge.ensure_first_release(Catalogue.bundled(), found.clock())
        yield found


@pytest.fixture
async def client(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("陈编辑") as found:
        yield found


async def _token(client: AsyncClient) -> str:
    return re.findall(r'name="form_token" value="([^"]+)"', (await client.get("/studio/upload")).text)[0]


async def _upload(client: AsyncClient, *files: tuple[str, bytes], **fields: str) -> Response:
    parts: list[tuple[str, Any]] = [("file", (name, content)) for name, content in files]
    return await client.post("/studio/upload", data={"form_token": await _token(client), **fields}, files=parts)


async def _post(client: AsyncClient, address: str, **form: str) -> Response:
    return await client.post(address, data={"form_token": await _token(client), **form})


async def test_before_any_upload_the_studio_says_what_residents_see(client: AsyncClient) -> None:
    assert "居民现在只看得到随软件附带的一本通" in (await client.get("/studio")).text
    assert "草稿里没有改动，和第 1 版一样" in (await client.get("/studio/draft")).text


async def test_an_upload_goes_into_the_draft_and_not_to_residents(client: AsyncClient) -> None:
    result = await _upload(client, (NAME, TEXT.encode()))
    assert result.status_code == 200
    assert "新增" in result.text
    assert "3 条" in result.text
    assert "草稿里有 1 处改动" in (await client.get("/studio")).text
    assert "长民发〔2025〕7号" not in (await client.get("/studio")).text
    assert "长民发〔2025〕7号" in (await client.get("/studio?shelf=draft")).text


async def test_each_file_has_its_own_result_with_the_reason_when_it_failed(client: AsyncClient) -> None:
    result = await _upload(client, (NAME, TEXT.encode()), ("坏的.pdf", b"%PDF-1.4 broken"), ("空的.txt", b""))
    assert result.text.count("没有导入</span>") == 2
    assert "“空的.txt”是空文件" in result.text
    assert "坏的.pdf" in result.text
    assert "新增" in result.text


async def test_the_form_wins_over_the_file(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()), title="另一个标题", kind="plan", region="全国", in_force_from="2026-01-01")
    page = (await client.get("/studio?shelf=draft")).text
    for piece in ("另一个标题", "工作要点", "全国", "2026年1月1日"):
        assert piece in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"in_force_from": "2025年3月1日"}, "“施行日期”里的“2025年3月1日”不是日期"),
        ({"kind": "poem"}, "没有“poem”这种文种"),
    ],
)
async def test_a_field_that_cannot_be_meant_is_quoted_and_the_rest_stays_written(
    client: AsyncClient, fields: dict[str, str], said: str
) -> None:
    result = await _upload(client, (NAME, TEXT.encode()), title="写好的标题", **fields)
    assert result.status_code == 422
    assert said in result.text
    assert 'value="写好的标题"' in result.text
    assert "草稿里没有改动" in (await client.get("/studio/draft")).text


async def test_no_file_and_one_title_for_two_files_are_refused(client: AsyncClient) -> None:
    assert "没有选文件" in (await _upload(client, title="x")).text
    two = await _upload(client, (NAME, TEXT.encode()), ("另一份.txt", TEXT.encode()), title="x")
    assert two.status_code == 422
    assert "选了 2 个文件，标题和文号不能都一样" in two.text


async def test_a_document_page_shows_its_clauses_and_facts(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    page = (await client.get("/studio/document", params={"id": "长民发〔2025〕7号", "shelf": "draft"})).text
    for piece in ("第一章 总则", "第二条", "二十个工作日内办结", "2025年3月1日", NAME, "施行中"):
        assert piece in page
    missing = await client.get("/studio/document", params={"id": "没有的"})
    assert missing.status_code == 404
    assert "政策库里没有这份文件：没有的" in missing.text


async def test_publishing_needs_a_sentence_makes_a_release_and_tells_the_product(client: AsyncClient, home: House) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    without = await _post(client, "/studio/publish", note="  ")
    assert without.status_code == 422
    assert "请写一句发布说明" in without.text
    assert home.changed == []
    done = await _post(client, "/studio/publish", note="新的低保办法")
    assert done.headers["location"] == "/studio/releases?done=2"
    assert home.changed == [1]
    page = (await client.get("/studio/releases?done=2")).text
    for piece in ("第 2 版已经发布", "新的低保办法", "陈编辑", "现在用的"):
        assert piece in page
    assert "长民发〔2025〕7号" in (await client.get("/studio")).text


async def test_an_empty_draft_is_not_published(client: AsyncClient, home: House) -> None:
    response = await _post(client, "/studio/publish", note="什么都没有")
    assert response.status_code == 409
    assert home.changed == []
    assert len(await home.doors.knowledge.releases()) == 1


async def test_rolling_back_publishes_the_old_content_again(client: AsyncClient, home: House) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    await _post(client, "/studio/publish", note="新的")
    done = await _post(client, "/studio/rollback", number="1")
    assert done.headers["location"] == "/studio/releases?done=3"
    assert home.changed == [1, 2]
    assert "长民发〔2025〕7号" not in (await client.get("/studio")).text


@pytest.mark.parametrize(
    ("number", "status", "said"), [("x", 422, "“x”不是发布版的编号"), ("", 422, "不是发布版的编号"), ("99", 409, "99")]
)
async def test_a_release_that_is_none_is_quoted(client: AsyncClient, home: House, number: str, status: int, said: str) -> None:
    response = await _post(client, "/studio/rollback", number=number)
    assert response.status_code == status
    assert said in response.text
    assert home.changed == []


async def test_a_release_that_cannot_be_brought_into_use_is_told_and_not_hidden(tmp_path: Path) -> None:
    async def fails() -> None:
        raise RuntimeError("no room for the index")

    async with house(tmp_path, release_changed=fails) as home:
        await home.doors.knowledge.ensure_first_release(Catalogue.bundled(), home.clock())
        async with home.signed_in("陈编辑") as client:
            await _upload(client, (NAME, TEXT.encode()))
            response = await _post(client, "/studio/publish", note="新的")
        assert response.status_code == 500
        assert "第 2 版已经发布，但还没有换上" in response.text
        assert len(await home.doors.knowledge.releases()) == 2


async def test_a_removed_document_leaves_with_the_next_release(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    await _post(client, "/studio/publish", note="新的")
    assert (await _post(client, "/studio/remove", id="长民发〔2025〕7号")).headers["location"] == "/studio/draft"
    assert "删除《长宁区最低生活保障办法》" in (await client.get("/studio/draft")).text
    assert "长民发〔2025〕7号" in (await client.get("/studio")).text
    await _post(client, "/studio/publish", note="拿掉")
    assert "长民发〔2025〕7号" not in (await client.get("/studio")).text
    assert (await _post(client, "/studio/remove", id="长民发〔2025〕7号")).status_code == 404


async def test_a_discarded_draft_is_empty(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    await _post(client, "/studio/discard")
    assert "草稿里没有改动" in (await client.get("/studio/draft")).text


async def test_documents_are_found_by_title_and_number(client: AsyncClient) -> None:
    await _upload(client, (NAME, TEXT.encode()))
    for wanted, found in (("生活保障", True), ("〔2025〕7", True), ("廉租房", False)):
        page = (await client.get("/studio", params={"shelf": "draft", "q": wanted})).text
        assert ("/studio/document?id=" in page) is found
    assert "没有标题或文号里有“廉租房”的文件" in page


async def test_an_upload_without_session_or_token_changes_nothing(home: House, client: AsyncClient) -> None:
    files = [("file", (NAME, TEXT.encode()))]
    async with home.visitor() as stranger:
        assert (await stranger.post("/studio/upload", files=files)).status_code == 401
    assert (await client.post("/studio/upload", files=files)).status_code == 403
    async with home.signed_in("李顾问") as advisor:
        assert (await advisor.post("/studio/upload", files=files)).status_code == 403
    assert "草稿里没有改动" in (await client.get("/studio/draft")).text


async def test_an_upload_may_be_as_large_as_the_setting_says_and_no_larger(tmp_path: Path) -> None:
    async with house(tmp_path) as home, home.signed_in("陈编辑") as client:
        token = await _token(client)
        send = partial(client.post, "/studio/upload", data={"form_token": token})
        fits = await send(files=[("file", ("大.bin", b"\0" * (20 * 1024 * 1024)))])
        assert fits.status_code == 200
        assert "没有导入" in fits.text
        over = await send(files=[("file", ("更大.bin", b"\0" * (21 * 1024 * 1024)))])
        assert over.status_code == 413
        assert "20 MB" in over.text
