"""Metadata of a document: title, kind, rank, region, issuer, number and days, from head, text, file name and manifest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import PurePath
from typing import Any, Generic, TypeVar

from knowledge.documents.blocks import Block, Source
from knowledge.documents.days import DAY, day_in, days_in
from knowledge.documents.heads import (
    ADOPTED,
    IN_FORCE,
    ISSUER_LINE,
    LONGEST_HEAD_LINE,
    NUMBER,
    OPENS_WITH_DAY,
    head_and_body,
    is_title_line,
    title_in,
)
from knowledge.documents.numbering import DATE_LINE
from knowledge.documents.proposals import Proposal, shown
from knowledge.documents.regions import WHOLE_COUNTRY, region_of
from knowledge.documents.repair import PUBLISHED_ON_PAGE
from knowledge.documents.succession import repealed_titles
from knowledge.errors import UnreadableDocumentError
from knowledge.manifest import ManifestEntry
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.wording import say

T = TypeVar("T")

VERSION_IN_NAME = re.compile(r"[（(][\d.年月日-]{4,11}[）)]$")
"""上海市社会救助条例(2024-12-31).md"""

LONGEST_TITLE = 200

ORDER = re.compile(r"国务院令第\s*\d+\s*号")
STARTS = re.compile(rf"自\s*(?P<day>{DAY})\s*起(?:施行|实施|执行|生效)")
STARTS_AT_ONCE = re.compile(r"自(?:公布|发布|印发|颁布)之日起(?:施行|实施|执行|生效)")
ENDS_ON = re.compile(rf"有效期(?:至|到)\s*(?P<day>{DAY})")
ENDS_AFTER = re.compile(r"有效期(?:为)?\s*(?P<years>[1-9]|[一二两三四五])\s*年")
YEARS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
CONGRESS = re.compile(r"(?P<issuer>全国人民代表大会|[\u4e00-\u9fff]{2,9}?(?:省|市|自治区)(?=第.{1,4}届))")
SIGNING = re.compile(r"^[\u4e00-\u9fff]{4,30}(?:局|厅|部|委|府|办公室|委员会|办|中心)(?=[（(]|$)")

PLAN = re.compile(r"(要点|计划|规划|安排|行动方案)([（(].{1,8}[）)])?$")
REPORT = re.compile(r"(总结|汇报|报告|落实情况|工作情况|述职)([（(].{1,8}[）)])?$")
NORMATIVE = re.compile(r"(通知|通告|意见|措施|办法|规定|规程|细则|方案|决定|批复|标准|公告|指引)([（(].{1,8}[）)])?$")
LOCAL_REGULATION = re.compile(r"(条例|若干规定|规定|办法|决定)$")


@dataclass(frozen=True, slots=True)
class Described:
    """A document with its text proper. titles: how the title may be said again inside the text. remarks: Chinese. proposals: one
    a field, in the order of knowledge.documents.proposals.FIELDS."""

    document: PolicyDocument
    body: tuple[Block, ...]
    titles: tuple[str, ...]
    remarks: tuple[str, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A field's value, how sure it is (0 to 1), and where it was read, in Chinese."""

    value: T
    confidence: float
    where: str


def described(source: Source, name: str, entry: ManifestEntry | None = None) -> Described:
    """What the document is and where its text begins. name: the file's name; entry: what somebody knows better.

    Raises UnreadableDocumentError for a title too long to be one."""
    known = entry or ManifestEntry()
    stem = file_title(name)
    head, body = head_and_body(source, known.title, stem)
    title = _title(source, known, head, stem)
    if len(title.value) > LONGEST_TITLE:
        raise UnreadableDocumentError("unreadable.title_too_long", name=name, length=len(title.value), limit=LONGEST_TITLE)
    facts = _Facts(source, name, known, title, tuple(head), tuple(body))
    titles = tuple({title.value, stem, *(b.text for b in head if is_title_line(b, title.value, stem))})
    return Described(facts.document(), tuple(body), titles, facts.remarks(), facts.proposals())


def file_title(name: str) -> str:
    """The file name without its ending and without the day or year of the version in brackets behind it."""
    return VERSION_IN_NAME.sub("", PurePath(name).stem).strip()


def _title(source: Source, known: ManifestEntry, head: Sequence[Block], stem: str) -> Read[str]:
    given, printed = source.properties.get("title"), title_in(head, stem)
    if known.title:
        found = _known(known.title)
    elif given:
        found = Read(given, 0.95, say("where.property", name="title"))
    elif printed:
        found = Read(printed, 0.9, say("where.head", words=printed))
    else:
        found = Read(stem, 0.6, say("where.file_name", name=stem))
    quoted = found.value.startswith("《") and found.value.endswith("》")
    return replace(found, value=found.value.strip("《》 ") if quoted else found.value.strip())


def _known(value: T) -> Read[T]:
    return Read(value, 1.0, say("where.manifest"))


def _nothing() -> Read[None]:
    return Read(None, 0.0, say("where.nothing"))


@dataclass(frozen=True)
class _Facts:
    """Every field read once, each from the surest place that has it."""

    source: Source
    name: str
    known: ManifestEntry
    title: Read[str]
    head: Sequence[Block]
    body: Sequence[Block]

    def document(self) -> PolicyDocument:
        kind, number, issued_on = self.kind.value, self.number.value, self.issued_on.value
        return PolicyDocument(
            document_id=document_id(kind, number, self.title.value, issued_on),
            title=self.title.value,
            kind=kind,
            rank=self.rank.value,
            region=self.region.value or WHOLE_COUNTRY,
            issuer=self.issuer.value,
            number=number,
            issued_on=issued_on,
            in_force_from=self.in_force_from.value,
            in_force_until=self.in_force_until.value,
            source=self.name,
            replaces=self.known.replaces or (),
        )

    def remarks(self) -> tuple[str, ...]:
        remarks = []
        if self.known.kind is None and self.kind.value is Kind.NEWS and not self._is_page():
            remarks.append(say("remark.kind_unknown"))
        if self.region.value is None:
            remarks.append(say("remark.region_unknown"))
        if self.issued_on.value is None:
            remarks.append(say("remark.no_date"))
        return tuple(remarks)

    def proposals(self) -> tuple[Proposal, ...]:
        fields: dict[str, Read[Any]] = {
            "title": self.title, "issuer": self.issuer, "number": self.number, "issued_on": self.issued_on,
            "in_force_from": self.in_force_from, "in_force_until": self.in_force_until, "region": self.region,
            "rank": self.rank, "kind": self.kind, "replaces": self.replaces,
        }
        return tuple(Proposal(name, shown(read.value), read.confidence, read.where) for name, read in fields.items())

    # -- who and what ------------------------------------------------------------------------------------------------------

    def _head_text(self) -> str:
        return "\n".join(block.text for block in self.head)

    @cached_property
    def issuer(self) -> Read[str] | Read[None]:
        if self.known.issuer:
            return _known(self.known.issuer)
        given = self.source.properties.get("issuing_authority") or self.source.properties.get("issuer")
        if given:
            return Read(given, 0.95, say("where.property", name="issuing_authority"))
        order = ORDER.search(self._head_text())
        if order:
            return Read("国务院", 0.9, say("where.head", words=order[0]))
        congress = CONGRESS.search(self._head_text())
        if congress:
            name = congress["issuer"].removesuffix("人民代表大会")
            issuer = f"{name}人民代表大会" + ("常务委员会" if "常务委员会" in self._head_text() else "")
            return Read(issuer, 0.9, say("where.head", words=issuer))
        line = next((m["issuer"] for m in (ISSUER_LINE.match(b.text) for b in self.head) if m), None)
        return Read(line, 0.9, say("where.head", words=line)) if line else self._signing_issuer()

    def _signing_issuer(self) -> Read[str] | Read[None]:
        """The office above the day that signs the text."""
        for index in range(len(self.body) - 1, 0, -1):
            if DATE_LINE.match(self.body[index].text):
                signing = SIGNING.match(self.body[index - 1].text)
                return Read(signing[0], 0.8, say("where.signature", words=signing[0])) if signing else _nothing()
        return _nothing()

    @cached_property
    def number(self) -> Read[str] | Read[None]:
        if self.known.number:
            return _known(self.known.number)
        order = ORDER.search(self._head_text())
        if order:
            return Read(re.sub(r"\s", "", order[0]), 0.9, say("where.head", words=order[0]))
        for block in self.head:
            number = NUMBER.search(block.text)
            if number and len(block.text) <= LONGEST_HEAD_LINE:
                printed = re.sub(r"[\[（(﹝【]", "〔", re.sub(r"[\]）)﹞】]", "〕", re.sub(r"\s", "", number[0])))
                return Read(printed, 0.9, say("where.head", words=block.text))
        return _nothing()

    @cached_property
    def region(self) -> Read[str] | Read[None]:
        if self.known.region is not None:
            return _known(self.known.region)
        found = region_of(self.title.value, self.issuer.value, file_title(self.name))
        if found is None:
            return _nothing()
        return Read(found, 0.8, say("where.worked_out", fields="、".join(say(f"fields.{f}") for f in ("title", "issuer"))))

    def _is_page(self) -> bool:
        return PUBLISHED_ON_PAGE in self.source.properties

    @cached_property
    def kind(self) -> Read[Kind]:
        if self.known.kind is not None:
            return _known(self.known.kind)
        title, by_title = self.title.value, say("where.title", title=self.title.value)
        issuer = self.issuer.value or ""
        whole_country = (self.region.value or WHOLE_COUNTRY) == WHOLE_COUNTRY
        if whole_country and re.search(r"法$", title) and not title.endswith("办法"):
            return Read(Kind.LAW, 0.9, by_title)
        by_state_council = issuer == "国务院" and ORDER.search(self._head_text()) is not None
        if by_state_council or title.endswith("条例") or ("人民代表大会" in issuer and LOCAL_REGULATION.search(title)):
            return Read(Kind.REGULATION, 0.9, by_title)
        for pattern, kind in ((PLAN, Kind.PLAN), (REPORT, Kind.REPORT), (NORMATIVE, Kind.NORMATIVE)):
            if pattern.search(title):
                return Read(kind, 0.8, by_title)
        # Nothing says what it is: it must not support a statement of entitlement until somebody says so.
        return Read(Kind.NEWS, 0.7 if self._is_page() else 0.3, say("where.guess"))

    @cached_property
    def rank(self) -> Read[Rank]:
        if self.known.rank is not None:
            return _known(self.known.rank)
        rank = rank_of(self.kind.value, self.region.value or WHOLE_COUNTRY, self.issuer.value)
        sure = min(self.kind.confidence, self.region.confidence or 0.3)
        return Read(rank, sure, say("where.worked_out", fields="、".join(say(f"fields.{f}") for f in ("kind", "region"))))

    @cached_property
    def replaces(self) -> Read[tuple[str, ...]]:
        """Titles this text ends. Those it names itself (同时废止) take effect through the words of the clause."""
        if self.known.replaces:
            return _known(self.known.replaces)
        said = tuple(dict.fromkeys(title for block in self.body for title in repealed_titles(block.text)))
        if not said:
            return Read((), 0.9, say("where.nothing"))
        return Read(said, 0.9, say("where.body", words="、".join(f"《{title}》" for title in said)))

    # -- days ----------------------------------------------------------------------------------------------------------------

    def _version_days(self) -> list[tuple[date, float, str]]:
        """Days of adoption and amendment in the head, of the front matter, and of the version in the file name."""
        found = [(day, 0.9, say("where.head", words=b.text)) for b in self.head for day in _adoption_days(b.text)]
        given = self.source.properties.get("publish_date", "")
        found += [(day, 0.95, say("where.property", name="publish_date")) for day in days_in(given)]
        version = VERSION_IN_NAME.search(PurePath(self.name).stem)
        found += [(day, 0.7, say("where.file_name", name=self.name)) for day in days_in(version[0] if version else "")]
        return found

    @cached_property
    def issued_on(self) -> Read[date] | Read[None]:
        if self.known.issued_on is not None:
            return _known(self.known.issued_on)
        days = self._version_days()
        if days:
            newest = max(day for day, _, _ in days)
            return Read(newest, *max((sure, where) for day, sure, where in days if day == newest))
        signed = [day for block in self.body if DATE_LINE.match(block.text) for day in days_in(block.text)]
        if signed:
            return Read(signed[-1], 0.8, say("where.signature", words=signed[-1].isoformat()))
        on_page = day_in(self.source.properties.get(PUBLISHED_ON_PAGE, ""))
        return Read(on_page, 0.6, say("where.page")) if on_page else _nothing()

    @cached_property
    def in_force_from(self) -> Read[date] | Read[None]:
        """The day the text names; an amended version applies from its amendment, a version from no earlier than its day."""
        if self.known.in_force_from is not None:
            return _known(self.known.in_force_from)
        issued_on, named = self.issued_on.value, self._named_start()
        is_amended = self.kind.value in (Kind.LAW, Kind.REGULATION) and issued_on is not None
        if named.value is not None and is_amended and issued_on is not None and issued_on > named.value:
            # The text still names the day of its first version; the amendment's own day of effect is not always its date.
            return Read(issued_on, 0.7, say("where.amended", day=issued_on.isoformat()))
        return named

    def _named_start(self) -> Read[date] | Read[None]:
        given = day_in(self.source.properties.get("implement_date", ""))
        if given is not None:
            return Read(given, 0.95, say("where.property", name="implement_date"))
        for block in reversed(self.body):
            named = STARTS.search(block.text)
            day = day_in(named["day"]) if named else None
            if named and day and _speaks_of_itself(block.text, named.start()):
                return Read(day, 0.9, say("where.body", words=named[0]))
            at_once = STARTS_AT_ONCE.search(block.text)
            if at_once:
                first = self._first_version_day()
                return Read(first, 0.8, say("where.body", words=at_once[0])) if first else _nothing()
        starts = [(day, b.text) for b in self.head if IN_FORCE.search(b.text) for day in days_in(b.text)]
        return Read(starts[-1][0], 0.8, say("where.head", words=starts[-1][1])) if starts else _nothing()

    def _first_version_day(self) -> date | None:
        """自发布之日起施行: the day of publication; the head names adoption first and publication after it."""
        published = [day for b in self.head if re.search("公布|发布|印发", b.text) for day in days_in(b.text)]
        return published[0] if published else self.issued_on.value

    @cached_property
    def in_force_until(self) -> Read[date] | Read[None]:
        if self.known.in_force_until is not None:
            return _known(self.known.in_force_until)
        if self.kind.value is not Kind.NORMATIVE:
            return _nothing()
        start = self.in_force_from.value or self.issued_on.value
        for block in reversed(self.body):
            ends_on = ENDS_ON.search(block.text)
            last = day_in(ends_on["day"]) if ends_on else None
            if ends_on and last is not None:
                return Read(last + timedelta(days=1), 0.9, say("where.body", words=ends_on[0]))
            ends_after = ENDS_AFTER.search(block.text)
            if ends_after and start is not None and STARTS.search(block.text):
                years = YEARS.get(ends_after["years"]) or int(ends_after["years"])
                return Read(_years_later(start, years), 0.8, say("where.body", words=ends_after[0]))
        return _nothing()


def document_id(kind: Kind, number: str | None, title: str, issued_on: date | None) -> str:
    """The number (文号), else title and day of the version, else the title alone.

    Laws and regulations always go by title and day: their amended versions keep the number of the first order."""
    if number and kind not in (Kind.LAW, Kind.REGULATION):
        return number
    return f"{title}({issued_on.isoformat()})" if issued_on else title


def rank_of(kind: Kind, region: str, issuer: str | None) -> Rank:
    """The authority that a kind of text has in a region."""
    if kind is Kind.LAW:
        return Rank.LAW
    if kind is Kind.REGULATION:
        # "shanghai_regulation" stands for 地方性法规 of any province; the region tells whose.
        return Rank.ADMINISTRATIVE if region == WHOLE_COUNTRY else Rank.SHANGHAI_REGULATION
    if kind is Kind.HANDBOOK:
        return Rank.HANDBOOK
    if kind is not Kind.NORMATIVE:
        return Rank.INFORMATION
    return Rank.DISTRICT if re.search(r"[区县]$", region) and not region.endswith("自治区") else Rank.CITY


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _adoption_days(line: str) -> list[date]:
    """Days of a head line like 2024年12月31日 上海市…修正; none when the line says from when the text applies."""
    opening = OPENS_WITH_DAY.match(line.lstrip("（( "))
    if opening is None or (IN_FORCE.search(line) and not ADOPTED.search(line)):
        return []
    return days_in(line)[:1]


def _speaks_of_itself(text: str, position: int) -> bool:
    """本条例自… rather than 《某条例》自…"""
    return re.search(r"本[\u4e00-\u9fff]{1,8}$", text[:position].rstrip()) is not None
