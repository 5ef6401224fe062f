"""Text cut where a reader would pause, measured in the bytes WeChat counts."""

from __future__ import annotations

import re
import unicodedata

# Western marks stand inside numbers and addresses as well (1,630; 9:30): only a space pauses there.
SENTENCE_END = "。！？；"
PAUSE = "，、 "
ZERO_WIDTH_JOINER = "\u200d"
DIGIT = re.compile(r"[0-9]")
IN_NUMBER = re.compile(r"[0-9A-Za-z.,:/%@#&=?_~+-]")


def size(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode("utf-8"))


def sound(text: str) -> str:
    """The text with halves of surrogate pairs joined, lone ones and control characters replaced: it can always be sent."""
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(c for c in joined.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or unicodedata.category(c) != "Cc")


def cut(text: str, limit: int) -> tuple[str, str]:
    """The longest sensible beginning of at most `limit` bytes, and the rest. Cut after a line, else after a sentence, else after
    a pause, else anywhere but inside a number, a word, an address or an emoji."""
    if size(text) <= limit:
        return text, ""
    end = _characters_within(text, limit)
    at = _line_end(text, end) or _after_last(text, end, SENTENCE_END) or _after_last(text, end, PAUSE)
    at = at or _between_characters(text, end)
    return text[:at].rstrip(), text[at:].lstrip("\n ")


def _characters_within(text: str, limit: int) -> int:
    # Decoding what fits, with a broken last character dropped, counts whole characters.
    return len(text.encode("utf-8")[:limit].decode("utf-8", "ignore"))


def _line_end(text: str, end: int) -> int:
    """0 when the last line end within reach would leave more than half of the room empty."""
    at = text.rfind("\n", 0, end + 1)
    return at if at > end // 2 else 0


def _after_last(text: str, end: int, marks: str) -> int:
    at = max(text.rfind(mark, 0, end) for mark in marks)
    return at + 1 if at >= end // 3 else 0


def _between_characters(text: str, end: int) -> int:
    at = end
    while at > 0 and (_joined(text, at) or _within_number(text, at)):
        at -= 1
    return at or max(end, 1)


def _within_number(text: str, at: int) -> bool:
    """A number stays whole and keeps its unit."""
    before, after = text[at - 1], text[at]
    return bool(IN_NUMBER.match(before) and IN_NUMBER.match(after)) or bool(DIGIT.match(before) and not after.isspace())


def _joined(text: str, at: int) -> bool:
    """Do the characters before and after this place make one sign?"""
    after = text[at]
    if ZERO_WIDTH_JOINER in (text[at - 1], after) or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":       # skin tone of the emoji before
        return True
    return _flag_half(after) and _flags_before(text, at) % 2 == 1


def _flags_before(text: str, at: int) -> int:
    start = at
    while start > 0 and _flag_half(text[start - 1]):
        start -= 1
    return at - start


def _flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
