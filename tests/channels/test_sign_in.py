"""Sign-in: who comes in, how long, and what a foreign page cannot do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.sign_in import COOKIE, local_path
from channels.wording import WORDING
from tests.channels.house import PASSWORD, House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        yield found


async def test_without_sign_in_a_page_leads_to_the_sign_in_and_back(home: House) -> None:
    async with home.visitor() as client:
        response = await client.get("/desk?state=mine")
        assert response.status_code == 303
        assert response.headers["location"] == "/sign-in?next=%2Fdesk%3Fstate%3Dmine"
        page = await client.get(response.headers["location"])
        assert 'value="/desk?state=mine"' in page.text
        form = {"name": "李顾问", "password": PASSWORD, "next": "/desk?state=mine"}
        assert (await client.post("/sign-in", data=form)).headers["location"] == "/desk?state=mine"
        assert (await client.get("/desk?state=mine")).status_code == 200


@pytest.mark.parametrize(
    ("name", "room"), [("李顾问", "/desk"), ("周科长", "/desk"), ("陈编辑", "/studio"), ("管理员", "/desk")]
)
async def test_everybody_lands_in_the_room_that_is_open_to_them(home: House, name: str, room: str) -> None:
    async with home.visitor() as client:
        response = await client.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert response.headers["location"] == room
        assert (await client.get(room)).status_code == 200
        assert (await client.get("/sign-in")).headers["location"] == room


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(home: House) -> None:
    async with home.visitor() as client:
        response = await client.post("/sign-in", data={"name": "李顾问", "password": PASSWORD})
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "max-age=43200" in cookie


async def test_unknown_name_wrong_password_and_a_locked_account_get_the_same_page(home: House) -> None:
    async with home.visitor() as client:
        pages = []
        wrong = [("李顾问", "wrong")] * 5
        for name, password in (("没有这个人", PASSWORD), *wrong, ("李顾问", PASSWORD)):
            response = await client.post("/sign-in", data={"name": name, "password": password})
            assert response.status_code == 401
            pages.append(response.text.replace(name, ""))
        assert len(set(pages)) == 1
        assert WORDING["sign_in_failed"] in pages[0]
        home.clock.pass_by(minutes=15)
        assert (await client.post("/sign-in", data={"name": "李顾问", "password": PASSWORD})).status_code == 303


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("/desk", True), ("/desk/cases/1?x=2", True), ("//evil.example", False), ("https://evil.example", False),
        ("/\\evil.example", False), ("/desk\nSet-Cookie: a=b", False), ("desk", False), ("", False),
        ("javascript:alert(1)", False),
    ],
)
def test_after_sign_in_only_paths_of_ours_are_gone_to(address: str, ours: bool) -> None:
    assert local_path(address) is ours


async def test_a_foreign_target_is_replaced_by_the_own_room(home: House) -> None:
    async with home.visitor() as client:
        form = {"name": "李顾问", "password": PASSWORD, "next": "//evil.example/desk"}
        assert (await client.post("/sign-in", data=form)).headers["location"] == "/desk"


async def test_a_session_ends_with_its_hours(home: House) -> None:
    async with home.signed_in("李顾问") as client:
        home.clock.pass_by(hours=11, minutes=59)
        assert (await client.get("/desk")).status_code == 200
        home.clock.pass_by(minutes=1)
        assert (await client.get("/desk")).status_code == 303


async def test_a_session_ends_with_a_new_password(home: House) -> None:
    async with home.signed_in("李顾问") as client:
        await home.doors.staff.set_password("李顾问", "another password")
        assert (await client.get("/desk")).status_code == 303


async def test_a_changed_cookie_is_nobody(home: House) -> None:
    async with home.signed_in("李顾问") as client:
        value = client.cookies[COOKIE]
        client.cookies.clear()
        client.cookies.set(COOKIE, value[:-2] + ("aa" if value[-2:] != "aa" else "bb"))
        assert (await client.get("/desk")).status_code == 303


async def test_sign_out_forgets_the_session(home: House) -> None:
    async with home.signed_in("李顾问") as client:
        assert (await client.post("/sign-out")).headers["location"] == "/sign-in"
        assert (await client.get("/desk")).status_code == 303


@pytest.mark.parametrize(("name", "page"), [("李顾问", "/studio"), ("陈编辑", "/desk"), ("周科长", "/studio")])
async def test_the_wrong_role_is_told_which_one_is_needed(home: House, name: str, page: str) -> None:
    async with home.signed_in(name) as client:
        response = await client.get(page)
    assert response.status_code == 403
    assert f"您的账号（{name}）不能打开这一页" in response.text
    assert 'href="/sign-in"' in response.text


async def test_a_form_without_its_token_or_with_another_sessions_does_nothing(home: House) -> None:
    home.queue.open("c1", "R", "asked_for")
    async with home.signed_in("李顾问") as client, home.signed_in("王顾问") as other:
        theirs = (await other.get("/desk/cases/case1")).text.split('name="form_token" value="')[1].split('"')[0]
        for form in ({}, {"form_token": ""}, {"form_token": theirs}):
            response = await client.post("/desk/cases/case1/claim", data=form)
            assert response.status_code == 403
            assert "已经失效，内容没有提交" in response.text
    assert home.queue.cases["case1"].summary.state == "open"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
async def test_a_sign_in_sent_by_another_site_is_refused(home: House, headers: dict[str, str]) -> None:
    async with home.visitor() as client:
        response = await client.post("/sign-in", data={"name": "李顾问", "password": PASSWORD}, headers=headers)
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_too_many_sign_ins_from_one_address_wait(tmp_path: Path) -> None:
    async with house(tmp_path, sign_ins_a_minute_per_address=2) as home, home.visitor() as client:
        statuses = [(await client.post("/sign-in", data={"name": "x", "password": "y"})).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


async def test_a_script_without_session_gets_the_error_shape(home: House) -> None:
    async with home.visitor(Accept="application/json") as client:
        response = await client.get("/desk")
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_signed_in"
