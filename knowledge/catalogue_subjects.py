"""The handbook's single-subject files into records: parameters, facts, lexicon, hotlines, places, departments, wordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from knowledge.catalogue_entries import CatalogueError, Entry
from knowledge.catalogue_programmes import Documents
from knowledge.directory import Department, Hotline, Region, Subdistrict
from knowledge.facts import FactDefinition, FactType, Option
from knowledge.lexicon import Term, TermKind
from knowledge.parameters import Confidence, DatedValue, DifferingValue, Parameter, Reference

Item = TypeVar("Item")


def read_documents(data: Any) -> dict[str, Reference]:
    """Short name of a document to its title as printed and its number."""
    entry = Entry("documents.yaml", data)
    found = {}
    for short in entry.names():
        if " " in short:
            raise CatalogueError(f"documents.yaml: the short name '{short}' holds a space; write it in one piece, e.g. 条例")
        one = entry.entry(short)
        found[short] = Reference(one.text("title", "上海市社会救助条例"), None, one.optional_text("number"))
        one.finish()
    return found


def read_parameters(files: Mapping[str, Any], documents: Documents) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for file, data in files.items():
        entry = Entry(file, data)
        for name in entry.names():
            if name in found:
                raise CatalogueError(f"{file}: parameter '{name}' stands in two files; keep one of them")
            found[name] = _parameter(name, entry.entry(name), documents)
    return dict(sorted(found.items()))


def _parameter(name: str, entry: Entry, documents: Documents) -> Parameter:
    history = entry.list_of("values", lambda where, data: _dated_value(where, data, documents), required=True)
    parameter = Parameter(
        name, entry.text("description"), entry.text("unit", "yuan/person/month"), entry.day("last_checked_on"), history,
    )
    entry.finish()
    days = [value.since for value in history]
    if days != sorted(set(days), reverse=True):
        raise CatalogueError(f"{entry.where}: values must run from the newest day to the oldest, each day once; "
                             f"they run {', '.join(map(str, days))}")
    return parameter


def _dated_value(where: str, data: Any, documents: Documents) -> DatedValue:
    entry = Entry(where, data)
    if not entry.raw("reference"):
        raise CatalogueError(f"{where}: no reference; wanted where the number comes from, e.g. reference: 措施 五、1.")
    value = DatedValue(
        value=entry.decimal("value"),
        since=entry.day("since"),
        confidence=entry.choice("confidence", Confidence),
        reference=documents.reference(f"{where}, reference", entry.raw("reference")),
        low=entry.decimal("low"),
        high=entry.decimal("high"),
        differing=entry.list_of("differing", lambda at, other: _differing_value(at, other, documents)),
    )
    entry.raw("note")
    entry.finish()
    if value.value is None and value.confidence is not Confidence.UNVERIFIED:
        wanted = f"a number when the confidence is '{value.confidence}'"
        raise entry.wrong("value", wanted, "value: 1690, or confidence: unverified")
    if value.low is not None and value.high is not None and value.low > value.high:
        raise CatalogueError(f"{where}: low {value.low} is above high {value.high}; give the smaller number as low")
    return value


def _differing_value(where: str, data: Any, documents: Documents) -> DifferingValue:
    entry = Entry(where, data)
    found = DifferingValue(entry.text("said", "30个工作日"), documents.reference(f"{where}, reference", entry.raw("reference")))
    entry.finish()
    return found


def read_facts(data: Any) -> dict[str, FactDefinition]:
    entry = Entry("facts.yaml", data)
    return {name: _fact(name, entry.entry(name)) for name in entry.names()}


def _fact(name: str, entry: Entry) -> FactDefinition:
    fact = FactDefinition(
        name=name,
        label=entry.text("label", "家庭人口"),
        type=entry.choice("type", FactType),
        unit=entry.optional_text("unit") or "",
        question=entry.optional_text("question") or "",
        options=tuple(Option(value, str(label)) for value, label in entry.named("options")) if "options" in entry else (),
        effort=entry.integer("effort", 2) or 0,
        sensitive=entry.flag("sensitive"),
        low=entry.integer("low"),
        high=entry.integer("high"),
        derived_from=entry.texts("derived_from"),
        together=entry.texts("together"),
        apart=entry.texts("apart"),
        shares=_shares(entry),
    )
    entry.raw("options")
    entry.finish()
    if not 1 <= fact.effort <= 5:
        raise entry.wrong("effort", "a number from 1 (easy) to 5 (hard or painful)", "effort: 2")
    if not fact.question and not fact.derived_from:
        raise CatalogueError(f"{entry.where}: a fact is asked (question), computed (derived_from), or asked once those are known "
                             f"and leave it open (both); give at least one, e.g. derived_from: [household.size]")
    if fact.low is not None and fact.high is not None and fact.low > fact.high:
        raise CatalogueError(f"{entry.where}: low {fact.low} is above high {fact.high}; give the smaller number as low")
    return fact


def _shares(entry: Entry) -> tuple[tuple[str, int], ...]:
    """How often each option is the answer, in percent: none, or one for each option."""
    if "shares" not in entry:
        return ()
    given = tuple((value, share) for value, share in entry.named("shares"))
    options = {value for value, _ in entry.named("options")}
    if {value for value, _ in given} != options or not all(isinstance(share, int) and share >= 0 for _, share in given):
        raise entry.wrong("shares", "a whole number of percent for each option", "shares: {'true': 5, 'false': 95}")
    if sum(share for _, share in given) != 100:
        raise entry.wrong("shares", "numbers that make 100 together", "shares: {'true': 5, 'false': 95}")
    entry.raw("shares")
    return given


def read_lexicon(data: Any) -> tuple[Term, ...]:
    terms = _list("lexicon.yaml", data, _term)
    seen: set[str] = set()
    for term in terms:
        if term.term in seen:
            raise CatalogueError(f"lexicon.yaml: '{term.term}' stands there twice; keep one entry")
        seen.add(term.term)
    return terms


def _term(where: str, data: Any) -> Term:
    entry = Entry(where, data)
    term = Term(
        term=entry.text("term", "吃低保"),
        official=entry.text("official"),
        kind=entry.choice("kind", TermKind),
        programme=entry.optional_text("programme"),
        note=entry.optional_text("note") or "",
    )
    entry.finish()
    return term


def read_hotlines(data: Any, documents: Documents) -> dict[str, Hotline]:
    """By number."""
    hotlines = _list("hotlines.yaml", data, lambda where, item: _hotline(where, item, documents))
    return {hotline.number: hotline for hotline in hotlines}


def _hotline(where: str, data: Any, documents: Documents) -> Hotline:
    entry = Entry(where, data)
    reference = documents.reference(f"{where}, reference", entry.raw("reference"))
    hotline = Hotline(
        number=entry.text("number", "'12345' (in quotes)"),
        name=entry.text("name", "上海市民服务热线"),
        purpose=entry.text("purpose", "问政策、投诉"),
        hours=entry.optional_text("hours") or "",
        confidence=entry.choice("confidence", Confidence),
        reference=reference,
        checked_on=entry.day("checked_on"),
    )
    entry.finish()
    return hotline


def read_subdistricts(data: Any) -> tuple[Subdistrict, ...]:
    return _list("subdistricts.yaml", data, _subdistrict)


def _subdistrict(where: str, data: Any) -> Subdistrict:
    entry = Entry(where, data)
    found = Subdistrict(
        entry.text("name", "江苏路街道"), entry.texts("aliases"), entry.text("reception_centre"), entry.text("contact_note"),
    )
    entry.finish()
    return found


def read_regions(data: Any) -> tuple[Region, ...]:
    return _list("regions.yaml", data, _region)


def _region(where: str, data: Any) -> Region:
    entry = Entry(where, data)
    region = Region(entry.text("name", "杭州市"), entry.text("kind", "city"), entry.texts("aliases"))
    entry.finish()
    if region.kind not in ("province", "city", "county", "shanghai_district"):
        raise entry.wrong("kind", "province, city, county or shanghai_district", "kind: city")
    return region


def read_departments(data: Any, documents: Documents) -> tuple[Department, ...]:
    return _list("departments.yaml", data, lambda where, item: _department(where, item, documents))


def _department(where: str, data: Any, documents: Documents) -> Department:
    entry = Entry(where, data)
    department = Department(
        id=entry.text("id", "yibao"),
        name=entry.text("name", "长宁区医保局"),
        responsible_for=entry.text("responsible_for"),
        programmes=entry.texts("programmes"),
        basis=documents.references(entry),
    )
    entry.finish()
    return department


def read_wordings(data: Any) -> dict[str, str]:
    entry = Entry("wordings.yaml", data)
    return {key: entry.text(key) for key in entry.names()}


def _list(file: str, data: Any, read: Callable[[str, Any], Item]) -> tuple[Item, ...]:
    if not isinstance(data, list):
        raise CatalogueError(f"{file} must be a list of entries, each beginning with '- '; it is a {type(data).__name__}")
    return tuple(read(f"{file}, entry {number}", item) for number, item in enumerate(data, 1))
