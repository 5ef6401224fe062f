"""Regions (地区) as documents name them: where a title or an issuer says that a text applies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

WHOLE_COUNTRY = ""


@cache
def _names() -> Mapping[str, Any]:
    text = resources.files("knowledge").joinpath("handbook", "regions_of_issue.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


def region_of(*texts: str | None) -> str | None:
    """The region that the first of these texts names at its start, as in "上海市长宁区"; "" for the whole country, None: none.

    Source: the names of provinces and Shanghai's districts in knowledge/handbook/regions_of_issue.yaml."""
    for text in texts:
        region = _opening_region((text or "").strip("《“\" "))
        if region is not None:
            return region
    return None


def _opening_region(text: str) -> str | None:
    if text.startswith("中华人民共和国") or text.startswith(tuple(_names()["national_issuers"])):
        return WHOLE_COUNTRY
    for city, districts in _names()["districts"].items():
        for district in districts:
            if text.startswith(district):
                return f"{city}{district}"
    provinces: list[str] = _names()["provinces"]
    province = next((name for name in provinces if text.startswith(name)), None)
    if province is None:
        return None
    # 上海市长宁区民政局, 江苏省南京市: one more step down where the name goes on with a city, district or county.
    below = re.match(r"[\u4e00-\u9fff]{1,6}?(?:新区|区|市|县|州|盟)(?!域|级|政府)", text[len(province):])
    return province + (below[0] if below else "")
