"""The envelope around a callback: plain XML or AES (安全模式), with the present and the previous key; and its answer."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Any

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.parser import parse_message
from wechatpy.replies import TextReply

from channels.wechat.callback_error import CallbackError, quoted
from channels.wechat.signature import SignedQuery, same, sign

KEY_CHARS = 43
ROOT = re.compile(r"\ufeff?\s*(<\?xml[^<>]*\?>\s*)?<xml>")
ILLEGAL_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A callback without its envelope. key: the AES key that opened it, None for a plain one; the answer is sealed with it."""

    xml: str
    key: bytes | None


class Envelope:
    """Opens callbacks and seals answers for one account. aes_keys: the present EncodingAESKey, then the one before, so that a key
    can be changed without losing what is under way. Every fault of the library's parsing and decrypting becomes CallbackError."""

    def __init__(self, token: str, app_id: str, aes_keys: tuple[str, ...]) -> None:
        self._token = token
        self._app_id = app_id
        self._keys = tuple(_aes_key(key) for key in aes_keys if key)

    def open(self, body: bytes, query: SignedQuery) -> Opened:
        text = _as_text(body)
        if not query.encrypted:
            return Opened(text, None)
        if not self._keys:
            raise CallbackError(400, "wechat_no_aes_key", "the callback is encrypted and no key is set: "
                                "copy EncodingAESKey of the WeChat console into YIBENTONG_WECHAT_AES_KEY")
        sealed = text_field(_parsed(text), "Encrypt")
        if not same(sign(self._token, query.timestamp, query.nonce, sealed), query.msg_signature):
            raise CallbackError(403, "wechat_wrong_signature", f"msg_signature {quoted(query.msg_signature)} does not fit the "
                                "encrypted body")
        return self._decrypted(sealed)

    def seal(self, xml: str, key: bytes | None, timestamp: str, nonce: str) -> str:
        """The answer in the envelope the question came in."""
        if key is None:
            return xml
        cipher = PrpCrypto(key)
        # The library fills the first block from a generator that can be predicted.
        cipher.get_random_string = lambda: secrets.token_hex(8)
        sealed = cipher.encrypt(xml, self._app_id).decode("ascii")
        signature = sign(self._token, timestamp, nonce, sealed)
        return (f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
                f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{_in_cdata(nonce)}]]></Nonce></xml>")

    def _decrypted(self, sealed: str) -> Opened:
        failure: Exception | None = None
        for key in self._keys:
            try:
                return Opened(str(PrpCrypto(key).decrypt(sealed, self._app_id)), key)
            except Exception as error:
                # A wrong key shows as any of a dozen errors of the library (padding, length, text, AppID): the next one is tried.
                failure = error
        raise CallbackError(400, "wechat_not_decrypted", "the encrypted body opens with neither the present nor the previous AES "
                            f"key for AppID {quoted(self._app_id)}: compare both with the WeChat console") from failure


def read_fields(xml: str) -> Fields:
    """The elements of a callback by name, values as the library read them (text, or None where empty)."""
    _parsed(xml)
    try:
        fields = parse_message(xml)._data
    except Exception as error:
        raise _malformed("MsgType must be there once, as text") from error
    return dict(fields)


def text_field(fields: Fields, name: str) -> str:
    """An element that must be there once and hold text; CallbackError else."""
    value = optional_field(fields, name)
    if not value:
        raise _malformed(f"<{name}> is missing or empty")
    return value


def optional_field(fields: Fields, name: str) -> str:
    """The element's text, "" when it is absent or empty; CallbackError when it is there twice or holds more than text."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _malformed(f"<{name}> must be there once and hold text only")
    return value


def text_answer(text: str, *, to: str, account: str, at: int) -> str:
    """The XML of a direct answer in text. at: seconds since 1970."""
    reply = TextReply(source=_in_cdata(account), target=_in_cdata(to), content=_in_cdata(text), time=at)
    return str(reply.render())


def _in_cdata(text: str) -> str:
    # The library puts text between CDATA marks as it is: an end mark inside would end it early.
    return ILLEGAL_IN_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")


def _as_text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("the body is not UTF-8 text") from error


def _parsed(text: str) -> Fields:
    prolog = text.split("<xml", 1)[0]
    if "<!" in prolog:
        raise CallbackError(400, "wechat_doctype", "the body declares a document type or entities: WeChat sends neither, so it "
                            "is not read")
    if ROOT.match(text) is None:
        raise _malformed("the body does not begin with <xml>")
    try:
        root = xmltodict.parse(text)["xml"]
    except Exception as error:
        # The parser raises errors of its own, ValueError, KeyError or TypeError, depending on what is wrong.
        raise _malformed("it is not well-formed XML, or holds characters XML does not allow") from error
    if not isinstance(root, dict):
        raise _malformed("<xml> is empty")
    return root


def _malformed(what: str) -> CallbackError:
    return CallbackError(400, "wechat_malformed", f"the callback cannot be read: {what}. Wanted is e.g. <xml><ToUserName>…"
                         "</ToUserName><FromUserName>…</FromUserName><CreateTime>1763683200</CreateTime><MsgType>text</MsgType>"
                         "<Content>…</Content><MsgId>1</MsgId></xml>")


def _aes_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(text) != KEY_CHARS or len(key) != 32:
        # Not quoted: it may be a key with one letter missing.
        raise ValueError(f"YIBENTONG_WECHAT_AES_KEY (or …_PREVIOUS) has {len(text)} characters: EncodingAESKey of the WeChat "
                         f"console has {KEY_CHARS} letters and digits, e.g. {'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'}")
    return key
