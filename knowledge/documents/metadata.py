"""Metadata of a document: title, kind, rank, region, issuer, number and days, from head, text, file name and manifest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath

from knowledge.documents.blocks import Block, Source
from knowledge.documents.days import DAY, day_in, days_in
from knowledge.documents.numbering import DATE_LINE, first_label
from knowledge.documents.regions import WHOLE_COUNTRY, region_of
from knowledge.documents.repair import PUBLISHED_ON_PAGE
from knowledge.errors import UnreadableDocumentError
from knowledge.manifest import ManifestEntry
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.wording import say

VERSION_IN_NAME = re.compile(r"[（(][\d.年月日-]{4,11}[）)]$")
"""上海市社会救助条例(2024-12-31).md"""

LONGEST_TITLE = 200
LONGEST_HEAD_LINE = 60

NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}[〔\[（(﹝【]\s*\d{4}\s*[〕\]）)﹞】]\s*第?\s*\d+\s*号")
ORDER = re.compile(r"国务院令第\s*\d+\s*号")
ADOPTED = re.compile(r"通过|修订|修正|修改|公布|发布|印发|批准")
IN_FORCE = re.compile(r"施行|实施|生效")
OPENS_WITH_DAY = re.compile(rf"^(?:{DAY}|\d{{4}}\s*年\s*\d{{0,2}}\s*月)")
STARTS = re.compile(rf"自\s*(?P<day>{DAY})\s*起(?:施行|实施|执行|生效)")
STARTS_AT_ONCE = re.compile(r"自(?:公布|发布|印发|颁布)之日起(?:施行|实施|执行|生效)")
ENDS_ON = re.compile(rf"有效期(?:至|到)\s*(?P<day>{DAY})")
ENDS_AFTER = re.compile(r"有效期(?:为)?\s*(?P<years>[1-9]|[一二两三四五])\s*年")
YEARS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
ISSUER_LINE = re.compile(r"^(?P<issuer>[\u4e00-\u9fff]{4,30}?)文件$")
CONGRESS = re.compile(r"(?P<issuer>全国人民代表大会|[\u4e00-\u9fff]{2,9}?(?:省|市|自治区)(?=第.{1,4}届))")
SIGNING = re.compile(r"^[\u4e00-\u9fff]{4,30}(?:局|厅|部|委|府|办公室|委员会|办|中心)(?=[（(]|$)")

PLAN = re.compile(r"(要点|计划|规划|安排|行动方案)([（(].{1,8}[）)])?$")
REPORT = re.compile(r"(总结|汇报|报告|落实情况|工作情况|述职)([（(].{1,8}[）)])?$")
NORMATIVE = re.compile(r"(通知|通告|意见|措施|办法|规定|规程|细则|方案|决定|批复|标准|公告|指引)([（(].{1,8}[）)])?$")
LOCAL_REGULATION = re.compile(r"(条例|若干规定|规定|办法|决定)$")


@dataclass(frozen=True, slots=True)
class Described:
    """A document with its text proper. titles: how the title may be said again inside the text. remarks: Chinese."""

    document: PolicyDocument
    body: tuple[Block, ...]
    titles: tuple[str, ...]
    remarks: tuple[str, ...]


def described(source: Source, name: str, entry: ManifestEntry | None = None) -> Described:
    """What the document is and where its text begins. name: the file's name; entry: what somebody knows better.

    Raises UnreadableDocumentError for a title too long to be one."""
    known = entry or ManifestEntry()
    stem = file_title(name)
    head, body = _head_and_body(source, known.title, stem)
    title = known.title or source.properties.get("title") or _title_in(head, stem) or stem
    title = title.strip("《》 ") if title.startswith("《") and title.endswith("》") else title.strip()
    if len(title) > LONGEST_TITLE:
        raise UnreadableDocumentError("unreadable.title_too_long", name=name, length=len(title), limit=LONGEST_TITLE)
    facts = _Facts(source, name, known, title, head, body)
    titles = tuple({title, stem, *(b.text for b in head if _is_title_line(b, title, stem))})
    return Described(facts.document(), tuple(body), titles, facts.remarks())


def file_title(name: str) -> str:
    """The file name without its ending and without the day or year of the version in brackets behind it."""
    return VERSION_IN_NAME.sub("", PurePath(name).stem).strip()


@dataclass(frozen=True)
class _Facts:
    source: Source
    name: str
    known: ManifestEntry
    title: str
    head: Sequence[Block]
    body: Sequence[Block]

    def document(self) -> PolicyDocument:
        region, kind = self._region(), self._kind()
        issued_on, number = self._issued_on(), self._number()
        return PolicyDocument(
            document_id=document_id(kind, number, self.title, issued_on),
            title=self.title,
            kind=kind,
            rank=self.known.rank or _rank(kind, region, self._issuer()),
            region=region,
            issuer=self._issuer(),
            number=number,
            issued_on=issued_on,
            in_force_from=self._in_force_from(),
            in_force_until=self._in_force_until(),
            source=self.name,
        )

    def remarks(self) -> tuple[str, ...]:
        remarks = []
        if self.known.kind is None and self._kind() is Kind.NEWS and not self._is_page():
            remarks.append(say("remark.kind_unknown"))
        if self._found_region() is None:
            remarks.append(say("remark.region_unknown"))
        if self._issued_on() is None:
            remarks.append(say("remark.no_date"))
        return tuple(remarks)

    # -- who and what ------------------------------------------------------------------------------------------------------

    def _head_text(self) -> str:
        return "\n".join(block.text for block in self.head)

    def _issuer(self) -> str | None:
        if self.known.issuer:
            return self.known.issuer
        given = self.source.properties.get("issuing_authority") or self.source.properties.get("issuer")
        if given:
            return given
        if ORDER.search(self._head_text()):
            return "国务院"
        congress = CONGRESS.search(self._head_text())
        if congress:
            name = congress["issuer"].removesuffix("人民代表大会")
            return f"{name}人民代表大会" + ("常务委员会" if "常务委员会" in self._head_text() else "")
        line = next((m["issuer"] for m in (ISSUER_LINE.match(b.text) for b in self.head) if m), None)
        return line or self._signing_issuer()

    def _signing_issuer(self) -> str | None:
        """The office above the day that signs the text."""
        for index in range(len(self.body) - 1, 0, -1):
            if DATE_LINE.match(self.body[index].text):
                signing = SIGNING.match(self.body[index - 1].text)
                return signing[0] if signing else None
        return None

    def _number(self) -> str | None:
        if self.known.number:
            return self.known.number
        order = ORDER.search(self._head_text())
        if order:
            return re.sub(r"\s", "", order[0])
        for block in self.head:
            number = NUMBER.search(block.text)
            if number and len(block.text) <= LONGEST_HEAD_LINE:
                return re.sub(r"[\[（(﹝【]", "〔", re.sub(r"[\]）)﹞】]", "〕", re.sub(r"\s", "", number[0])))
        return None

    def _found_region(self) -> str | None:
        if self.known.region is not None:
            return self.known.region
        return region_of(self.title, self._issuer(), file_title(self.name))

    def _region(self) -> str:
        return self._found_region() or WHOLE_COUNTRY

    def _is_page(self) -> bool:
        return PUBLISHED_ON_PAGE in self.source.properties

    def _kind(self) -> Kind:
        if self.known.kind is not None:
            return self.known.kind
        congress = "人民代表大会" in (self._issuer() or "")
        if self._region() == WHOLE_COUNTRY and re.search(r"法$", self.title) and not self.title.endswith("办法"):
            return Kind.LAW
        by_state_council = self._issuer() == "国务院" and ORDER.search(self._head_text()) is not None
        if by_state_council or self.title.endswith("条例") or (congress and LOCAL_REGULATION.search(self.title)):
            return Kind.REGULATION
        for pattern, kind in ((PLAN, Kind.PLAN), (REPORT, Kind.REPORT), (NORMATIVE, Kind.NORMATIVE)):
            if pattern.search(self.title):
                return kind
        # Nothing says what it is: it must not support a statement of entitlement until somebody says so.
        return Kind.NEWS

    # -- days ----------------------------------------------------------------------------------------------------------------

    def _version_days(self) -> list[date]:
        """Days of adoption, amendment and publication that the head and the file name give."""
        days = [day for block in self.head for day in _adoption_days(block.text)]
        days += days_in(self.source.properties.get("publish_date", ""))
        version = VERSION_IN_NAME.search(PurePath(self.name).stem)
        return days + days_in(version[0] if version else "")

    def _issued_on(self) -> date | None:
        if self.known.issued_on is not None:
            return self.known.issued_on
        days = self._version_days()
        if days:
            return max(days)
        signed = [day for block in self.body if DATE_LINE.match(block.text) for day in days_in(block.text)]
        return signed[-1] if signed else day_in(self.source.properties.get(PUBLISHED_ON_PAGE, ""))

    def _in_force_from(self) -> date | None:
        """The day the text names; an amended version applies from its amendment, a version from no earlier than its day."""
        if self.known.in_force_from is not None:
            return self.known.in_force_from
        issued_on, named = self._issued_on(), self._named_start()
        if named is not None and issued_on is not None and self._kind() in (Kind.LAW, Kind.REGULATION):
            return max(named, issued_on)
        return named

    def _named_start(self) -> date | None:
        given = day_in(self.source.properties.get("implement_date", ""))
        if given is not None:
            return given
        for block in reversed(self.body):
            named = STARTS.search(block.text)
            if named and _speaks_of_itself(block.text, named.start()):
                return day_in(named["day"])
            if STARTS_AT_ONCE.search(block.text):
                return self._first_version_day()
        starts = [day for block in self.head if IN_FORCE.search(block.text) for day in days_in(block.text)]
        return starts[-1] if starts else None

    def _first_version_day(self) -> date | None:
        """自发布之日起施行: the day of publication; the head names adoption first and publication after it."""
        published = [day for b in self.head if re.search("公布|发布|印发", b.text) for day in days_in(b.text)]
        return published[0] if published else self._issued_on()

    def _in_force_until(self) -> date | None:
        if self.known.in_force_until is not None:
            return self.known.in_force_until
        if self._kind() is not Kind.NORMATIVE:
            return None
        start = self._in_force_from() or self._issued_on()
        for block in reversed(self.body):
            ends_on = ENDS_ON.search(block.text)
            last = day_in(ends_on["day"]) if ends_on else None
            if last is not None:
                return last + timedelta(days=1)
            ends_after = ENDS_AFTER.search(block.text)
            if ends_after and start is not None and STARTS.search(block.text):
                years = YEARS.get(ends_after["years"]) or int(ends_after["years"])
                return _years_later(start, years)
        return None


def document_id(kind: Kind, number: str | None, title: str, issued_on: date | None) -> str:
    """The number (文号), else title and day of the version, else the title alone.

    Laws and regulations always go by title and day: their amended versions keep the number of the first order."""
    if number and kind not in (Kind.LAW, Kind.REGULATION):
        return number
    return f"{title}({issued_on.isoformat()})" if issued_on else title


def _rank(kind: Kind, region: str, issuer: str | None) -> Rank:
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


# -- head and body -----------------------------------------------------------------------------------------------------------


def _head_and_body(source: Source, known_title: str | None, stem: str) -> tuple[list[Block], list[Block]]:
    blocks = list(source.blocks)
    if source.head_ends_at is not None:
        return blocks[:source.head_ends_at], blocks[source.head_ends_at:]
    end = 0
    title_seen = False
    while end < len(blocks):
        block = blocks[end]
        is_title = _is_title_line(block, known_title or stem, stem) or (block.heading_level == 1 and not title_seen)
        if not is_title and not _is_head_line(block):
            may_be_title = not title_seen and _may_be_title(block) and len(blocks) > end + 1
            if not may_be_title:
                break
            is_title = True
        title_seen = title_seen or is_title
        end += 1
    return blocks[:end], blocks[end:]


def _is_head_line(block: Block) -> bool:
    """A line with the issuer, the number or a day, as heads have them."""
    text = block.text
    if first_label(text) is not None or text.endswith(("：", ":")) or len(text) > 120:
        return False
    if OPENS_WITH_DAY.match(text.lstrip("（( ")):
        return len(days_in(text)) == 0 or bool(DATE_LINE.match(text) or ADOPTED.search(text) or IN_FORCE.search(text))
    short = len(text) <= LONGEST_HEAD_LINE and not block.is_prose
    return short and (NUMBER.search(text) is not None or ISSUER_LINE.match(text) is not None)


def _is_title_line(block: Block, title: str, stem: str) -> bool:
    """Is it the title, or a part of it that the layout put on a line of its own?"""
    if first_label(block.text) is not None or block.text.endswith(("：", ":", "。")):
        return False
    text = _bare(block.text)
    if len(text) < 4:
        return False
    return any(text == whole or (len(text) >= 8 and text in whole) for whole in (_bare(title), _bare(stem)))


def _may_be_title(block: Block) -> bool:
    text = block.text
    return not block.is_prose and len(text) <= LONGEST_HEAD_LINE and text[-1] not in "：:。，,、" and first_label(text) is None


def _title_in(head: Sequence[Block], stem: str) -> str | None:
    marked = next((b.text for b in head if b.heading_level is not None), None)
    if marked:
        return _without_spaces(marked)
    candidates = [b.text for b in head if not _is_head_line(b)]
    like_the_file = next((text for text in candidates if _bare(text) in _bare(stem) or _bare(stem) in _bare(text)), None)
    chosen = like_the_file or next(iter(candidates), None)
    return None if chosen is None else _without_spaces(chosen)


def _without_spaces(title: str) -> str:
    return re.sub(r"(?<=[\u4e00-\u9fff\d])\s+(?=[\u4e00-\u9fff\d])", "", title)


def _bare(text: str) -> str:
    return re.sub(r"[\s《》〈〉“”\"'‘’，,、：:]", "", text)
