"""The handbook as a book: what one release says on one day, set out to be read page by page instead of asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from knowledge.catalogue_entries import Entry
from knowledge.catalogue_files import read_yaml
from knowledge.directory import Department, Hotline
from knowledge.flows import Flow, flow_of
from knowledge.knowledge_base import KnowledgeBase
from knowledge.parameters import Parameter, Reference
from knowledge.places import as_people_write, places_in
from knowledge.processes import Process
from knowledge.programmes import All, AnyOf, Condition, Line, Material, Not, Programme, Rule, Section, conditions_of
from knowledge.resources import Resource, ServiceCategory

FILE = "book.yaml"


@dataclass(frozen=True, slots=True)
class BookWording:
    """What book.yaml says. groups: title and programme ids. answering: words of a condition's sentence
    that only make sense in an answer. units, confidence: words for the codes of parameters."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    other_group: str
    answering: tuple[str, ...]
    whole_article: str
    with_number: str
    units: dict[str, str]
    confidence: dict[str, str]


@cache
def book_wording() -> BookWording:
    text = resources.files("knowledge").joinpath("handbook", FILE).read_text(encoding="utf-8")
    entry = Entry(FILE, read_yaml(FILE, text))
    wording = BookWording(
        groups=entry.list_of("groups", _group, required=True),
        other_group=entry.text("other_group", "其他"),
        answering=entry.texts("answering"),
        whole_article=entry.text("whole_article"),
        with_number=entry.text("with_number"),
        units={name: str(word) for name, word in entry.named("units")},
        confidence={name: str(word) for name, word in entry.named("confidence")},
    )
    entry.finish()
    return wording


def _group(where: str, data: Any) -> tuple[str, tuple[str, ...]]:
    entry = Entry(where, data)
    group = entry.text("title", "看病"), entry.texts("programmes")
    entry.finish()
    return group


@dataclass(frozen=True, slots=True)
class Source:
    """One text that a page rests on. number: counted from 1 on its page. clause_id: of the imported clause in force on the
    day; None when nobody imported it, or the reference names a document as a whole."""

    number: int
    label: str
    clause_id: str | None


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One sentence or two as read on the day, with what they rest on."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class BookSection:
    """anchor: stands in addresses within a page, e.g. "who"; letters, digits, "_" and "-" only."""

    anchor: str
    title: str
    lines: tuple[SaidLine, ...]


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """A rule in words. kind: "one" (text and sources; parts empty), "all", "any" or "not" (parts; text empty)."""

    kind: str
    text: str = ""
    sources: tuple[Source, ...] = ()
    parts: tuple[ConditionWords, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A policy number that a page uses. value: as people write it, with its unit."""

    description: str
    value: str
    since: date
    confidence: str
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class Named:
    """A programme to link to."""

    id: str
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    programmes: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """Everything the handbook says on one programme. more_limits: thresholds and exclusions that no section says in these words.
    figures: the numbers used and spoken; unsure: what the numbers are for that nobody has confirmed and the page does not say."""

    programme: Programme
    sections: tuple[BookSection, ...]
    conditions: ConditionWords | None
    more_limits: tuple[SaidLine, ...]
    materials: tuple[Material, ...]
    flow: Flow
    excludes: tuple[Named, ...]
    includes: tuple[Named, ...]
    related: tuple[Named, ...]
    departments: tuple[Department, ...]
    figures: tuple[Figure, ...]
    unsure: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ProcessesPage:
    """What all programmes share on the way from an application to a decision. Without sections in releases that have none."""

    title: str
    sections: tuple[BookSection, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class CategoryOnPage:
    category: ServiceCategory
    sources: tuple[Source, ...]
    projects: tuple[tuple[Resource, tuple[Source, ...]], ...]


@dataclass(frozen=True, slots=True)
class ResourcesPage:
    """Kinds of service with the projects known of each; others: projects of which nobody said the kind."""

    categories: tuple[CategoryOnPage, ...]
    others: tuple[tuple[Resource, tuple[Source, ...]], ...]
    sources: tuple[Source, ...]


@dataclass
class _Sources:
    """Numbers the sources of one page in the order of first use."""

    knowledge: KnowledgeBase
    on: date
    found: dict[Reference, Source] = field(default_factory=dict)

    def of(self, references: Iterable[Reference]) -> tuple[Source, ...]:
        return tuple(dict.fromkeys(self._source(reference) for reference in references))

    def _source(self, reference: Reference) -> Source:
        if reference not in self.found:
            clause = self.knowledge.resolve(reference, self.on)
            clause_id = None if clause is None else clause.clause_id
            self.found[reference] = Source(len(self.found) + 1, source_label(reference), clause_id)
        return self.found[reference]

    @property
    def all(self) -> tuple[Source, ...]:
        return tuple(self.found.values())


def source_label(reference: Reference) -> str:
    """《上海市社会救助条例》第十条, with the document's number where it has one."""
    wording = book_wording()
    label = wording.whole_article.format(document=reference.document, article=reference.article or "")
    return wording.with_number.format(source=label, number=reference.number) if reference.number else label


@dataclass(frozen=True)
class Book:
    """The book of one release on one day. Pages are made when asked for."""

    knowledge: KnowledgeBase
    on: date

    @property
    def title(self) -> str:
        return self.knowledge.catalogue.title

    @property
    def region(self) -> str:
        return self.knowledge.catalogue.region

    def groups(self) -> tuple[Group, ...]:
        """Programmes in force on the day, by what people come with; empty groups are left out."""
        wording = book_wording()
        left = {programme.id: self._named(programme) for programme in self.programmes()}
        groups = [
            Group(title, tuple(left.pop(name) for name in names if name in left)) for title, names in wording.groups
        ]
        groups.append(Group(wording.other_group, tuple(left.values())))
        return tuple(group for group in groups if group.programmes)

    def programmes(self) -> tuple[Programme, ...]:
        return tuple(
            programme
            for programme in self.knowledge.catalogue.programmes.values()
            if programme.in_force_from <= self.on and (programme.in_force_until is None or self.on < programme.in_force_until)
        )

    def programme(self, programme_id: str) -> ProgrammePage | None:
        """The page of one programme; None when the handbook has none of that id in force on the day."""
        programme = next((found for found in self.programmes() if found.id == programme_id), None)
        return None if programme is None else self._page(programme)

    def processes(self) -> ProcessesPage:
        sources = _Sources(self.knowledge, self.on)
        found = self.knowledge.catalogue.processes
        sections = tuple(self._section(process.id, process, sources) for process in found.by_id.values())
        return ProcessesPage(found.title, sections, sources.all)

    def resources(self) -> ResourcesPage:
        sources = _Sources(self.knowledge, self.on)
        found = self.knowledge.catalogue.resources
        categories = tuple(
            CategoryOnPage(
                category, sources.of(category.basis), tuple((p, sources.of(p.basis)) for p in found.of_kind(category.kind))
            )
            for category in found.categories
        )
        placed = {project.id for category in categories for project, _ in category.projects}
        others = tuple((p, sources.of(p.basis)) for p in found.projects if p.id not in placed)
        return ResourcesPage(categories, others, sources.all)

    def hotlines(self) -> tuple[Hotline, ...]:
        """The numbers that may be told to residents."""
        return tuple(hotline for hotline in self.knowledge.catalogue.hotlines.values() if hotline.may_be_spoken)

    def departments(self) -> tuple[tuple[Department, tuple[Named, ...]], ...]:
        """Who answers for what, with the programmes of each that are in force."""
        return tuple((d, self._links(d.programmes)) for d in self.knowledge.catalogue.departments)

    # ---- one programme --------------------------------------------------------------------------------------------

    def _page(self, programme: Programme) -> ProgrammePage:
        sources = _Sources(self.knowledge, self.on)
        sections = tuple(self._section(s.need.value, s, sources) for s in programme.sections)
        said = {line.text for section in sections for line in section.lines}
        limits = tuple(line for line in self._lines(programme.limits, programme.legal_basis, sources) if line.text not in said)
        conditions = None if programme.conditions is None else self._in_words(programme.conditions, sources)
        sources.of(programme.legal_basis)
        used = tuple(dict.fromkeys(self._parameters(programme)))
        figures = {parameter: self._figure(parameter) for parameter in used}
        return ProgrammePage(
            programme=programme,
            sections=sections,
            conditions=conditions,
            more_limits=limits,
            materials=programme.materials,
            flow=flow_of(programme, self.knowledge.catalogue, self.on),
            excludes=self._links(programme.excludes),
            includes=self._links(programme.includes),
            related=self._links(programme.related),
            departments=tuple(d for d in self.knowledge.catalogue.departments if programme.id in d.programmes),
            figures=tuple(figure for figure in figures.values() if figure is not None),
            unsure=tuple(parameter.description for parameter, figure in figures.items() if figure is None),
            sources=sources.all,
        )

    def _section(self, anchor: str, section: Section | Process, sources: _Sources) -> BookSection:
        return BookSection(anchor, section.title, tuple(self._lines(section.lines, section.basis, sources)))

    def _lines(self, lines: Iterable[Line], basis: tuple[Reference, ...], sources: _Sources) -> Iterator[SaidLine]:
        for line in lines:
            text = self.knowledge.catalogue.line(line, self.on)
            if text is not None:
                yield SaidLine(text, sources.of(line.basis or basis))

    def _in_words(self, rule: Rule, sources: _Sources) -> ConditionWords:
        match rule:
            case Condition():
                text = self.knowledge.catalogue.line(Line(rule.yes), self.on) or ""
                return ConditionWords("one", _as_statement(text), sources.of([rule.basis]))
            case Not(part):
                return ConditionWords("not", parts=(self._in_words(part, sources),))
            case All(parts):
                return ConditionWords("all", parts=tuple(self._in_words(part, sources) for part in parts))
            case AnyOf(parts):
                return ConditionWords("any", parts=tuple(self._in_words(part, sources) for part in parts))

    def _links(self, ids: Iterable[str]) -> tuple[Named, ...]:
        present = {programme.id: programme for programme in self.programmes()}
        return tuple(self._named(present[name]) for name in ids if name in present)

    @staticmethod
    def _named(programme: Programme) -> Named:
        return Named(programme.id, programme.name, programme.summary)

    # ---- numbers --------------------------------------------------------------------------------------------------

    def _parameters(self, programme: Programme) -> Iterator[Parameter]:
        """The parameters a programme uses, in the order in which a reader meets them; some more than once."""
        known = self.knowledge.catalogue.parameters
        yield from (known[name] for name in _parameter_names(programme) if name in known)

    def _figure(self, parameter: Parameter) -> Figure | None:
        """None when the number may not be spoken on the day."""
        wording = book_wording()
        dated = self.knowledge.catalogue.speakable(parameter.name, self.on)
        if dated is None or dated.value is None:
            return None
        return Figure(
            description=parameter.description,
            value=f"{as_people_write(dated.value)}{wording.units.get(parameter.unit, parameter.unit)}",
            since=dated.since,
            confidence=wording.confidence.get(dated.confidence.value, dated.confidence.value),
            source=source_label(dated.reference),
            checked_on=parameter.last_checked_on,
        )


def _as_statement(sentence: str) -> str:
    for words in book_wording().answering:
        sentence = sentence.removeprefix(words)
    return sentence


def _parameter_names(programme: Programme) -> Iterator[str]:
    texts = [line.text for section in programme.sections for line in section.lines]
    texts += [line.text for line in programme.limits]
    texts += [text for step in programme.steps for text in (step.what, step.within or "")]
    for text in texts:
        yield from (place.name for place in places_in(text) if place.parameter is not None)
    thresholds = [c.threshold for c in conditions_of(programme.conditions)] if programme.conditions is not None else []
    for threshold in thresholds:
        yield from (name for name in (threshold.parameter, threshold.times) if name is not None)
    yield from programme.benefit.parameters()
