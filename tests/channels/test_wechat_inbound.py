"""What residents send, as the consultation sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.messages import Channel, InboundMessage
from channels.wechat.callback_error import CallbackError
from channels.wechat.inbound import read_message
from eval.fake_wechat import Platform

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PLATFORM = Platform("token", "wx0123456789abcdef", "gh_0123456789ab")


def read(kind: str, **elements: str) -> InboundMessage:
    message_id = "" if kind == "event" else "23456"
    message = read_message(PLATFORM.message("oResident", kind, message_id, elements, created=1763683200), AT)
    assert message is not None
    return message


def test_a_text_is_known_by_account_resident_and_msgid() -> None:
    assert read("text", Content=" 低保\n怎么办 ") == InboundMessage(
        Channel.WECHAT, "oResident", "低保\n怎么办", "23456", AT, "gh_0123456789ab", "text", {})


def test_an_empty_text_is_a_text_without_words() -> None:
    assert read("text", Content="").text == ""


def test_a_tapped_option_brings_its_id() -> None:
    assert read("text", Content="有", bizmsgmenuid="101").payload == {"option": "101"}


@pytest.mark.parametrize(("elements", "text"), [
    ({"Recognition": "我想问低保。"}, "我想问低保。"), ({"Recognition": ""}, ""), ({}, "")])
def test_voice_brings_what_was_recognised_if_anything(elements: dict[str, str], text: str) -> None:
    message = read("voice", MediaId="m1", Format="amr", **elements)
    assert (message.kind, message.text, message.payload) == ("voice", text, {"media_id": "m1", "format": "amr"})


def test_a_picture_brings_its_media_id() -> None:
    message = read("image", MediaId="m1", PicUrl="http://mmbiz.qpic.cn/1")
    assert (message.kind, message.text, message.payload["media_id"]) == ("image", "", "m1")


def test_a_place_is_kept_no_closer_than_the_next_office_needs() -> None:
    message = read("location", Location_X="31.220367", Location_Y="121.424624", Scale="16", Label="长宁区愚园路")
    assert message.payload == {"latitude": 31.22, "longitude": 121.425}
    assert (message.kind, message.text) == ("location", "长宁区愚园路")


@pytest.mark.parametrize("latitude", ["", "north", "91", "nan", "1e3", "9" * 30])
def test_a_place_that_is_none_is_refused(latitude: str) -> None:
    with pytest.raises(CallbackError, match="Location_X"):
        read("location", Location_X=latitude, Location_Y="121.4", Label="")


def test_a_link_brings_its_words() -> None:
    message = read("link", Title="低保新标准", Description="七月起", Url="https://example.org/1")
    assert (message.kind, message.text, message.payload) == ("link", "低保新标准\n七月起", {"url": "https://example.org/1"})


@pytest.mark.parametrize(("kind", "ours"), [
    ("video", "video"), ("shortvideo", "video"), ("file", "other"), ("x" * 3000, "other")])
def test_what_nobody_can_read_is_still_a_message_to_answer(kind: str, ours: str) -> None:
    assert (read(kind, MediaId="m1").kind, read(kind, MediaId="m1").text) == (ours, "")


@pytest.mark.parametrize(("elements", "payload"), [
    ({"Event": "subscribe", "EventKey": ""}, {"event": "subscribe"}),
    ({"Event": "subscribe", "EventKey": "qrscene_tianshan", "Ticket": "t"}, {"event": "subscribe", "scene": "tianshan"}),
    ({"Event": "SCAN", "EventKey": "tianshan", "Ticket": "t"}, {"event": "SCAN", "scene": "tianshan"}),
    ({"Event": "CLICK", "EventKey": "office"}, {"event": "CLICK", "key": "office"}),
])
def test_events_that_want_an_answer_say_what_happened(elements: dict[str, str], payload: dict[str, Any]) -> None:
    message = read("event", **elements)
    assert (message.kind, message.text, message.payload) == ("event", "", payload)


def test_events_are_told_apart_by_time_name_and_key() -> None:
    assert read("event", Event="CLICK", EventKey="office").dedupe_key == "1763683200:click:office"
    keys = {read("event", Event=event, EventKey=key).dedupe_key for event in ("CLICK", "SCAN") for key in ("a" * 500, "a" * 501)}
    assert len(keys) == 4
    assert max(map(len, keys)) <= 160
