"""Which programmes and which region a message speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.catalogue import Catalogue

_HERE = re.compile(r"上海|长宁|本市|沪")
_ONLY_ORIGIN = re.compile(
    r"(省|市|区|县)?(户口|户籍|人|来的?|老家|籍|过来|回来|工作过|退休|插队|支内|医院|看病|读书|上学|亲戚|路)"
)


@dataclass(frozen=True, slots=True)
class Topics:
    """programmes: ids named, in order of mention. other_region: the name of a place elsewhere whose rules are asked for."""

    programmes: tuple[str, ...]
    other_region: str | None = None


def topics_of(text: str, catalogue: Catalogue) -> Topics:
    return Topics(tuple(catalogue.programme_for(text)), _other_region(text, catalogue))


def _other_region(text: str, catalogue: Catalogue) -> str | None:
    """The place elsewhere that a question is about; None when it only says where somebody comes from, or names Shanghai as well.

    "杭州的低保怎么办" is about Hangzhou; "我杭州户口住长宁能申请吗" is not. Another district of Shanghai has the same city rules.
    """
    region = catalogue.region_named(text)
    if region is None or region.kind == "shanghai_district" or _HERE.search(text) or catalogue.subdistrict_named(text):
        return None
    said = next((name for name in (region.name, *region.aliases) if name in text), None)
    if said is None:
        return None
    after = text[text.index(said) + len(said) :]
    return None if _ONLY_ORIGIN.match(after) else region.name
