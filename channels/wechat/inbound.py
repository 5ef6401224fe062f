"""What a callback says, as the message a consultation understands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime

from bot.messages import Channel, InboundMessage
from channels.wechat.callback_error import CallbackError, quoted
from channels.wechat.envelope import Fields, optional_field, read_fields, text_field

ACCOUNT = re.compile(r"[A-Za-z0-9_@.-]{1,64}")
NUMBER = re.compile(r"[0-9]{1,20}")
ANSWERED_EVENTS = {"subscribe": "subscribe", "subscribe_scan": "subscribe", "scan": "SCAN", "click": "CLICK"}
"""As the library names them, and as the platform spells them. The other events (VIEW, LOCATION, unsubscribe,
TEMPLATESENDJOBFINISH, …) tell us something and want no answer."""

KEY_LIMIT = 160

Content = tuple[str, str, dict[str, object]]    # kind, text, payload


def read_message(xml: str, received_at: datetime) -> InboundMessage | None:
    """The message in this callback; None for an event that wants no answer. CallbackError when it cannot be read.

    An event's payload is {"event": "subscribe" | "SCAN" | "CLICK", "scene" or "key": …}; a tapped option brings {"option": id}; a
    place is rounded to about 100 m, its address is the text.
    """
    fields = read_fields(xml)
    account, sender = _account(fields, "ToUserName"), _account(fields, "FromUserName")
    created = _number(fields, "CreateTime")
    kind = text_field(fields, "MsgType").lower()
    if kind == "event":
        return _event(fields, account, sender, created, received_at)
    kind, text, payload = READERS.get(kind, _unreadable)(fields)
    return InboundMessage(Channel.WECHAT, sender, text, _number(fields, "MsgId"), received_at, account, kind, payload)


def _event(fields: Fields, account: str, sender: str, created: str, received_at: datetime) -> InboundMessage | None:
    name = text_field(fields, "Event").lower()
    key = optional_field(fields, "EventKey")
    # The library renames a follow by QR code to subscribe_scan and strips the mark in front of the scene.
    event = ANSWERED_EVENTS.get(name)
    if event is None:
        return None
    payload: dict[str, object] = {"event": event}
    if key:
        payload["key" if event == "CLICK" else "scene"] = key
    return InboundMessage(
        Channel.WECHAT, sender, "", _event_key(created, name, key), received_at, account, "event", payload)


def _event_key(created: str, name: str, key: str) -> str:
    """Events have no MsgId. Source: 接收事件推送, duplicates are told by FromUserName and CreateTime."""
    whole = f"{created}:{name}:{key}"
    return whole if len(whole) <= KEY_LIMIT else f"{created}:{name}:{hashlib.sha256(key.encode()).hexdigest()}"[:KEY_LIMIT]


def _text(fields: Fields) -> Content:
    option = optional_field(fields, "bizmsgmenuid")
    return "text", optional_field(fields, "Content"), {"option": option} if option else {}


def _voice(fields: Fields) -> Content:
    # Recognition is often absent or empty: the platform has announced its end.
    return "voice", optional_field(fields, "Recognition"), _named(fields, media_id="MediaId", format="Format")


def _image(fields: Fields) -> Content:
    return "image", "", _named(fields, media_id="MediaId", url="PicUrl")


def _video(fields: Fields) -> Content:
    return "video", "", _named(fields, media_id="MediaId")


def _place(fields: Fields) -> Content:
    place = {"latitude": _degrees(fields, "Location_X", 90), "longitude": _degrees(fields, "Location_Y", 180)}
    return "location", optional_field(fields, "Label"), dict(place)


def _link(fields: Fields) -> Content:
    words = [optional_field(fields, name) for name in ("Title", "Description")]
    return "link", "\n".join(w for w in words if w), _named(fields, url="Url")


def _unreadable(_fields: Fields) -> Content:
    return "other", "", {}


READERS: dict[str, Callable[[Fields], Content]] = {
    "text": _text, "voice": _voice, "image": _image, "video": _video, "shortvideo": _video, "location": _place, "link": _link,
}


def _named(fields: Fields, **names: str) -> dict[str, object]:
    found = {ours: optional_field(fields, theirs) for ours, theirs in names.items()}
    return {name: value for name, value in found.items() if value}


def _account(fields: Fields, name: str) -> str:
    value = text_field(fields, name)
    if ACCOUNT.fullmatch(value) is None:
        raise CallbackError(400, "wechat_malformed", f"<{name}> holds {quoted(value)}: wanted is an account id of letters, "
                            "digits, '_' and '-', e.g. gh_0123456789ab")
    return value


def _number(fields: Fields, name: str) -> str:
    value = text_field(fields, name)
    if NUMBER.fullmatch(value) is None:
        raise CallbackError(400, "wechat_malformed", f"<{name}> holds {quoted(value)}: wanted is a whole number, e.g. 1763683200")
    return value


def _degrees(fields: Fields, name: str, limit: int) -> float:
    value = text_field(fields, name)
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,12})?", value) is None or abs(float(value)) > limit:
        raise CallbackError(400, "wechat_malformed", f"<{name}> is not a number of degrees up to {limit}, e.g. 31.22")
    return round(float(value), 3)
