"""The worker: every refusal of the platform has its consequence, and nothing is given up that could still arrive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.messages import InboundMessage, Reply, Status
from channels.wechat.inbound import read_message
from channels.wechat.worker import pause_before_retry
from eval.fake_wechat import SEND, STABLE, FakeWeChat
from tests.channels.wechat_bench import ACCOUNT, NOBODY, RESIDENT, Bench, bench

LONG = "我们会尽快办理您的申请。" * 50


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        server.heard_from(RESIDENT)
        yield server


def received(b: Bench, message_id: str = "100") -> InboundMessage:
    message = read_message(b.message(message_id=message_id), b.clock())
    assert message is not None
    return message


async def due_answer(b: Bench, message_id: str = "100") -> None:
    """An answered message whose time as a direct answer is over."""
    receipt = await b.consultations.receive(received(b, message_id))
    await b.consultations.respond(receipt.inbox_id)
    b.clock.advance(seconds=6)


@pytest.mark.parametrize(("errcode", "state", "kept"), [
    (45015, "expired", "45015"),
    (45047, "pending", "quota"),
    (45002, "failed", "45002"),
    (48001, "pull", "48001"),
    (40001, "pending", "40001"),
    (42001, "pending", "42001"),
    (40014, "pending", "40014"),
    (-1, "pending", "-1"),
    (45009, "pending", "45009"),
    (45011, "pending", "45011"),
    (40013, "pending", "40013"),
    (40125, "pending", "40125"),
    (40164, "pending", "40164"),
    (89503, "pending", "89503"),
    (40003, "failed", "40003"),
    (99999, "failed", "99999"),
])
async def test_each_error_code_has_its_consequence(
        tmp_path: Path, wechat: FakeWeChat, errcode: int, state: str, kept: str) -> None:
    wechat.script(SEND, errcode=errcode, times=5)
    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        await due_answer(b)
        await b.channel.worker.run_once()
        row = await b.row()
        assert (row.state, row.last_error, row.claimed_until) == (state, kept, None)
        assert wechat.texts() == []


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 502}, {"drop": "before"}, {"delay": 3.0}, {"errcode": -1}])
async def test_what_did_not_get_through_is_sent_later_once(tmp_path: Path, wechat: FakeWeChat, fault: dict[str, Any]) -> None:
    wechat.script(SEND, **fault)
    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        b.channel._api._call_seconds = 0.3
        await due_answer(b)
        assert [await b.channel.worker.run_once() for _ in range(2)] == [1, 0]
        assert (await b.row()).state == "pending"
        b.clock.advance(seconds=2)
        assert [await b.channel.worker.run_once() for _ in range(2)] == [1, 0]
        assert ((await b.row()).state, len(wechat.texts())) == ("sent", 1)


async def test_an_unreachable_platform_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    async with bench(tmp_path, wechat_api_base=NOBODY) as b:
        await due_answer(b)
        pauses = []
        for _ in range(4):
            assert await b.channel.worker.run_once() == 1
            row = await b.row()
            pauses.append((row.due_at - b.clock()).total_seconds())
            b.clock.at = max(row.due_at, b.clock() + timedelta(seconds=31))
        assert pauses == [2, 4, 8, 16]


def test_pauses_double_up_to_five_minutes() -> None:
    assert [pause_before_retry(n).total_seconds() for n in (0, 1, 2, 3, 8, 9, 10**6)] == [2, 2, 4, 8, 256, 300, 300]


async def test_an_answer_that_never_gets_through_expires_with_its_window(tmp_path: Path) -> None:
    async with bench(tmp_path, wechat_api_base=NOBODY) as b:
        await due_answer(b)
        await b.channel.worker.run_once()
        b.clock.advance(hours=48)
        await b.channel.worker.run_once()
        assert ((await b.row()).state, (await b.row()).last_error) == ("expired", "window closed")


async def test_a_message_found_too_long_goes_out_in_smaller_ones(tmp_path: Path, wechat: FakeWeChat) -> None:
    wechat.script(SEND, errcode=45002)
    async with bench(tmp_path, answer=lambda _: Reply(Status.ANSWERED, LONG), wechat_api_base=wechat.base_url) as b:
        await due_answer(b)
        await b.channel.worker.run_once()
        assert (await b.row()).state == "sent"
        assert "".join(wechat.texts()).count("申请。") == 50
        assert len(wechat.texts()) == 2


async def test_after_five_messages_the_next_waits_for_the_resident(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        await due_answer(b)
        await b.channel.worker.run_once()
        conversation = await b.consultations.conversation_of("wechat", RESIDENT, ACCOUNT)
        assert conversation is not None
        for number in range(6):
            await b.consultations.advisor_writes(conversation, "wang", f"第{number}条")
        await b.channel.worker.run_once()
        assert len(wechat.texts()) == 5
        assert wechat.calls[SEND] == 5          # nothing is asked that is known to be refused
        waiting = [row for row in await b.rows() if row.state == "pending"]
        window_end = (await b.inbox())[0].received_at + timedelta(hours=48)
        assert [(row.last_error, row.due_at) for row in waiting] == [("quota", window_end)] * 2
        shown = await b.send("还有吗", "101") or ""
        assert "第4条" in shown
        assert "第5条" in shown
        assert "还有吗" in shown


async def test_the_bot_shortens_its_answer_when_one_message_is_left(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, answer=lambda _: Reply(Status.ANSWERED, LONG * 2), wechat_api_base=wechat.base_url) as b:
        for number in range(3):
            await due_answer(b, str(number))
        b.clock.advance(seconds=1)
        await b.channel.worker.run_once()
        assert len(wechat.texts()) == 5
        assert [row.state for row in await b.rows()] == ["sent", "sent", "sent"]


async def test_one_residents_messages_keep_their_order(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        await due_answer(b)
        conversation = await b.consultations.conversation_of("wechat", RESIDENT, ACCOUNT)
        assert conversation is not None
        for number in range(3):
            await b.consultations.advisor_writes(conversation, "wang", f"第{number}条")
        await b.channel.worker.run_once()
        assert [text[-3:] for text in wechat.texts()[1:]] == ["第0条", "第1条", "第2条"]


async def test_after_a_crash_between_two_parts_only_the_missing_one_is_sent(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, answer=lambda _: Reply(Status.ANSWERED, LONG * 2), wechat_api_base=wechat.base_url) as b:
        await due_answer(b)
        (dead,) = await b.outbox.claim_due(b.clock(), 10, timedelta(seconds=60))
        first, second = b.channel.worker._plain_text.messages(dead)
        await b.channel._api.send_text(RESIDENT, first)
        await b.outbox.mark_part_sent(dead, 1)
        b.clock.advance(seconds=60)
        await b.channel.worker.run_once()
        assert wechat.texts() == [first, second]


async def test_a_message_nobody_answered_is_answered_and_sent_after_the_restart(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        await b.consultations.receive(received(b))      # the process is killed here
        b.clock.advance(seconds=5.9)
        await b.channel.worker.run_once()
        assert b.consultations.answered == []
        b.clock.advance(seconds=0.1)
        await b.channel.worker.run_once()
        await asyncio.gather(*b.channel._answers._tasks.values())
        assert [await b.channel.worker.run_once() for _ in range(2)] == [1, 0]
        assert (len(b.consultations.answered), len(wechat.texts())) == (1, 1)


async def test_a_bad_appsecret_loses_nothing_and_asks_for_a_token_sparingly(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url, wechat_app_secret="wrong") as b:
        for number in range(5):
            await due_answer(b, str(number))
        b.clock.advance(seconds=6)
        await b.channel.worker.run_once()
        assert {row.state for row in await b.rows()} == {"pending"}
        assert wechat.calls[STABLE] == 1


async def test_the_worker_runs_until_told_to_stop_and_wakes_at_a_call(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        b.channel.worker._poll_seconds = 600
        stop = asyncio.Event()
        running = asyncio.create_task(b.channel.worker.run(stop))
        await asyncio.sleep(0.05)
        await due_answer(b)
        b.channel.worker.wake()
        assert await asyncio.to_thread(wechat.wait_for, lambda w: len(w.sent) == 1)
        stop.set()
        await asyncio.wait_for(running, 2)


async def test_a_database_that_is_down_does_not_end_the_worker(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path) as b:
        b.consultations.fails_to_look = OSError("database is down")
        b.channel.worker._poll_seconds = 0.01
        stop = asyncio.Event()
        with caplog.at_level(logging.ERROR):
            running = asyncio.create_task(b.channel.worker.run(stop))
            for _ in range(3):
                await b.consultations.looks.get()
            stop.set()
            await running
        assert "the next one tries again" in caplog.text
