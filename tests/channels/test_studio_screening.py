"""The studio's screening page: who may use it, counts, comparison, download, and what it never shows."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient, Response
from openpyxl import load_workbook

from knowledge.catalogue import Catalogue
from tests.channels.house import House, house

HEAD = "户编号,街镇,家里几口人,全家月收入,全家存款等,户口"
ROWS = ("P,江苏路街道,1,500,0,上海户口", "B,新泾镇,1,1670,0,上海户口")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        await found.doors.knowledge.ensure_first_release(Catalogue.bundled(), found.clock())
        yield found


@pytest.fixture
async def client(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("陈编辑") as found:
        yield found


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


async def sent(client: AsyncClient, *rows: str, **fields: str) -> Response:
    token = re.search(r'name="form_token" value="([^"]+)"', (await client.get("/studio/screening")).text)
    assert token is not None
    content = "\n".join((HEAD, *(rows or ROWS))).encode()
    wished = {"form_token": token[1], "programme": "dibao", "as_of": "2026-07-01", **fields}
    return await client.post("/studio/screening", data=wished, files={"file": ("家庭.csv", content, "text/csv")})


async def test_the_form_tells_which_columns_may_be_used(client: AsyncClient) -> None:
    page = (await client.get("/studio/screening")).text
    assert "household.monthly_income_yuan" in page
    assert "全家月收入" in page


async def test_a_file_is_counted_by_programme(client: AsyncClient) -> None:
    page = await sent(client)
    assert page.status_code == 200
    assert "读了 2 行，2 户" in page.text
    assert re.search(r'最低生活保障</th><td data-name="可能符合">2</td>', page.text)


async def test_two_days_are_compared(client: AsyncClient) -> None:
    page = await sent(client, as_of="2026-06-30", compare_to="2026-07-01")
    assert re.search(r'最低生活保障</th><td data-name="新符合">1</td>', page.text)


async def test_the_list_is_downloaded_and_not_kept_by_the_browser(client: AsyncClient) -> None:
    answer = await sent(client, act="download")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    sheet = load_workbook(io.BytesIO(answer.content))["名单"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["P", "B"]


async def test_nothing_of_the_file_stays_behind(client: AsyncClient, tmp_path: Path) -> None:
    before = files_below(tmp_path)
    await sent(client, act="download")
    assert files_below(tmp_path) == before


async def test_a_phone_number_in_a_wrong_cell_is_masked(client: AsyncClient) -> None:
    page = (await sent(client, "P,江苏路街道,13812345678,500,0,上海户口", ROWS[1])).text
    assert "没读进" in page
    assert "13812345678" not in page


@pytest.mark.parametrize(("fields", "said"), [
    ({"as_of": "七月"}, "七月"), ({"near": "许多"}, "许多"), ({"before": "x"}, "x"), ({"before": "99"}, "99"),
    ({"programme": "彩票"}, "彩票"),
])
async def test_a_field_that_cannot_be_meant_is_quoted(client: AsyncClient, fields: dict[str, str], said: str) -> None:
    page = await sent(client, **fields)
    assert page.status_code == 422
    assert said in re.search(r'role="alert">(.*?)</p>', page.text)[1]


async def test_a_file_without_known_columns_is_refused(client: AsyncClient) -> None:
    page = await client.get("/studio/screening")
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None
    files = {"file": ("家庭.csv", "甲,乙\n1,2".encode(), "text/csv")}
    answer = await client.post("/studio/screening", data={"form_token": token[1]}, files=files)
    assert answer.status_code == 422
    assert "没有一列认得出来" in answer.text


async def test_a_supervisor_may_screen_and_an_advisor_may_not(home: House) -> None:
    async with home.signed_in("周科长") as supervisor:
        page = await supervisor.get("/studio/screening")
        assert page.status_code == 200
        assert "/studio/upload" not in page.text
        assert 'href="/studio/screening"' in (await supervisor.get("/desk")).text
    async with home.signed_in("李顾问") as advisor:
        assert (await advisor.get("/studio/screening")).status_code == 403
