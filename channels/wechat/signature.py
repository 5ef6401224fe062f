"""Is a callback WeChat's, fresh, and not one that was recorded and sent again?"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wechatpy.utils import WeChatSigner

from bot.channel_state import ChannelState
from channels.wechat.callback_error import CallbackError, quoted

MAX_VALUE_CHARS = 512


@dataclass(frozen=True, slots=True)
class SignedQuery:
    """The query string of a callback. encrypted: the body is an AES envelope and msg_signature covers it."""

    signature: str
    timestamp: str
    nonce: str
    encrypted: bool = False
    msg_signature: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> SignedQuery:
        for name in ("signature", "timestamp", "nonce"):
            if not query.get(name):
                raise CallbackError(403, "wechat_unsigned", f"the callback has no '{name}': WeChat sends signature, timestamp "
                                    "and nonce with every request, e.g. ?signature=…&timestamp=1763683200&nonce=8273")
        if any(len(query.get(name, "")) > MAX_VALUE_CHARS for name in ("signature", "timestamp", "nonce", "msg_signature")):
            raise CallbackError(403, "wechat_wrong_signature", f"a value of the query has more than {MAX_VALUE_CHARS} characters")
        return cls(query["signature"], query["timestamp"], query["nonce"], query.get("encrypt_type", "").lower() == "aes",
                   query.get("msg_signature", ""))


def sign(token: str, *parts: str) -> str:
    """SHA-1 of the sorted parts, as the platform signs. Source: reference of the callback check, 接入指南."""
    signer = WeChatSigner()
    signer.add_data(token, *parts)
    return str(signer.signature)


def same(expected: str, given: str) -> bool:
    """Compared in constant time: the library's own check is not."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def require_signature(query: SignedQuery, token: str) -> None:
    if not same(sign(token, query.timestamp, query.nonce), query.signature):
        raise CallbackError(403, "wechat_wrong_signature", f"the signature {quoted(query.signature)} does not fit timestamp and "
                            "nonce: the token set in the WeChat console and YIBENTONG_WECHAT_TOKEN must be the same")


def require_fresh(query: SignedQuery, now: datetime, age: timedelta) -> None:
    """Signed at most `age` ago, or ahead: two clocks may differ either way. The platform itself sets no limit."""
    if not (query.timestamp.isascii() and query.timestamp.isdigit() and len(query.timestamp) <= 12):
        raise CallbackError(403, "wechat_bad_timestamp", f"the timestamp {quoted(query.timestamp)} is not a number of seconds, "
                            "e.g. 1763683200")
    if abs(now.timestamp() - int(query.timestamp)) > age.total_seconds():
        raise CallbackError(403, "wechat_stale", f"the timestamp {query.timestamp} is more than {age.total_seconds():.0f} s "
                            "from our clock: send a new request, or set the clock of this machine")


async def require_first_use(query: SignedQuery, content: str, state: ChannelState, now: datetime, age: timedelta) -> None:
    """A signature covers time and nonce but not what is sent, so it serves for one content only. The same content again passes:
    it is the same message and is recognised as such further on."""
    key = "wechat:seen:" + _digest("|".join((query.signature, query.timestamp, query.nonce)))
    ours = _digest(content)
    # Kept for twice the age: a timestamp may lie that far ahead, and is good until it lies as far behind.
    if not same(await state.put_first(key, ours, now + 2 * age, now), ours):
        raise CallbackError(403, "wechat_replayed", f"the nonce {quoted(query.nonce)} was used before with another message: "
                            "every message needs its own signature")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
