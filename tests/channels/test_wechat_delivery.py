"""From message to answer: direct when in time, pushed when not, once whatever happens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Channel, InboundMessage, Reply, Status
from channels.wechat.plain_text import LIMIT_BYTES
from channels.wechat.text_cut import size
from channels.wechat.wording import Wording
from eval.fake_wechat import SEND, TYPING, FakeWeChat
from tests.channels.wechat_bench import ACCOUNT, RESIDENT, Bench, bench

WORDING = Wording.load()
QUICK: dict[str, Any] = {"wechat_reply_deadline_seconds": 0.15}     # the platform's 4.5 s, shortened


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        yield server


async def push(b: Bench, seconds: float = 6) -> int:
    """The worker's next round, when the time for a direct answer is over."""
    b.clock.advance(seconds=seconds)
    return await b.channel.worker.run_once()


async def settled(b: Bench) -> None:
    """The answers under way are there."""
    while b.channel._answers._tasks:
        await asyncio.gather(*b.channel._answers._tasks.values())


async def test_an_answer_in_time_is_given_directly_and_never_pushed(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        assert (await b.send("低保怎么申请") or "").startswith("您问的是：低保怎么申请")
        assert await push(b, 60) == 0
        assert ((await b.row()).state, (await b.row()).sent_at) == ("passive", b.clock.at.replace(hour=2, minute=0, second=0))
        assert wechat.calls == {}


async def test_a_late_answer_is_announced_by_typing_and_pushed_once(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, delay_seconds=0.4, wechat_api_base=wechat.base_url, **QUICK) as b:
        wechat.heard_from(RESIDENT)
        assert await b.send() is None
        assert await asyncio.to_thread(wechat.wait_for, lambda w: w.typing == [RESIDENT])
        await settled(b)
        assert [await push(b) for _ in range(3)] == [1, 0, 0]
        assert len(wechat.texts(RESIDENT)) == 1
        assert (await b.row()).state == "sent"


async def test_a_typing_state_that_cannot_be_shown_hinders_nothing(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, delay_seconds=0.4, wechat_api_base=wechat.base_url, **QUICK) as b:
        wechat.heard_from(RESIDENT)
        wechat.script(TYPING, errcode=45081)
        assert await b.send() is None
        await settled(b)
        assert await push(b) == 1
        assert len(wechat.texts()) == 1


async def test_a_retry_joins_the_work_under_way_and_gets_its_answer(tmp_path: Path) -> None:
    async with bench(tmp_path, delay_seconds=0.8, **QUICK) as b:
        assert await b.send() is None
        assert await b.send() is None
        b.channel._delivery._deadline_seconds = 5
        assert await b.send() is not None
        assert (len(b.consultations.answered), len(await b.inbox())) == (1, 1)


async def test_a_retry_after_the_direct_answer_gets_the_same_answer(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        first = await b.send()
        b.clock.advance(seconds=5)
        assert await b.send() == first
        assert len(b.consultations.answered) == 1


async def test_a_retry_while_or_after_the_answer_is_pushed_gets_success(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, delay_seconds=0.3, wechat_api_base=wechat.base_url, **QUICK) as b:
        wechat.heard_from(RESIDENT)
        assert await b.send() is None
        await settled(b)
        b.clock.advance(seconds=6)
        (outgoing,) = await b.outbox.claim_due(b.clock(), 10, b.channel.worker._lease)
        assert await b.send() is None
        await b.channel.worker._send_in_order([outgoing])
        assert await b.send() is None
        assert len(wechat.texts()) == 1


async def test_two_deliveries_at_the_same_moment_are_one_message_with_one_answer(tmp_path: Path) -> None:
    async with bench(tmp_path, delay_seconds=0.05) as b:
        answers = await asyncio.gather(*(b.send() for _ in range(6)))
        assert len(set(answers)) == 1
        assert answers[0] is not None
        assert (len(b.consultations.answered), len(await b.inbox()), len(await b.rows())) == (1, 1, 1)


async def test_the_same_msgid_from_two_residents_is_two_messages(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.send("甲", "100", "oFirst")
        await b.send("乙", "100", "oSecond")
        assert len(b.consultations.answered) == 2


async def test_a_connection_that_is_gone_takes_no_answer_with_it(tmp_path: Path, wechat: FakeWeChat) -> None:
    async def gone() -> bool:
        return True

    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        wechat.heard_from(RESIDENT)
        assert await b.channel._delivery.answer(_inbound(b), time.monotonic(), gone) is None
        assert await push(b) == 1
        assert len(wechat.texts()) == 1


async def test_a_process_killed_with_the_answer_in_its_hands_leaves_it_to_be_pushed(tmp_path: Path, wechat: FakeWeChat) -> None:
    async def there() -> bool:
        return False

    async with bench(tmp_path, wechat_api_base=wechat.base_url) as b:
        wechat.heard_from(RESIDENT)
        assert await b.channel._delivery.answer(_inbound(b), time.monotonic(), there) is not None
        # Killed here: the answer is never marked as given.
        assert await push(b, 15) == 0
        assert await push(b, 6) == 1
        assert len(wechat.texts()) == 1


@pytest.mark.parametrize("error", [OSError("disk full"), RuntimeError("310105194910010029")])
async def test_what_cannot_be_stored_is_not_acknowledged(tmp_path: Path, error: Exception) -> None:
    async with bench(tmp_path) as b:
        b.consultations.fails_to_store = error
        response = await b.post(b.message())
        assert (response.status_code, response.json()["error"]["code"]) == (503, "wechat_not_stored")
        assert str(error) not in response.text
        b.consultations.fails_to_store = None
        assert await b.send() is not None


async def test_an_answer_that_fails_is_tried_again_by_the_worker(
        tmp_path: Path, wechat: FakeWeChat, caplog: pytest.LogCaptureFixture) -> None:
    failures = iter([ValueError("broken")])

    def answer(text: str) -> Reply:
        for failure in failures:
            raise failure
        return Reply(Status.ANSWERED, "好了")

    async with bench(tmp_path, answer=answer, wechat_api_base=wechat.base_url) as b:
        wechat.heard_from(RESIDENT)
        with caplog.at_level(logging.ERROR):
            assert await b.send() is None
        assert "could not be answered" in caplog.text
        await push(b)
        await settled(b)
        assert await push(b, 0) == 1
        assert wechat.texts()[0].startswith("好了")


async def test_while_a_person_holds_the_conversation_the_callback_says_success(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.consultations.silent = True
        assert await b.send() is None
        assert await b.rows() == []


async def test_the_bots_late_answer_is_withheld_when_an_advisor_took_over_meanwhile(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, delay_seconds=0.3, wechat_api_base=wechat.base_url, **QUICK) as b:
        wechat.heard_from(RESIDENT)
        assert await b.send() is None
        await settled(b)
        conversation = await b.consultations.conversation_of("wechat", RESIDENT, ACCOUNT)
        assert conversation is not None
        await b.consultations.hand_to(conversation, "wang")
        await b.consultations.advisor_writes(conversation, "wang", "您好，我是王顾问。")
        await push(b)
        assert wechat.texts(RESIDENT) == [f"{WORDING.advisor}\n您好，我是王顾问。"]
        assert [row.state for row in await b.rows()] == ["expired", "sent"]


async def test_what_takes_two_messages_is_pushed_at_once_and_not_cut_to_one(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, answer=lambda _: Reply(Status.ANSWERED, "我们会尽快办理您的申请。" * 90),
                     wechat_api_base=wechat.base_url) as b:
        wechat.heard_from(RESIDENT)
        assert await b.send() is None
        assert await push(b, 0) == 1
        assert len(wechat.texts()) == 2
        assert "".join(wechat.texts()).count("申请。") == 90


# --- accounts that may not push ------------------------------------------------------------------------------------------------


async def late_answer_held(b: Bench, wechat: FakeWeChat) -> None:
    """An answer that came too late on an account without permission to push."""
    wechat.heard_from(RESIDENT)
    wechat.may_push = False
    b.consultations.delay_seconds = 0.3
    assert await b.send("第一个问题", "1") is None
    await settled(b)
    assert await push(b) == 1
    assert (await b.row()).state == "pull"
    b.consultations.delay_seconds = 0


async def test_without_permission_to_push_the_answer_comes_in_front_of_the_next_one(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url, **QUICK) as b:
        await late_answer_held(b, wechat)
        shown = await b.send("第二个问题", "2") or ""
        assert shown.index("第一个问题") < shown.index(WORDING.divider) < shown.index("第二个问题")
        assert await b.send("第二个问题", "2") == shown
        assert "第一个问题" not in (await b.send("第三个问题", "3") or "")


async def test_without_permission_to_push_nothing_is_tried_again_for_a_day(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, wechat_api_base=wechat.base_url, **QUICK) as b:
        await late_answer_held(b, wechat)
        calls = wechat.calls[SEND]
        b.consultations.delay_seconds = 0.3
        await b.send("第二个问题", "2")
        await settled(b)
        await push(b)
        assert wechat.calls[SEND] == calls
        b.clock.advance(hours=24)
        wechat.heard_from(RESIDENT)
        await b.send("第三个问题", "3")
        await settled(b)
        await push(b)
        assert wechat.calls[SEND] > calls


async def test_without_permission_to_push_what_does_not_fit_is_promised_for_the_next_message(
        tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, answer=lambda text: Reply(Status.ANSWERED, text[:6] + "申请材料要带齐。" * 60),
                     wechat_api_base=wechat.base_url, **QUICK) as b:
        await late_answer_held(b, wechat)
        shown = await b.send("第二个问题", "2") or ""
        assert shown.startswith("第一个问题")
        assert "第二个问题" not in shown
        assert shown.endswith(WORDING.more_waiting)
        assert size(shown) <= LIMIT_BYTES
        await push(b)
        assert (await b.send("第三个问题", "3") or "").startswith("第二个问题")


async def test_a_crisis_answer_comes_before_what_waited(tmp_path: Path, wechat: FakeWeChat) -> None:
    def answer(text: str) -> Reply:
        return Reply(Status.CRISIS, "请马上拨打110。") if "不想活" in text else Reply(Status.ANSWERED, text)

    async with bench(tmp_path, answer=answer, wechat_api_base=wechat.base_url, **QUICK) as b:
        await late_answer_held(b, wechat)
        shown = await b.send("不想活了", "2") or ""
        assert shown.startswith("请马上拨打110。")
        assert "第一个问题" in shown


async def test_without_permission_to_push_a_long_answer_is_shortened_to_one_message(tmp_path: Path, wechat: FakeWeChat) -> None:
    async with bench(tmp_path, answer=lambda _: Reply(Status.ANSWERED, "我们会尽快办理您的申请。" * 90),
                     wechat_api_base=wechat.base_url) as b:
        await b.channel._delivery._permission.note_denied(ACCOUNT, b.clock())
        shown = await b.send() or ""
        assert WORDING.rest_without_link in shown
        assert size(shown) <= LIMIT_BYTES


def _inbound(b: Bench) -> InboundMessage:
    return InboundMessage(Channel.WECHAT, RESIDENT, "低保", "100", b.clock(), ACCOUNT)
