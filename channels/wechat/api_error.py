"""What can go wrong when we call WeChat, and what it means for a message under way."""

from __future__ import annotations

from enum import StrEnum


class WeChatApiError(Exception):
    """WeChat refused a call (code: its errcode) or could not be reached or understood (code None). Read by operators; holds no
    token, no openid and nothing of the message."""

    def __init__(self, code: int | None, message: str) -> None:
        super().__init__(f"{code} {message}" if code is not None else message)
        self.code = code


class Consequence(StrEnum):
    """What becomes of the message."""

    RETRY = "retry"                  # later, with growing pauses, as long as the window is open
    EXPIRED = "expired"              # the window is closed, or the resident left
    NEXT_MESSAGE = "next_message"    # quota used up: the resident's next message gives a new one
    SMALLER = "smaller"              # cut it smaller, once
    PULL = "pull"                    # this account may not send: given with the answer to the next message
    FAILED = "failed"                # nothing we can do; kept with its code


TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""invalid, malformed or expired access token"""

CONSEQUENCES: dict[int, Consequence] = {
    45015: Consequence.EXPIRED,
    45047: Consequence.NEXT_MESSAGE,
    45002: Consequence.SMALLER,
    48001: Consequence.PULL,
    **dict.fromkeys(TOKEN_REFUSED, Consequence.RETRY),
    -1: Consequence.RETRY,           # system busy
    45009: Consequence.RETRY,        # calls of the day used up
    45011: Consequence.RETRY,        # too many calls a minute
    # An operator must put these right in the console; the message is not to blame and waits.
    40013: Consequence.RETRY,        # invalid AppID
    40125: Consequence.RETRY,        # invalid AppSecret
    40164: Consequence.RETRY,        # our address is not in the list
    89503: Consequence.RETRY,        # an administrator has to confirm the call
}
"""Source: 全局返回码 and 发送客服消息 of the platform's documentation."""


def consequence(error: WeChatApiError) -> Consequence:
    """A code that is not in the table is given up: sending the same again would be refused again."""
    return Consequence.RETRY if error.code is None else CONSEQUENCES.get(error.code, Consequence.FAILED)
