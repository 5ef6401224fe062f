"""Policy documents (政策文件): what a text is, who issued it, for where and from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What sort of text a document is. Only entitlement kinds say what a resident may get."""

    LAW = "law"                  # 法律
    REGULATION = "regulation"    # 行政法规, 地方性法规
    NORMATIVE = "normative"      # 规范性文件
    HANDBOOK = "handbook"        # 一本通, our own words
    PLAN = "plan"                # 工作要点
    REPORT = "report"            # 总结, 汇报
    NEWS = "news"                # 动态, 报道


ENTITLEMENT_KINDS = frozenset({Kind.LAW, Kind.REGULATION, Kind.NORMATIVE, Kind.HANDBOOK})
"""A plan, report or news item never supports a statement of entitlement."""


class Rank(StrEnum):
    """Legal authority (效力层级), highest first in RANK_ORDER."""

    LAW = "law"                                  # 法律
    ADMINISTRATIVE = "administrative_regulation"  # 行政法规
    SHANGHAI_REGULATION = "shanghai_regulation"  # 地方性法规
    CITY = "city_normative"                      # 市规范性文件
    DISTRICT = "district_normative"              # 区规范性文件
    HANDBOOK = "handbook"
    INFORMATION = "information"                  # plan, report, news


RANK_ORDER: tuple[Rank, ...] = tuple(Rank)


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """One version of one policy document.

    document_id comes from the document: its number (文号) where it has one, else its title and the day of this version,
    as in "上海市社会救助条例(2024-12-31)". in_force_from is the first day it applies, in_force_until the first day it no
    longer does (None: no end known); both are calendar dates in Asia/Shanghai. in_force_from None means that no day is
    known: the document then counts as in force from issued_on on, or always when that is unknown too.
    displaced_from: first day from which a higher or newer text (displaced_by) governs the same matter although nobody has
    repealed this one in so many words; such a document is still found but never carries an answer alone.
    replaces: titles of the texts that this one ends on its first day, beside those it ends in so many words (同时废止).
    region: "" for the whole country, else from province down as printed, e.g. "上海市", "上海市长宁区".
    """

    document_id: str
    title: str
    kind: Kind
    rank: Rank
    region: str = ""
    issuer: str | None = None
    number: str | None = None
    issued_on: date | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None
    displaced_from: date | None = None
    displaced_by: str | None = None
    source: str = ""            # file name as imported, or "bundled"
    replaces: tuple[str, ...] = ()

    @property
    def first_day(self) -> date:
        return self.in_force_from or self.issued_on or date.min

    def in_force(self, on: date) -> bool:
        return self.first_day <= on and (self.in_force_until is None or on < self.in_force_until)

    def displaced(self, on: date) -> bool:
        return self.displaced_from is not None and self.displaced_from <= on

    @property
    def states_entitlement(self) -> bool:
        return self.kind in ENTITLEMENT_KINDS
