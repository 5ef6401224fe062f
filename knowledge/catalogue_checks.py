"""Checks between the handbook's files: whatever one entry names in another exists there and may be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from knowledge.catalogue_entries import CatalogueError
from knowledge.places import PARTS, Place, places_in
from knowledge.programmes import Programme, conditions_of

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue

PROGRAMME_FACT = "programme."


def check(catalogue: Catalogue) -> None:
    """CatalogueError at the first entry that names a parameter, hotline, fact or programme the handbook does not hold."""
    checks = _Checks(catalogue)
    for where, text in checks.sentences():
        checks.places(where, text)
    for key, text in catalogue.wordings.items():
        checks.places(f"wordings.yaml, '{key}'", text, others_are_given=True)
    for programme in catalogue.programmes.values():
        checks.programme(programme)
    for term in catalogue.lexicon:
        checks.programme_ids(f"lexicon.yaml, '{term.term}'", filter(None, (term.programme,)))
    for department in catalogue.departments:
        checks.programme_ids(f"departments.yaml, '{department.name}'", department.programmes)
    for fact in catalogue.facts.values():
        for field, names in (("derived_from", fact.derived_from), ("together", fact.together), ("apart", fact.apart)):
            for name in names:
                checks.fact(f"facts.yaml, '{fact.name}', {field}", name)
    checks.derived_facts()


class _Checks:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def sentences(self) -> Iterator[tuple[str, str]]:
        """Every sentence of a programme that may hold places, with the file it stands in."""
        for programme in self._catalogue.programmes.values():
            where = _file(programme)
            for line in (*programme.limits, *(line for section in programme.sections for line in section.lines)):
                yield where, line.text
                yield where, line.otherwise or ""
            for step in programme.steps:
                yield where, step.within or ""
            yield where, programme.benefit.note
        for process in self._catalogue.processes.by_id.values():
            for line in process.lines:
                yield f"processes.yaml, '{process.id}'", line.text
                yield f"processes.yaml, '{process.id}'", line.otherwise or ""

    def places(self, where: str, text: str, *, others_are_given: bool = False) -> None:
        for place in places_in(text):
            if place.part not in PARTS:
                raise CatalogueError(f"{where}: {{{place.name}|{place.part}}} in {text!r}; wanted {{{place.name}}}, "
                                     f"{{{place.name}|since}} or {{{place.name}|until}}")
            if place.hotline is not None:
                self._hotline(where, place.hotline)
            elif place.parameter is not None:
                self.parameter(where, place.name)
            elif not others_are_given:
                self._unknown_place(where, place, text)

    def _unknown_place(self, where: str, place: Place, text: str) -> None:
        raise CatalogueError(f"{where}: {{{place.name}}} in {text!r} is neither a parameter nor a hotline; "
                             f"wanted e.g. {{dibao.standard}} or {{hotline.12345}}")

    def _hotline(self, where: str, number: str) -> None:
        hotline = self._catalogue.hotlines.get(number)
        if hotline is None:
            raise CatalogueError(f"{where}: hotlines.yaml has no number '{number}'; add it with its source, "
                                 f"or use e.g. {{hotline.12345}}")
        if not hotline.may_be_spoken:
            raise CatalogueError(f"{where}: the number {number} ({hotline.name}) is unverified and must not be spoken; "
                                 f"confirm it in hotlines.yaml, or use e.g. {{hotline.12345}}")

    def programme(self, programme: Programme) -> None:
        where = _file(programme)
        self.programme_ids(where, (*programme.excludes, *programme.includes, *programme.related))
        for material in programme.materials:
            if material.fact is not None:
                self.fact(where, material.fact)
        if programme.benefit.minus is not None:
            self.fact(f"{where}, benefit", programme.benefit.minus)
        for name in programme.benefit.parameters():
            self.parameter(f"{where}, benefit", name)
        own = conditions_of(programme.conditions) if programme.conditions else ()
        for condition in (*own, *programme.benefit.conditions()):
            at = f"{where}, condition '{condition.id}'"
            self.fact(at, condition.fact)
            for name in filter(None, (condition.threshold.parameter, condition.threshold.times)):
                self.parameter(at, name)

    def programme_ids(self, where: str, ids: Iterable[str]) -> None:
        for programme_id in ids:
            if programme_id not in self._catalogue.programmes:
                raise CatalogueError(f"{where}: no programme '{programme_id}'; "
                                     f"wanted one of {', '.join(self._catalogue.programmes)}")

    def fact(self, where: str, name: str) -> None:
        if name.startswith(PROGRAMME_FACT):
            self.programme_ids(where, (name.removeprefix(PROGRAMME_FACT),))
        elif name not in self._catalogue.facts:
            raise CatalogueError(f"{where}: no fact '{name}'; add it to facts.yaml or correct its name, e.g. 'household.size'")

    def derived_facts(self) -> None:
        """No fact follows from itself."""
        for name in self._catalogue.facts:
            self._not_from_itself(name, ())

    def _not_from_itself(self, name: str, waiting: tuple[str, ...]) -> None:
        if name in waiting:
            circle = " → ".join((*waiting[waiting.index(name):], name))
            raise CatalogueError(f"facts.yaml: '{name}' is derived from itself: {circle}; "
                                 f"take one of them out of derived_from")
        for source in self._catalogue.facts[name].derived_from:
            self._not_from_itself(source, (*waiting, name))

    def parameter(self, where: str, name: str) -> None:
        if name not in self._catalogue.parameters:
            raise CatalogueError(f"{where}: no parameter '{name}'; add it under parameters/ or correct its name, "
                                 f"e.g. 'dibao.standard'")


def _file(programme: Programme) -> str:
    return f"programmes/{programme.id}.yaml"
