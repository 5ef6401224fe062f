"""The catalogue: everything the bundled handbook (一本通) says, checked as a whole and filled in for a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from knowledge.asked_as import AskedAs
from knowledge.catalogue_checks import check
from knowledge.catalogue_entries import CatalogueError, Entry
from knowledge.catalogue_files import Content, bundled_content, from_json, to_json
from knowledge.catalogue_programmes import Documents, ProgrammeReader
from knowledge.catalogue_resources import read_resources
from knowledge.catalogue_subjects import (
    read_departments,
    read_documents,
    read_facts,
    read_hotlines,
    read_lexicon,
    read_parameters,
    read_regions,
    read_subdistricts,
    read_wordings,
)
from knowledge.clauses import Clause
from knowledge.directory import Department, Hotline, Region, Subdistrict
from knowledge.facts import FactDefinition
from knowledge.lexicon import NameFinder, Term
from knowledge.parameters import Confidence, DatedValue, Parameter, Reference, UnknownValueError
from knowledge.places import Place, as_people_write, day_as_people_write, filled, places_in
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.processes import PROCESSES_ID, Process, Processes
from knowledge.programmes import Line, Need, Programme, Section
from knowledge.resources import Resources

__all__ = ["Catalogue", "CatalogueError"]

ID_PREFIX = "一本通"
STREET_ENDINGS = ("路", "东路", "西路", "南路", "北路", "中路", "一路", "二路")


class Catalogue:
    """What one release of the handbook holds. Nothing in it changes after it was made; days come in as arguments."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self.title, self.region, titles, order = self._read_handbook()
        documents = Documents(read_documents(self._file("documents")))
        reader = ProgrammeReader(documents, self._file("common"), titles)
        self.programmes: Mapping[str, Programme] = self._read_programmes(reader, order)
        self.processes: Processes = self._read_processes(reader)
        self.parameters: Mapping[str, Parameter] = read_parameters(self._group("parameters"), documents)
        self.facts: Mapping[str, FactDefinition] = read_facts(self._file("facts"))
        self.lexicon: tuple[Term, ...] = read_lexicon(self._file("lexicon"))
        self.hotlines: Mapping[str, Hotline] = read_hotlines(self._file("hotlines"), documents)
        self.subdistricts: tuple[Subdistrict, ...] = read_subdistricts(self._file("subdistricts"))
        self.regions: tuple[Region, ...] = read_regions(self._file("regions"))
        self.departments: tuple[Department, ...] = read_departments(self._file("departments"), documents)
        self.wordings: Mapping[str, str] = read_wordings(self._file("wordings"))
        self.resources: Resources = self._read_resources(documents)
        self._asked_as = AskedAs(self._group("asked_as"))
        check(self)
        self._programme_names = self._name_finder()
        self._subdistrict_names = NameFinder({name: s.name for s in self.subdistricts for name in (s.name, *s.aliases)})
        self._region_names = NameFinder(self._region_meanings())
        self._region_by_name = {region.name: region for region in self.regions}
        self._texts = self._sections_and_processes()
        self._clauses_on = lru_cache(maxsize=16)(self._make_clauses)

    @classmethod
    def bundled(cls) -> Catalogue:
        """The handbook that comes with the program."""
        return cls(bundled_content())

    @classmethod
    def from_content(cls, text: str) -> Catalogue:
        """The handbook of a release, from what `content` gave. A wording that this program says and an older release does not
        have yet is the bundled one: a reply never fails for want of a sentence."""
        catalogue = cls(from_json(text))
        catalogue.wordings = {**_bundled_wordings(), **catalogue.wordings}
        return catalogue

    def content(self) -> str:
        """Everything, as canonical JSON: equal texts mean equal handbooks."""
        return to_json(self._content)

    # ---- numbers and sentences on a day -------------------------------------------------------------------------

    def parameter_on(self, name: str, on: date) -> DatedValue:
        """The value of a parameter on that day. UnknownValueError when its history starts later, CatalogueError when
        the handbook has no parameter of that name."""
        if name not in self.parameters:
            raise CatalogueError(f"no parameter '{name}' in the handbook; it has e.g. 'dibao.standard'")
        return self.parameters[name].value_on(on)

    def speakable(self, name: str, on: date) -> DatedValue | None:
        """The value if it may be said to a resident on that day: known, and not unverified."""
        try:
            value = self.parameter_on(name, on)
        except UnknownValueError:
            return None
        return None if value.value is None or value.confidence is Confidence.UNVERIFIED else value

    def line(self, line: Line, on: date) -> str | None:
        """A line as said on that day: its `otherwise` while a number in it may not be spoken, None when it has none."""
        for text in (line.text, line.otherwise):
            if text is not None and self._all_speakable(text, on):
                return self.said(text, on)
        return None

    def said(self, text: str, on: date) -> str:
        """A sentence with its parameters and hotlines filled in. UnknownValueError when a number may not be spoken that day."""
        return filled(text, lambda place: self._place(place, on))

    def wording(self, key: str, **places: str) -> str:
        """A fixed wording with its hotlines and the given places filled in."""
        if key not in self.wordings:
            raise CatalogueError(f"wordings.yaml has no '{key}'; it has e.g. 'greeting', 'crisis.suicide'")

        def fill(place: Place) -> str:
            if place.hotline is not None:
                return place.hotline
            if place.name not in places:
                raise CatalogueError(f"wordings.yaml, '{key}': nothing was given for {{{place.name}}}; "
                                     f"call wording({key!r}, {place.name}='…')")
            return places[place.name]

        return filled(self.wordings[key], fill)

    # ---- sections as text and as clauses ------------------------------------------------------------------------

    def section_text(self, programme_id: str, need: Need, on: date) -> str:
        """The section's lines as said on that day, one a line; empty when there is no such section."""
        section = self.programmes[programme_id].section(need)
        return "" if section is None else self._text(section, on)

    def clauses(self, on: date) -> tuple[Clause, ...]:
        """One clause per section of a programme and per process, as it reads on that day, in file order."""
        return self._clauses_on(on)

    def clause(self, clause_id: str, on: date) -> Clause | None:
        """One section as it reads on that day; None when the handbook has no such section."""
        return next((clause for clause in self.clauses(on) if clause.clause_id == clause_id), None)

    def process(self, clause_id: str) -> Process | None:
        """The process a clause of the handbook says; None for sections of programmes and clauses that are not the handbook's."""
        found = self._texts.get(clause_id)
        return found if isinstance(found, Process) else None

    def asked_as(self, clause_id: str) -> tuple[str, ...]:
        """Questions, as people ask them, that this section answers; none for clauses that are not the handbook's."""
        found = self._texts.get(clause_id)
        return () if found is None else found.asked_as

    def asked_as_article(self, title: str, article: str) -> tuple[str, ...]:
        """Questions that an article of an imported document answers, by the document's title; none when nobody wrote any."""
        return self._asked_as.of(title, article)

    def basis(self, clause_id: str) -> tuple[Reference, ...]:
        """The documents a section rests on; none for clauses that are not the handbook's."""
        found = self._texts.get(clause_id)
        return () if found is None else found.all_basis

    # ---- names in what people say -------------------------------------------------------------------------------

    def programme_for(self, text: str) -> tuple[str, ...]:
        """Ids of programmes named in a text by name, alias or lexicon; longest names first, in the order of the text."""
        return self._programme_names.meanings(text)

    def subdistrict_named(self, text: str) -> str | None:
        """The full name of the first subdistrict a text names; None when it names none."""
        return next(iter(self._subdistrict_names.meanings(text)), None)

    def region_named(self, text: str) -> Region | None:
        """The first place outside the district that a text names; our own streets called after such places do not count."""
        for meaning in self._region_names.meanings(text):
            if meaning in self._region_by_name:
                return self._region_by_name[meaning]
        return None

    # ---- making ---------------------------------------------------------------------------------------------------

    def _file(self, name: str) -> Any:
        file = f"{name}.yaml"
        if file not in self._content:
            raise CatalogueError(f"the handbook has no file {file}; wanted knowledge/handbook/{file}")
        return self._content[file]

    def _group(self, folder: str) -> dict[str, Any]:
        return {name: data for name, data in self._content.items() if name.startswith(f"{folder}/")}

    def _read_handbook(self) -> tuple[str, str, dict[Need, str], tuple[str, ...]]:
        entry = Entry("handbook.yaml", self._file("handbook"))
        title, region, order = entry.text("title"), entry.text("region"), entry.texts("programme_order")
        given = entry.entry("section_titles")
        titles = {need: given.text(need.value, "带什么材料") for need in Need}
        given.finish()
        entry.finish()
        return title, region, titles, order

    def _read_programmes(self, reader: ProgrammeReader, order: tuple[str, ...]) -> dict[str, Programme]:
        found: dict[str, Programme] = {}
        for file, data in self._group("programmes").items():
            programme = reader.programme(file, data)
            if file != f"programmes/{programme.id}.yaml":
                raise CatalogueError(f"{file}: its id is '{programme.id}'; name the file programmes/{programme.id}.yaml")
            found[programme.id] = programme
        if sorted(found) != sorted(order):
            odd = "、".join(sorted(set(found) ^ set(order))) or "a name given twice"
            raise CatalogueError(f"handbook.yaml, programme_order: {odd}; wanted each file of programmes/ exactly once, "
                                 f"e.g. [dibao, tekun]")
        return {name: found[name] for name in order}

    def _read_processes(self, reader: ProgrammeReader) -> Processes:
        """Releases from before there were processes have none."""
        data = self._content.get("processes.yaml")
        return Processes() if data is None else reader.processes(data)

    def _read_resources(self, documents: Documents) -> Resources:
        data = self._content.get("resources.yaml")
        return Resources() if data is None else read_resources(data, documents)

    def _sections_and_processes(self) -> dict[str, Section | Process]:
        found: dict[str, Section | Process] = {
            _clause_id(p.id, s.need): s for p in self.programmes.values() for s in p.sections}
        return found | {_process_id(process): process for process in self.processes.by_id.values()}

    def _name_finder(self) -> NameFinder:
        names = {term.term: term.programme for term in self.lexicon if term.programme is not None}
        for programme in self.programmes.values():
            names |= dict.fromkeys((programme.name, *programme.aliases), programme.id)
        return NameFinder(names)

    def _region_meanings(self) -> dict[str, str]:
        names = {name: region.name for region in self.regions for name in (region.name, *region.aliases)}
        streets = {name + ending: "" for name in names for ending in STREET_ENDINGS}
        return streets | names | dict.fromkeys((n for s in self.subdistricts for n in (s.name, *s.aliases)), "")

    def _make_clauses(self, on: date) -> tuple[Clause, ...]:
        clauses = []
        for programme in self.programmes.values():
            document = self._document(programme)
            for ordinal, section in enumerate(programme.sections):
                text = self._text(section, on)
                clause_id = _clause_id(programme.id, section.need)
                clauses.append(Clause(clause_id, document, section.title, text, (programme.name,), ordinal))
        return (*clauses, *self._process_clauses(on))

    def _process_clauses(self, on: date) -> tuple[Clause, ...]:
        title = self.processes.title
        document = self._handbook_document(PROCESSES_ID, title, self.processes.in_force_from)
        return tuple(
            Clause(_process_id(process), document, process.title, self._text(process, on), (title,), ordinal)
            for ordinal, process in enumerate(self.processes.by_id.values())
        )

    def _document(self, programme: Programme) -> PolicyDocument:
        return self._handbook_document(programme.id, programme.name, programme.in_force_from, programme.in_force_until)

    def _handbook_document(self, short_id: str, name: str, since: date, until: date | None = None) -> PolicyDocument:
        return PolicyDocument(
            document_id=f"{ID_PREFIX}:{short_id}",
            title=f"{self.title}·{name}",
            kind=Kind.HANDBOOK,
            rank=Rank.HANDBOOK,
            region=self.region,
            in_force_from=since,
            in_force_until=until,
            source="bundled",
        )

    def _text(self, section: Section | Process, on: date) -> str:
        said = (self.line(line, on) for line in section.lines)
        return "\n".join(text for text in said if text is not None)

    def _all_speakable(self, text: str, on: date) -> bool:
        return all(place.parameter is None or self._is_speakable(place, on) for place in places_in(text))

    def _is_speakable(self, place: Place, on: date) -> bool:
        found = self.speakable(place.name, on)
        return found is not None and (place.part != "until" or self.parameters[place.name].last_day_of(found) is not None)

    def _place(self, place: Place, on: date) -> str:
        if place.hotline is not None:
            return place.hotline
        found = self.speakable(place.name, on)
        if found is None or found.value is None:
            raise UnknownValueError(
                f"parameter '{place.name}' may not be spoken on {on}: it has no value that day, or an unverified one; "
                f"say the line through Catalogue.line, which has an `otherwise` for such days"
            )
        if place.part == "until":
            return self._last_day(place.name, found)
        return day_as_people_write(found.since) if place.part == "since" else as_people_write(found.value)

    def _last_day(self, name: str, value: DatedValue) -> str:
        last = self.parameters[name].last_day_of(value)
        if last is None:
            raise UnknownValueError(f"nobody knows when the value of '{name}' from {value.since} ends; "
                                    f"say the line through Catalogue.line, which has an `otherwise` for such days")
        return day_as_people_write(last)


@lru_cache(maxsize=1)
def _bundled_wordings() -> Mapping[str, str]:
    return read_wordings(bundled_content()["wordings.yaml"])


def _clause_id(programme_id: str, need: Need) -> str:
    return f"{ID_PREFIX}:{programme_id}#{need.value}"


def _process_id(process: Process) -> str:
    return f"{ID_PREFIX}:{PROCESSES_ID}#{process.id}"
