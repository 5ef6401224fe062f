"""Programme files into Programme records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from knowledge.catalogue_entries import CatalogueError, Entry
from knowledge.parameters import Reference
from knowledge.processes import Process, Processes
from knowledge.programmes import (
    All,
    AnyOf,
    Benefit,
    Condition,
    Line,
    Material,
    Need,
    Not,
    Operator,
    Programme,
    Rule,
    Section,
    Step,
    Threshold,
    Tier,
)

Shared = TypeVar("Shared")

_BENEFIT_PARTS = {
    "difference": (True, True, False),
    "up_to": (True, False, False),
    "tiers": (False, False, True),
    "none": (False, False, False),
}
"""Which of standard, minus and tiers each kind of benefit has."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Short names of documents (documents.yaml) to a reference without an article."""

    by_short_name: Mapping[str, Reference]

    def reference(self, where: str, written: Any) -> Reference:
        """"条例 第十条" by short name, or a mapping with document, number and article."""
        if isinstance(written, Mapping):
            entry = Entry(where, written)
            found = Reference(entry.text("document"), entry.optional_text("article"), entry.optional_text("number"))
            entry.finish()
            return found
        short, _, article = str(written).partition(" ")
        document = self.by_short_name.get(short)
        if document is None:
            known = "、".join(self.by_short_name)
            raise CatalogueError(f"{where}: source {written!r} names no document of documents.yaml; wanted one of {known}, "
                                 f"then the article, e.g. '条例 第十条'")
        return Reference(document.document, article or None, document.number)

    def references(self, entry: Entry, field: str = "basis") -> tuple[Reference, ...]:
        """One reference or a list of them."""
        written = entry.raw(field)
        items = [] if written is None else written if isinstance(written, list) else [written]
        return tuple(self.reference(f"{entry.where}, {field}", item) for item in items)


def read_line(where: str, data: Any, documents: Documents) -> Line:
    entry = Entry(where, {"text": data} if isinstance(data, str) else data)
    text = entry.text("text", "低保补的是差额。")
    line = Line(text, entry.optional_text("otherwise"), documents.references(entry))
    entry.finish()
    return line


def read_material(where: str, data: Any) -> Material:
    entry = Entry(where, {"name": data} if isinstance(data, str) else data)
    material = Material(entry.text("name", "户口簿"), entry.optional_text("only_if"), entry.optional_text("fact"))
    entry.finish()
    return material


def read_step(where: str, data: Any) -> Step:
    entry = Entry(where, data)
    step = Step(entry.text("who", "您"), entry.text("what", "提出申请"), entry.optional_text("within"), entry.flag("decides"))
    entry.finish()
    return step


class ProgrammeReader:
    """Reads programme files. Shared lines, materials and steps (common.yaml) are named there as `common: name`."""

    def __init__(self, documents: Documents, common: Any, section_titles: Mapping[Need, str]) -> None:
        self._documents = documents
        self._titles = section_titles
        entry = Entry("common.yaml", common)
        where = "common.yaml, '{}'"
        self._lines = {name: read_line(where.format(name), item, documents) for name, item in entry.named("lines")}
        self._materials = {name: read_material(where.format(name), item) for name, item in entry.named("materials")}
        self._steps = {name: read_step(where.format(name), item) for name, item in entry.named("steps")}
        entry.finish()

    def programme(self, where: str, data: Any) -> Programme:
        entry = Entry(where, data)
        programme = Programme(
            id=entry.text("id", "dibao"),
            name=entry.text("name"),
            aliases=entry.texts("aliases"),
            summary=entry.text("summary"),
            authority=entry.text("authority", "户籍所在街镇"),
            region=entry.text("region", "上海市"),
            in_force_from=entry.day("in_force_from"),
            in_force_until=entry.optional_day("in_force_until"),
            legal_basis=self._documents.references(entry, "legal_basis"),
            conditions=self._conditions(entry),
            judged=entry.texts("judged"),
            benefit=self._benefit(entry),
            limits=entry.list_of("limits", self._line),
            excludes=entry.texts("excludes"),
            includes=entry.texts("includes"),
            related=entry.texts("related"),
            materials=entry.list_of("materials", self._material),
            steps=entry.list_of("steps", self._step),
            sections=entry.list_of("sections", self._section, required=True),
        )
        entry.finish()
        self._check(where, programme)
        return programme

    def _check(self, where: str, programme: Programme) -> None:
        if not programme.legal_basis:
            raise CatalogueError(f"{where}: no legal_basis; wanted at least one document, e.g. legal_basis: [条例 第十条]")
        needs = [section.need for section in programme.sections]
        for need in needs:
            if needs.count(need) > 1:
                raise CatalogueError(f"{where}: section '{need}' stands there twice; put its lines into one section")
        for section in programme.sections:
            self._check_sources(f"{where}, section '{section.need}'", section)
        decide = [step.what for step in programme.steps if step.decides]
        if len(decide) > 1:
            raise CatalogueError(f"{where}: {len(decide)} steps with 'decides: true' ({decide[0]!r}, {decide[1]!r}); "
                                 f"wanted at most one, the step at which the application is granted or refused")

    def _check_sources(self, where: str, section: Section | Process) -> None:
        for line in section.lines:
            if not section.basis and not line.basis:
                raise CatalogueError(f"{where}: the line {line.text!r} has no source; give it one, e.g. basis: [条例 第十条]")

    def _conditions(self, entry: Entry) -> Rule | None:
        data = entry.raw("conditions")
        return None if data is None else self._rule(f"{entry.where}, conditions", data)

    def _rule(self, where: str, data: Any) -> Rule:
        entry = Entry(where, data)
        if "all" in entry or "any" in entry:
            kind: type[All] | type[AnyOf] = All if "all" in entry else AnyOf
            parts = entry.list_of("all" if kind is All else "any", self._rule, required=True)
            entry.finish()
            return kind(parts)
        if "not" in entry:
            part = self._rule(f"{where}, not", entry.raw("not"))
            entry.finish()
            return Not(part)
        return self._condition(entry)

    def _condition(self, entry: Entry) -> Condition:
        named = entry.text("id", "income")
        entry.where = f"{entry.where} '{named}'"
        operators = [operator for operator in Operator if operator.value in entry]
        if len(operators) != 1:
            raise CatalogueError(f"{entry.where}: {len(operators)} comparisons; wanted exactly one of {', '.join(Operator)}, "
                                 f"e.g. 'below: {{parameter: dibao.standard}}'")
        basis = self._documents.references(entry)
        if len(basis) != 1:
            raise entry.wrong("basis", "exactly one source", "basis: 条例 第十条")
        condition = Condition(
            id=named,
            fact=entry.text("fact", "household.size"),
            operator=operators[0],
            threshold=self._threshold(entry, operators[0].value),
            basis=basis[0],
            yes=entry.text("yes", "您家有本市户籍。"),
            no=entry.text("no", "这一项要有本市户籍。"),
            near_miss=entry.optional_text("near_miss"),
            near_miss_percent=entry.decimal("near_miss_percent"),
            since=entry.optional_day("since"),
            until=entry.optional_day("until"),
        )
        entry.finish()
        if (condition.near_miss is None) != (condition.near_miss_percent is None):
            raise CatalogueError(f"{entry.where}: near_miss and near_miss_percent belong together; give both or neither")
        if condition.near_miss is not None and "{distance}" not in condition.near_miss:
            raise entry.wrong("near_miss", "a sentence with {distance}", "near_miss: 只差 {distance} 元。")
        return condition

    def _threshold(self, entry: Entry, operator: str) -> Threshold:
        data = entry.raw(operator)
        if isinstance(data, Mapping):
            inner = Entry(f"{entry.where}, {operator}", data)
            threshold = Threshold(parameter=inner.text("parameter", "dibao.standard"), times=inner.optional_text("times"))
            inner.finish()
            return threshold
        if operator == Operator.IN and isinstance(data, list) and data and all(isinstance(item, str) for item in data):
            return Threshold(constant=tuple(data))
        if operator == Operator.IS and isinstance(data, bool | str):
            return Threshold(constant=data)
        raise entry.wrong(operator, "a parameter (amounts, ages and rates always), or true, false, a word or a list of words",
                          "'is: true', 'in: [none, one]' or 'below: {parameter: dibao.standard}'")

    def _benefit(self, entry: Entry) -> Benefit:
        inner = entry.entry("benefit")
        benefit = Benefit(
            kind=inner.text("kind", "difference"),
            standard=inner.optional_text("standard"),
            minus=inner.optional_text("minus"),
            per=inner.optional_text("per") or "month",
            note=inner.optional_text("note") or "",
            tiers=inner.list_of("tiers", self._tier),
        )
        inner.finish()
        if benefit.kind not in ("difference", "up_to", "tiers", "none"):
            raise inner.wrong("kind", "difference, up_to, tiers or none", "kind: up_to")
        if benefit.per not in ("month", "once"):
            raise inner.wrong("per", "month or once", "per: month")
        given = (benefit.standard is not None, benefit.minus is not None, bool(benefit.tiers))
        if given != _BENEFIT_PARTS[benefit.kind]:
            raise CatalogueError(f"{inner.where}: 'difference' needs standard and minus, 'up_to' only standard, 'tiers' only "
                                 f"tiers, 'none' none of them, e.g. {{kind: up_to, standard: xiao_e.cap, per: once}}")
        if any(tier.when is None for tier in benefit.tiers[:-1]):
            raise CatalogueError(f"{inner.where}: only the last tier may go without 'when', since nobody gets past it")
        return benefit

    def _tier(self, where: str, data: Any) -> Tier:
        entry = Entry(where, data)
        when = entry.raw("when")
        rule = None if when is None else self._rule(f"{where}, when", when)
        tier = Tier(entry.text("standard", "canji_huli.first_level_amount"), rule)
        entry.finish()
        return tier

    def _section(self, where: str, data: Any) -> Section:
        entry = Entry(where, data)
        need = entry.choice("need", Need)
        entry.where = f"{where} '{need}'"
        section = Section(
            need=need,
            title=self._titles[need],
            lines=entry.list_of("lines", self._line, required=True),
            basis=self._documents.references(entry),
            asked_as=entry.texts("asked_as"),
        )
        entry.finish()
        return section

    def processes(self, data: Any) -> Processes:
        entry = Entry("processes.yaml", data)
        title, since = entry.text("title", "办理流程"), entry.day("in_force_from")
        found = entry.list_of("processes", self._process, required=True)
        entry.finish()
        ids = [process.id for process in found]
        for process_id in ids:
            if ids.count(process_id) > 1:
                raise CatalogueError(f"processes.yaml: '{process_id}' stands there twice; put its lines into one entry")
        return Processes(title, since, {process.id: process for process in found})

    def _process(self, where: str, data: Any) -> Process:
        entry = Entry(where, data)
        named = entry.text("id", "gongshi")
        entry.where = f"{where} '{named}'"
        process = Process(
            id=named,
            title=entry.text("title", "公示"),
            lines=entry.list_of("lines", self._line, required=True),
            basis=self._documents.references(entry),
            asked_as=entry.texts("asked_as"),
        )
        entry.finish()
        self._check_sources(entry.where, process)
        return process

    def _line(self, where: str, data: Any) -> Line:
        return self._shared(where, data, self._lines) or read_line(where, data, self._documents)

    def _material(self, where: str, data: Any) -> Material:
        return self._shared(where, data, self._materials) or read_material(where, data)

    def _step(self, where: str, data: Any) -> Step:
        return self._shared(where, data, self._steps) or read_step(where, data)

    def _shared(self, where: str, data: Any, shared: Mapping[str, Shared]) -> Shared | None:
        if not isinstance(data, Mapping) or "common" not in data:
            return None
        entry = Entry(where, data)
        name = entry.text("common", "id_card")
        entry.finish()
        if name not in shared:
            raise CatalogueError(f"{where}: common.yaml has no '{name}'; wanted one of: {', '.join(shared)}")
        return shared[name]
