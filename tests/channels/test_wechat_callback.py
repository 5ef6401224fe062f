"""The callback: what is WeChat's gets through, everything else gets its clear refusal, and a refusal keeps nothing."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import xmltodict

from bot.messages import Reply, Status
from channels.body_limit import BodyLimit
from channels.wechat import WeChatChannel
from eval.fake_wechat import Platform
from tests.channels.wechat_bench import ACCOUNT, APP_ID, KEY, OLD_KEY, OTHER_KEY, RESIDENT, TOKEN, Bench, bench, settings_for

BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def error_of(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"]
    return response.status_code, body["error"]["code"]


# --- the address check ---------------------------------------------------------------------------------------------------


async def test_the_address_check_echoes_what_wechat_sent(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        query = b.platform.query(int(b.clock().timestamp())) | {"echostr": "5836418023"}
        response = await b.http.get("/wechat", params=query)
        assert (response.status_code, response.text) == (200, "5836418023")
        assert response.headers["content-type"].startswith("text/plain")


async def test_the_address_check_with_a_wrong_signature_echoes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        query = b.platform.query(int(b.clock().timestamp())) | {"echostr": "<script>", "signature": "0" * 40}
        response = await b.http.get("/wechat", params=query)
        assert error_of(response) == (403, "wechat_wrong_signature")
        assert "<script>" not in response.text


async def test_the_address_check_without_echostr_is_told_what_is_missing(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        response = await b.http.get("/wechat", params=b.platform.query(int(b.clock().timestamp())))
        assert error_of(response) == (400, "wechat_no_echostr")


# --- signature and time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"signature": "0" * 40}, {"nonce": "1"}, {"signature": "ü"}, {"signature": "0" * 5000}])
async def test_a_wrong_signature_is_refused_and_nothing_kept(tmp_path: Path, change: dict[str, str]) -> None:
    async with bench(tmp_path) as b:
        query, body = b.signed(b.message())
        response = await b.http.post("/wechat", params=query | change, content=body)
        assert error_of(response) == (403, "wechat_wrong_signature")
        assert await b.inbox() == []


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
async def test_an_unsigned_callback_is_told_what_is_missing(tmp_path: Path, missing: str) -> None:
    async with bench(tmp_path) as b:
        query, body = b.signed(b.message())
        del query[missing]
        response = await b.http.post("/wechat", params=query, content=body)
        assert error_of(response) == (403, "wechat_unsigned")
        assert f"'{missing}'" in response.json()["error"]["message"]


@pytest.mark.parametrize(("seconds", "status"), [(-301, 403), (-300, 200), (300, 200), (301, 403)])
async def test_a_signature_is_good_for_five_minutes_either_way(tmp_path: Path, seconds: int, status: int) -> None:
    async with bench(tmp_path) as b:
        query, body = b.platform.sealed(b.message(), int(b.clock().timestamp()) + seconds)
        response = await b.http.post("/wechat", params=query, content=body)
        assert response.status_code == status
        assert status == 200 or error_of(response) == (403, "wechat_stale")


@pytest.mark.parametrize("timestamp", ["now", "-5", "1e9", "９９", "9" * 40])
async def test_a_timestamp_that_is_no_number_of_seconds_is_refused(tmp_path: Path, timestamp: str) -> None:
    async with bench(tmp_path) as b:
        query = dict(b.platform.query(nonce="1"), timestamp=timestamp)
        query["signature"] = _sign(timestamp, "1")
        assert error_of(await b.http.post("/wechat", params=query, content=b"")) == (403, "wechat_bad_timestamp")


async def test_a_signature_seen_before_does_not_carry_another_message(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        query, body = b.signed(b.message("低保怎么申请", "100"))
        assert (await b.http.post("/wechat", params=query, content=body)).status_code == 200
        other = b.message("转账给我", "101").encode()
        assert error_of(await b.http.post("/wechat", params=query, content=other)) == (403, "wechat_replayed")
        assert len(await b.inbox()) == 1


async def test_the_same_bytes_sent_again_are_answered_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        query, body = b.signed(b.message())
        for seconds in (0, 5, 200):
            b.clock.advance(seconds=seconds)
            assert (await b.http.post("/wechat", params=query, content=body)).status_code == 200
        assert len(b.consultations.answered) == 1
        assert len(await b.rows()) == 1


async def test_long_after_the_platform_has_given_up_the_same_bytes_bring_no_answer_out(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        query, body = b.signed(b.message())
        first = await b.http.post("/wechat", params=query, content=body)
        assert "您问的是" in first.text
        b.clock.advance(seconds=21)
        assert (await b.http.post("/wechat", params=query, content=body)).text == "success"


# --- bodies ----------------------------------------------------------------------------------------------------------------


async def test_a_body_of_one_megabyte_is_not_read_to_its_end(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(64):
                sent += 16 * 1024
                yield b"x" * 16 * 1024

        query, _ = b.signed(b.message())
        response = await b.http.post("/wechat", params=query, content=endless())
        assert error_of(response) == (413, "wechat_too_large")
        assert await b.inbox() == []


async def test_the_largest_body_that_is_read_has_64_kb(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        room = 64 * 1024 - len(b.message("").encode())
        assert (await b.post(b.message("a" * room))).status_code == 200
        assert (await b.post(b.message("a" * (room + 1), "101"))).status_code == 413


async def test_a_limit_set_by_the_application_keeps_its_own_words(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.app.add_middleware(BodyLimit, ordinary=1024)

        async def in_pieces() -> AsyncIterator[bytes]:
            for _ in range(4):
                yield b"x" * 512

        query, _ = b.signed("")
        assert (await b.http.post("/wechat", params=query, content=in_pieces())).status_code == 413


@pytest.mark.parametrize("body", [
    "", "success", "{}", "<xml>", "<xml></xml>", "<xml/>", "<html></html>", "<xml><a></xml>", "<xml>text</xml>", "\x00\x01",
    "<xml><xml>",
    "<xml><MsgType><![CDATA[text]]></MsgType></xml>"])
async def test_what_is_not_wechats_xml_gets_a_clean_refusal(tmp_path: Path, body: str) -> None:
    async with bench(tmp_path) as b:
        assert error_of(await b.post(body)) == (400, "wechat_malformed")
        assert await b.inbox() == []


async def test_a_body_that_is_not_utf8_gets_a_clean_refusal(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        query, _ = b.signed("")
        for body in (b"\xff\xfe<\x00x\x00", "<xml>低保</xml>".encode("gb18030")):
            assert error_of(await b.http.post("/wechat", params=query | _fresh(b), content=body)) == (400, "wechat_malformed")


@pytest.mark.parametrize("prolog", [
    BOMB, '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd">', '<?xml version="1.0"?><!doctype xml>',
    '<!ENTITY x SYSTEM "file:///etc/passwd">', "<!-- -->"])
async def test_a_document_type_or_entity_is_refused_before_parsing(tmp_path: Path, prolog: str) -> None:
    async with bench(tmp_path) as b:
        assert error_of(await b.post(prolog + b.message("&b;"))) == (400, "wechat_doctype")


async def test_an_entity_nobody_declared_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        xml = b.message().replace("<![CDATA[低保怎么申请]]>", "&b;")
        assert error_of(await b.post(xml)) == (400, "wechat_malformed")


async def test_a_resident_may_write_about_doctypes_and_brackets(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        words = "<!DOCTYPE html> ]]> <b>&amp;"
        assert await b.send(words) is not None
        assert b.consultations.received[0].text == words


@pytest.mark.parametrize(("old", "new"), [
    ("<MsgId>100</MsgId>", ""),
    ("<MsgId>100</MsgId>", "<MsgId>abc</MsgId>"),
    ("<MsgId>100</MsgId>", "<MsgId>100</MsgId><MsgId>101</MsgId>"),
    ("<MsgType><![CDATA[text]]></MsgType>", ""),
    ("<MsgType><![CDATA[text]]></MsgType>", "<MsgType/>"),
    ("<MsgType><![CDATA[text]]></MsgType>", "<MsgType>text</MsgType><MsgType>event</MsgType>"),
    ("<MsgType><![CDATA[text]]></MsgType>", "<MsgType>event</MsgType>"),
    (f"<FromUserName><![CDATA[{RESIDENT}]]></FromUserName>", ""),
    (f"<FromUserName><![CDATA[{RESIDENT}]]></FromUserName>", "<FromUserName>a b</FromUserName>"),
    (f"<FromUserName><![CDATA[{RESIDENT}]]></FromUserName>", f"<FromUserName>{'o' * 65}</FromUserName>"),
    (f"<ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>", ""),
    ("<CreateTime>", "<CreateTime>x"),
    ("<Content><![CDATA[低保怎么申请]]></Content>", '<Content lang="zh">低保</Content>'),
    ("<Content><![CDATA[低保怎么申请]]></Content>", "<Content>低保</Content><Content>医保</Content>"),
    ("<Content><![CDATA[低保怎么申请]]></Content>", "<Content><b>低保</b></Content>"),
    ("低保怎么申请", "低保\x08怎么申请"),
    ("<![CDATA[低保怎么申请]]>", "&#xD800;"),
])
async def test_missing_doubled_and_broken_fields_get_a_clean_refusal(tmp_path: Path, old: str, new: str) -> None:
    async with bench(tmp_path) as b:
        assert old in b.message()
        assert error_of(await b.post(b.message().replace(old, new))) == (400, "wechat_malformed")
        assert await b.inbox() == []


async def test_refusals_are_logged_without_what_the_resident_wrote(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path) as b:
        with caplog.at_level(logging.DEBUG):
            await b.post(b.message("身份证310105194910010029").replace("<MsgId>100</MsgId>", ""))
            await b.post(b.message("身份证310105194910010029").replace("]]></Content>", "\x08]]></Content>"))
        assert "wechat_malformed" in caplog.text
        assert "310105" not in caplog.text
        assert RESIDENT not in caplog.text


# --- encrypted mode --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
async def test_the_answer_is_sealed_with_the_key_that_opened_the_question(tmp_path: Path, key: str) -> None:
    async with bench(tmp_path, sealed_with=key, wechat_aes_key=KEY, wechat_aes_key_previous=OLD_KEY) as b:
        response = await b.post(b.message("低保怎么申请"))
        assert "低保" not in response.text
        assert b.platform.read_answer(response.text, RESIDENT).startswith("您问的是：低保怎么申请")


async def test_a_plain_callback_still_counts_while_the_console_is_being_switched_to_encryption(tmp_path: Path) -> None:
    async with bench(tmp_path, wechat_aes_key=KEY) as b:
        assert await b.send("低保怎么申请") is not None


async def test_a_callback_sealed_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path, sealed_with=OTHER_KEY, wechat_aes_key=KEY, wechat_aes_key_previous=OLD_KEY) as b:
        assert error_of(await b.post(b.message())) == (400, "wechat_not_decrypted")


async def test_a_callback_for_another_account_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path, wechat_aes_key=KEY) as b:
        query, body = Platform(TOKEN, "wx_another", ACCOUNT, KEY).sealed(b.message(), int(b.clock().timestamp()))
        assert error_of(await b.http.post("/wechat", params=query, content=body)) == (400, "wechat_not_decrypted")


async def test_an_encrypted_callback_without_a_key_set_says_which_setting_is_missing(tmp_path: Path) -> None:
    async with bench(tmp_path, sealed_with=KEY) as b:
        response = await b.post(b.message())
        assert error_of(response) == (400, "wechat_no_aes_key")
        assert "YIBENTONG_WECHAT_AES_KEY" in response.json()["error"]["message"]


@pytest.mark.parametrize("change", [{"msg_signature": "0" * 40}, {"msg_signature": ""}])
async def test_an_encrypted_body_needs_its_own_signature(tmp_path: Path, change: dict[str, str]) -> None:
    async with bench(tmp_path, sealed_with=KEY, wechat_aes_key=KEY) as b:
        query, body = b.signed(b.message())
        assert error_of(await b.http.post("/wechat", params=query | change, content=body)) == (403, "wechat_wrong_signature")


@pytest.mark.parametrize("sealed", ["AAAA", "no base64!", "A" * 64, "低保", "A" * 44])
async def test_broken_ciphertext_gets_a_clean_refusal(tmp_path: Path, sealed: str) -> None:
    async with bench(tmp_path, sealed_with=KEY, wechat_aes_key=KEY) as b:
        stamp = str(int(b.clock().timestamp()))
        query = b.platform.query(int(stamp), "7") | {"encrypt_type": "aes", "msg_signature": _sign(stamp, "7", sealed)}
        body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
        assert error_of(await b.http.post("/wechat", params=query, content=body)) == (400, "wechat_not_decrypted")


@pytest.mark.parametrize("body", [
    "<xml></xml>", "<xml><Encrypt/></xml>", "<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>", "<xml>"])
async def test_an_encrypted_callback_without_its_envelope_gets_a_clean_refusal(tmp_path: Path, body: str) -> None:
    async with bench(tmp_path, wechat_aes_key=KEY) as b:
        query = b.platform.query(int(b.clock().timestamp())) | {"encrypt_type": "aes", "msg_signature": "0" * 40}
        assert error_of(await b.http.post("/wechat", params=query, content=body.encode())) == (400, "wechat_malformed")


async def test_a_bomb_inside_the_envelope_is_refused_too(tmp_path: Path) -> None:
    async with bench(tmp_path, sealed_with=KEY, wechat_aes_key=KEY) as b:
        assert error_of(await b.post(BOMB + b.message())) == (400, "wechat_doctype")


async def test_the_same_message_sealed_anew_under_an_old_signature_is_the_same_message(tmp_path: Path) -> None:
    async with bench(tmp_path, sealed_with=KEY, wechat_aes_key=KEY) as b:
        xml = b.message()
        assert [(await b.post(xml, nonce="8273")).status_code for _ in range(2)] == [200, 200]
        assert len(b.consultations.answered) == 1


# --- answers -----------------------------------------------------------------------------------------------------------------


async def test_an_answer_may_hold_what_ends_a_cdata_section(tmp_path: Path) -> None:
    def answer(_text: str) -> Reply:
        return Reply(Status.ANSWERED, "a]]></Content><MsgType>news</MsgType>]]>\x0b")

    async with bench(tmp_path, answer=answer) as b:
        response = await b.post(b.message())
        fields = xmltodict.parse(response.text)["xml"]
        assert fields["MsgType"] == "text"
        assert fields["Content"].startswith("a]]＞＜/Content＞＜MsgType＞news")


async def test_the_answer_goes_back_from_the_account_to_the_resident(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        response = await b.post(b.message())
        fields = xmltodict.parse(response.text)["xml"]
        assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == (RESIDENT, ACCOUNT, "text")
        assert fields["CreateTime"] == str(int(b.clock().timestamp()))
        assert response.headers["content-type"].startswith("application/xml")


@pytest.mark.parametrize("event", [
    "VIEW", "LOCATION", "unsubscribe", "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event", "nobody_knows"])
async def test_an_event_that_wants_no_answer_gets_success_and_starts_no_consultation(tmp_path: Path, event: str) -> None:
    async with bench(tmp_path) as b:
        response = await b.post(b.platform.message(RESIDENT, "event", "", {"Event": event, "EventKey": "x"}))
        assert (response.status_code, response.text) == (200, "success")
        assert await b.inbox() == []


async def test_a_follow_is_greeted_by_the_bot_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        followed = {"Event": "subscribe", "EventKey": "qrscene_tianshan"}
        xml = b.platform.message(RESIDENT, "event", "", followed, created=1763683200)
        for _ in range(2):
            assert "您问的是" in (await b.post(xml)).text
        (message,) = b.consultations.received
        assert (message.kind, message.payload) == ("event", {"event": "subscribe", "scene": "tianshan"})
        assert len(b.consultations.answered) == 1


# --- settings ----------------------------------------------------------------------------------------------------------------


async def test_without_an_app_id_the_channel_is_off_and_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path, wechat_app_id="", wechat_app_secret="", wechat_token="") as b:
        assert error_of(await b.post(b.message())) == (404, "wechat_off")
        assert error_of(await b.http.get("/wechat")) == (404, "wechat_off")


@pytest.mark.parametrize(("changes", "named"), [
    ({"wechat_token": ""}, "YIBENTONG_WECHAT_TOKEN"),
    ({"wechat_app_secret": ""}, "YIBENTONG_WECHAT_APP_SECRET"),
    ({"wechat_aes_key": "short"}, "has 5 characters"),
    ({"wechat_aes_key": "!" * 43}, "YIBENTONG_WECHAT_AES_KEY"),
    ({"wechat_aes_key": KEY, "wechat_aes_key_previous": "k" * 44}, "has 44 characters"),
])
async def test_a_missing_or_wrong_setting_stops_the_start_and_names_itself(
        tmp_path: Path, changes: dict[str, str], named: str) -> None:
    async with bench(tmp_path) as b:
        with pytest.raises(ValueError, match=named):
            WeChatChannel(settings_for(tmp_path, **changes), b.consultations, b.sessions, b.outbox._cipher)


def _sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


def _fresh(b: Bench) -> dict[str, str]:
    return b.platform.query(int(b.clock().timestamp()))


def test_the_signature_is_the_sha1_of_the_sorted_parts() -> None:
    # printf '12token' | sha1sum
    assert Platform("token", APP_ID).query(1, "2")["signature"] == "6d7149e287208afb17c14861c125053fd80c0f86"
