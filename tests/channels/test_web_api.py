"""The residents' API: one reply, a streamed reply, the conversation as it goes on, and every refusal in one shape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from tests.channels.fakes import HOW_LONG
from tests.channels.house import House, house

JSON = "application/json"
POST = "/api/v1/messages"
FOREIGN = {"Origin": "http://evil.example"}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        yield found


@pytest.fixture
async def client(home: House) -> AsyncIterator[AsyncClient]:
    async with home.visitor(Accept=JSON) as found:
        await found.get("/")
        yield found


def _events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        rows = dict(row.split(": ", 1) for row in block.split("\n") if not row.startswith(":") and ": " in row)
        if "data" in rows:
            found.append((rows.get("event", "message"), json.loads(rows["data"])))
    return found


async def test_a_message_is_answered_with_the_reply_and_its_line(client: AsyncClient) -> None:
    response = await client.post("/api/v1/messages", json={"text": "低保审批要多久", "key": "key-00000001"})
    reply = response.json()
    assert response.status_code == 200
    assert {key: reply[key] for key in HOW_LONG.as_dict()} == HOW_LONG.as_dict()
    assert (reply["resident_line"], reply["line"], reply["silent"]) == (1, 2, False)
    assert "html" not in reply


async def test_the_same_key_is_the_same_message(client: AsyncClient, home: House) -> None:
    replies = [(await client.post("/api/v1/messages", json={"text": "要多久", "key": "key-00000001"})).json() for _ in range(2)]
    assert replies[0] == replies[1]
    assert len(home.bot.inbox) == 1


async def test_a_streamed_answer_comes_piece_by_piece_and_then_whole(client: AsyncClient) -> None:
    response = await client.post("/api/v1/messages/stream?cards=1", json={"text": "要多久", "key": "key-00000001"})
    events = _events(response.text)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert events[0] == ("status", {"text": "正在查政策…"})
    assert [data["kind"] for kind, data in events if kind == "part"] == ["headline", "point", "next_step"]
    kind, reply = events[-1]
    assert kind == "reply"
    assert reply["status"] == "answered"
    assert reply["line"] == 2
    assert "第九条" in reply["html"]


async def test_a_slow_answer_says_so_and_arrives_later_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as home, home.visitor(Accept=JSON) as client:
        home.bot.slow = 0.25
        await client.get("/")
        response = await client.post("/api/v1/messages/stream", json={"text": "要多久", "key": "key-00000001"})
        assert [kind for kind, _ in _events(response.text)] == ["status", "status", "too_slow"]
        await asyncio.sleep(0.2)
        lines = (await client.get("/api/v1/messages?after=1")).json()["lines"]
        assert [line["text"] for line in lines] == [HOW_LONG.text]


async def test_a_bot_that_breaks_is_told_in_the_stream_and_as_500(client: AsyncClient, home: House) -> None:
    home.bot.broken = True
    streamed = await client.post("/api/v1/messages/stream", json={"text": "要多久", "key": "key-00000001"})
    kind, data = _events(streamed.text)[-1]
    assert (kind, data["error"]["code"]) == ("failed", "internal")
    plain = await client.post("/api/v1/messages", json={"text": "要多久", "key": "key-00000002"})
    assert (plain.status_code, plain.json()["error"]["code"]) == (500, "internal")


async def test_while_an_advisor_holds_the_conversation_the_bot_is_silent(client: AsyncClient, home: House) -> None:
    await client.post("/api/v1/messages", json={"text": "人工", "key": "key-00000001"})
    home.bot.held_by["c1"] = "李顾问"
    reply = (await client.post("/api/v1/messages", json={"text": "在吗", "key": "key-00000002"})).json()
    assert reply == {"silent": True, "line": None, "resident_line": 3}
    events = _events((await client.post("/api/v1/messages/stream", json={"text": "在吗", "key": "key-00000003"})).text)
    assert [kind for kind, _ in events] == ["status", "reply"]


async def test_lines_are_read_from_where_one_left_off(client: AsyncClient, home: House) -> None:
    await client.post("/api/v1/messages", json={"text": "要多久", "key": "key-00000001"})
    home.bot.add_line("c1", "李顾问", "我来帮您。")
    lines = (await client.get("/api/v1/messages?after=2&cards=1")).json()["lines"]
    assert [(line["id"], line["author"], line["text"]) for line in lines] == [(3, "李顾问", "我来帮您。")]
    assert "社区救助顾问 李顾问" in lines[0]["html"]


async def test_a_browser_without_conversation_reads_nothing(client: AsyncClient, home: House) -> None:
    await client.post("/api/v1/messages", json={"text": "要多久", "key": "key-00000001"})
    async with home.visitor(Accept=JSON) as other:
        assert (await other.get("/api/v1/messages")).json() == {"lines": []}
        assert _events((await other.get("/api/v1/stream")).text) == []


async def test_the_stream_tells_each_line_once_and_resumes_after_the_last_one_seen(client: AsyncClient, home: House) -> None:
    await client.post("/api/v1/messages", json={"text": "要多久", "key": "key-00000001"})
    from_start = await client.get("/api/v1/stream")
    assert [data["id"] for _, data in _events(from_start.text)] == [1, 2]
    assert "retry: 1500" in from_start.text
    assert "id: 2" in from_start.text
    home.bot.add_line("c1", "李顾问", "我来帮您。")
    resumed = await client.get("/api/v1/stream?after=0", headers={"Last-Event-ID": "2"})
    assert [data["text"] for _, data in _events(resumed.text)] == ["我来帮您。"]


async def test_a_line_said_while_the_stream_is_open_arrives(client: AsyncClient, home: House) -> None:
    await client.post("/api/v1/messages", json={"text": "要多久", "key": "key-00000001"})
    following = asyncio.create_task(client.get("/api/v1/stream?after=2"))
    await asyncio.sleep(0.04)
    home.bot.add_line("c1", "李顾问", "我来帮您。")
    assert [data["author"] for _, data in _events((await following).text)] == ["李顾问"]


async def test_empty_very_long_and_half_characters_go_to_the_bot(client: AsyncClient, home: House) -> None:
    for number, text in enumerate(('""', '"' + "长" * 10_000 + '"', '"a\\u0000b"', '"a\\ud800b"')):
        body = f'{{"text": {text}, "key": "key-0000000{number}"}}'.encode()
        response = await client.post("/api/v1/messages", content=body, headers={"Content-Type": JSON})
        assert response.status_code == 200
    assert [message.text for message in home.bot.inbox.values()] == ["", "长" * 10_000, "ab", "a?b"]


Send = Callable[[AsyncClient], Any]


@pytest.mark.parametrize(
    ("send", "status", "code", "said"),
    [
        (lambda c: c.post(POST, content=b"{", headers={"Content-Type": JSON}), 422, "invalid", '{"text":"低保怎么申请"'),
        (lambda c: c.post(POST, json={"text": "a", "key": "短"}), 422, "invalid", "“key”不对（收到：短）。应该是：8 到 64"),
        (lambda c: c.post(POST, json={"text": 5, "key": "key-00000001"}), 422, "invalid", "“text”不对（收到：5）"),
        (lambda c: c.post(POST, json=[1]), 422, "invalid", "内容"),
        (lambda c: c.post(POST, data={"text": "a", "key": "key-00000001"}), 415, "not_json", "x-www-form-urlencoded"),
        (lambda c: c.post(POST, content=b"\xff\xfe\x00", headers={"Content-Type": JSON}), 400, "bad_request", "看不懂"),
        (lambda c: c.get("/api/v1/messages?after=-1"), 422, "invalid", "“after”不对（收到：-1）"),
        (lambda c: c.delete(POST), 405, "method_not_allowed", "DELETE"),
        (lambda c: c.get("/api/v1/nothing"), 404, "not_found", "/api/v1/nothing"),
        (lambda c: c.post(POST, json={"text": "长" * 30_000, "key": "key-00000001"}), 413, "too_large", "64 KB"),
        (lambda c: c.post(POST, json={"text": "a", "key": "key-00000001"}, headers=FOREIGN), 403, "cross_site", "别的网站"),
    ],
)
async def test_every_refusal_has_one_shape_and_says_what_is_wanted(
    client: AsyncClient, home: House, send: Send, status: int, code: str, said: str
) -> None:
    response = await send(client)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert said in error["message"]
    assert set(response.json()) == {"error"}
    assert set(error) == {"code", "message"}
    assert home.bot.inbox == {}


async def test_json_of_another_type_is_refused_before_it_is_read_as_a_message(client: AsyncClient, home: House) -> None:
    body = b'{"text": "a", "key": "key-00000001"}'
    response = await client.post("/api/v1/messages", content=body, headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.json()["error"]["code"]) == (415, "not_json")
    assert "text/plain" in response.json()["error"]["message"]
    assert home.bot.inbox == {}


async def test_a_body_that_hides_its_length_is_cut_off_at_the_limit(client: AsyncClient, home: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(80):
            yield b"a" * 1024

    response = await client.post("/api/v1/messages", content=endless(), headers={"Content-Type": JSON})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    assert "64 KB" in response.json()["error"]["message"]
    assert home.bot.inbox == {}


async def test_one_conversation_that_sends_too_fast_waits_and_others_do_not(tmp_path: Path) -> None:
    async with (
        house(tmp_path, messages_a_minute=2) as home,
        home.visitor(Accept=JSON) as client,
        home.visitor(Accept=JSON) as other,
    ):
        await client.get("/")
        await other.get("/")
        statuses = []
        for number in range(3):
            response = await client.post("/api/v1/messages", json={"text": "要多久", "key": f"key-0000000{number}"})
            statuses.append(response.status_code)
        assert statuses == [200, 200, 429]
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert "发得太快了，请等" in response.json()["error"]["message"]
        assert (await other.post("/api/v1/messages", json={"text": "要多久", "key": "key-00000001"})).status_code == 200


async def test_one_address_that_sends_too_fast_waits(tmp_path: Path) -> None:
    async with house(tmp_path, messages_a_minute_per_address=2) as home:
        statuses = []
        for _ in range(3):
            async with home.visitor(Accept=JSON) as client:
                statuses.append((await client.post("/api/v1/messages", json={"text": "a", "key": "key-00000001"})).status_code)
    assert statuses == [200, 200, 429]


async def test_without_a_cookie_a_conversation_begins_and_is_kept(home: House) -> None:
    async with home.visitor(Accept=JSON) as client:
        for path, key in (("/api/v1/messages", "key-00000001"), ("/api/v1/messages/stream", "key-00000002")):
            await client.post(path, json={"text": "要多久", "key": key})
    assert len(home.bot.conversations) == 1


async def test_a_stream_that_begins_a_conversation_keeps_it_too(home: House) -> None:
    async with home.visitor(Accept=JSON) as client:
        response = await client.post("/api/v1/messages/stream", json={"text": "要多久", "key": "key-00000001"})
        assert "yibentong_talk=" in response.headers["set-cookie"]
