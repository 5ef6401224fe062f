"""Calls to the platform: one token for all, never fetched in a hurry, and no error but ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.channel_state import ChannelState
from bot.privacy import FieldCipher
from channels.wechat.access_token import FetchedToken
from channels.wechat.api import WeChatApi
from channels.wechat.api_error import WeChatApiError
from eval.fake_wechat import SEND, STABLE, TYPING, FakeWeChat
from knowledge.database import Base, open_engine
from tests.channels.wechat_bench import APP_ID, NOBODY, RESIDENT, SECRET, Clock


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        server.heard_from(RESIDENT)
        yield server


@dataclass
class Office:
    """Workers that share a database."""

    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    opened: list[WeChatApi]

    def worker(self, base: str, call_seconds: float = 2.0) -> WeChatApi:
        state = ChannelState(self.sessions, FieldCipher("test"))
        self.opened.append(WeChatApi(base, APP_ID, SECRET, state, self.clock, call_seconds=call_seconds))
        return self.opened[-1]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'api.sqlite3'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    office = Office(async_sessionmaker(engine, expire_on_commit=False), Clock(), [])
    yield office
    for api in office.opened:
        await api.close()
    await engine.dispose()


async def test_twenty_calls_at_once_fetch_one_token(office: Office, wechat: FakeWeChat) -> None:
    api = office.worker(wechat.base_url)
    residents = [f"oResident{n}" for n in range(20)]
    for openid in residents:
        wechat.heard_from(openid)
    await asyncio.gather(*(api.send_text(openid, "好") for openid in residents))
    assert (len(wechat.texts()), wechat.calls[STABLE]) == (20, 1)


async def test_twenty_workers_at_once_fetch_one_token(office: Office, wechat: FakeWeChat) -> None:
    wechat.script(STABLE, delay=0.2)
    await asyncio.gather(*(office.worker(wechat.base_url).show_typing(RESIDENT) for _ in range(20)))
    assert wechat.calls[STABLE] == 1


async def test_a_token_is_renewed_five_minutes_before_its_end(office: Office, wechat: FakeWeChat) -> None:
    api = office.worker(wechat.base_url)
    for seconds, fetched in ((0, 1), (6890, 1), (20, 2)):
        office.clock.advance(seconds=seconds)
        wechat.advance(seconds)
        wechat.heard_from(RESIDENT)
        await api.send_text(RESIDENT, "好")
        assert wechat.calls[STABLE] == fetched


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_once_and_the_call_repeated(office: Office, wechat: FakeWeChat, errcode: int) -> None:
    wechat.script(SEND, errcode=errcode)
    await office.worker(wechat.base_url).send_text(RESIDENT, "好")
    assert (wechat.texts(), wechat.calls[STABLE], wechat.calls[SEND]) == (["好"], 2, 2)


async def test_a_token_the_platform_forgot_is_replaced_by_a_new_one(office: Office, wechat: FakeWeChat) -> None:
    api = office.worker(wechat.base_url)
    await api.send_text(RESIDENT, "一")
    wechat.expire_token()
    await asyncio.gather(*(api.send_text(RESIDENT, str(n)) for n in range(4)))
    assert (len(wechat.texts()), wechat.calls[STABLE]) == (5, 2)


async def test_a_token_that_keeps_being_refused_is_renewed_at_most_once_a_minute(office: Office, wechat: FakeWeChat) -> None:
    wechat.script(SEND, errcode=40001, times=10_000)
    api, other = office.worker(wechat.base_url), office.worker(wechat.base_url)
    for _ in range(60):                         # five minutes, two workers trying every five seconds
        for worker in (api, other):
            with pytest.raises(WeChatApiError) as refused:
                await worker.send_text(RESIDENT, "好")
            assert refused.value.code == 40001
        office.clock.advance(seconds=5)
    assert wechat.calls[STABLE] == 1 + 5


async def test_a_token_is_forced_only_when_asking_brought_the_same_again(office: Office, wechat: FakeWeChat) -> None:
    forced: list[bool] = []
    api = office.worker(wechat.base_url)
    fetch = api._fetch_token

    async def noted(force: bool) -> FetchedToken:
        forced.append(force)
        return await fetch(force)

    api._tokens._fetch = noted
    wechat.script(SEND, errcode=40001, times=3)
    for _ in range(3):
        try:
            await api.send_text(RESIDENT, "好")
        except WeChatApiError:
            office.clock.advance(seconds=61)
    assert forced == [False, False, True]
    assert wechat.texts()[0] == "好"


async def test_a_token_that_cannot_be_had_is_not_asked_for_again_at_once(office: Office, wechat: FakeWeChat) -> None:
    wechat.script(STABLE, errcode=40164, times=10_000)
    api = office.worker(wechat.base_url)
    for _ in range(10):
        with pytest.raises(WeChatApiError) as refused:
            await api.send_text(RESIDENT, "好")
        assert refused.value.code == 40164
    assert wechat.calls[STABLE] == 1
    office.clock.advance(seconds=30)
    with pytest.raises(WeChatApiError):
        await api.send_text(RESIDENT, "好")
    assert wechat.calls[STABLE] == 2


async def test_a_worker_that_died_while_fetching_does_not_stop_the_others_for_long(office: Office, wechat: FakeWeChat) -> None:
    state = ChannelState(office.sessions, FieldCipher("test"))
    now = office.clock()
    await state.put_first(f"wechat:token:{APP_ID}:fetch", "the dead", now.replace(second=15), now)
    office.clock.advance(seconds=15)
    await office.worker(wechat.base_url).send_text(RESIDENT, "好")
    assert wechat.texts() == ["好"]


@pytest.mark.parametrize("fault", [
    {"status": 500}, {"status": 404}, {"status": 302}, {"drop": "before"}, {"drop": "after"}, {"delay": 0.6}])
@pytest.mark.parametrize("path", [SEND, STABLE])
async def test_every_failure_leaves_as_our_error(office: Office, wechat: FakeWeChat, fault: dict[str, Any], path: str) -> None:
    wechat.script(path, **fault)
    with pytest.raises(WeChatApiError) as failure:
        await office.worker(wechat.base_url, 0.2).send_text(RESIDENT, "好")
    assert failure.value.code is None
    assert path in str(failure.value)


async def test_nobody_listening_leaves_as_our_error(office: Office) -> None:
    with pytest.raises(WeChatApiError, match="could not be reached"):
        await office.worker(NOBODY).send_text(RESIDENT, "好")


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'"ok"', b"\xff", b'{"access_token": 5, "expires_in": 7200}',
                                    b'{"access_token": "a"}', b"{}"])
async def test_an_answer_nobody_can_read_leaves_as_our_error(office: Office, answer: bytes) -> None:
    api = office.worker("http://wechat.test")
    await api._http.aclose()
    api._http = httpx.AsyncClient(
        base_url="http://wechat.test", transport=httpx.MockTransport(lambda _: httpx.Response(200, content=answer)))
    with pytest.raises(WeChatApiError) as failure:
        await api.send_text(RESIDENT, "好")
    assert failure.value.code is None


async def test_typing_shown_already_is_no_error(office: Office, wechat: FakeWeChat) -> None:
    api = office.worker(wechat.base_url)
    await api.show_typing(RESIDENT)
    await api.show_typing(RESIDENT)
    assert (wechat.typing, wechat.calls[TYPING]) == ([RESIDENT], 2)


async def test_chinese_goes_out_as_chinese(office: Office, wechat: FakeWeChat) -> None:
    bodies: list[bytes] = []
    api = office.worker(wechat.base_url)
    api._http.event_hooks = {"request": [_noting(bodies)]}
    await api.send_text(RESIDENT, "低保👵")
    assert "低保👵".encode() in bodies[-1]
    assert wechat.texts() == ["低保👵"]


async def test_no_token_and_no_secret_in_the_log(office: Office, wechat: FakeWeChat, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx").setLevel(logging.WARNING)    # as the module sets it; caplog has lowered the root only
        api = office.worker(wechat.base_url)
        await api.send_text(RESIDENT, "好")
        wechat.script(SEND, drop="before")
        with pytest.raises(WeChatApiError) as failure:
            await api.send_text(RESIDENT, "好")
    token = wechat._token
    assert token
    assert token not in caplog.text + str(failure.value)
    assert SECRET not in caplog.text


def _noting(bodies: list[bytes]) -> Callable[[httpx.Request], Awaitable[None]]:
    async def note(request: httpx.Request) -> None:
        bodies.append(request.content)
    return note
