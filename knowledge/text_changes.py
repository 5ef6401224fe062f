"""What changed between two wordings, said as shortly as a reader can follow: 20日 → 15日. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from knowledge.wording import say

MOST_PLACES = 4
LONGEST_PLACE = 60
LEAST_ALIKE = 0.35
"""Below this share of common words the text was written anew, and single places would only confuse."""
BRIDGE = 2
"""So many unchanged tokens between two changes are shown with them: one change reads better than two splinters."""

_UNIT = r"(?:个工作日|工作日|个月|周岁|万元|平方米|[日天月年元倍岁次人户级条项款%％])?"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*{_UNIT}|[零〇一二三四五六七八九十百千万]+{_UNIT}|[A-Za-z]+|\s+|.", re.DOTALL)
"""A number with its unit is one token: 15日 → 20日, not 1 → 2 and 5 → 0."""


def change_in_words(before: str, after: str) -> str:
    """The places that differ, in their order, as 旧 → 新; a text that has little in common with the old one is said to be new."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LEAST_ALIKE and len(before) + len(after) > 2 * LONGEST_PLACE:
        return say("change.rewritten", before=_short(before), after=_short(after))
    spans = [_readable(old, new, *span) for span in _differences(matcher)]
    places = [_place("".join(old[a:b]), "".join(new[c:d])) for a, b, c, d in spans]
    said = "；".join(places[:MOST_PLACES])
    return say("change.more_places", said=said, count=len(places)) if len(places) > MOST_PLACES else said


def _differences(matcher: SequenceMatcher[str]) -> list[tuple[int, int, int, int]]:
    """Spans of tokens that differ; those with next to nothing between them are one."""
    found: list[tuple[int, int, int, int]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        if found and a - found[-1][1] <= BRIDGE:
            found[-1] = (found[-1][0], b, found[-1][2], d)
        else:
            found.append((a, b, c, d))
    return found


def _readable(old: Sequence[str], new: Sequence[str], a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    """One character for another says little: the one behind it is shown with both."""
    is_splinter = b - a == d - c == 1 and len(old[a]) == len(new[c]) == 1
    return (a, b + 1, c, d + 1) if is_splinter and b < len(old) and d < len(new) else (a, b, c, d)


def _place(before: str, after: str) -> str:
    if not before:
        return say("change.inserted", words=_short(after))
    if not after:
        return say("change.deleted", words=_short(before))
    return say("change.place", before=_short(before), after=_short(after))


def _short(text: str) -> str:
    plain = re.sub(r"\s+", " ", text).strip()
    return plain if len(plain) <= LONGEST_PLACE else f"{plain[: LONGEST_PLACE - 10]}…{plain[-9:]}"


def list_changes_in_words(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """What changed between two lists of sentences: those changed, added and taken out, each in words."""
    said: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = before[a:b], after[c:d]
        if tag == "equal":
            continue
        for one, other in zip(old, new, strict=False):
            said.append(change_in_words(one, other))
        said += [say("change.inserted", words=_short(text)) for text in new[len(old):]]
        said += [say("change.deleted", words=_short(text)) for text in old[len(new):]]
    return tuple(said)


def opening(text: str) -> str:
    """The first words of a text, for lists."""
    return _short(text)
