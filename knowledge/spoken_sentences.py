"""Every sentence of the handbook that a resident may be told, with the place where staff find it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.programmes import Programme, conditions_of
from knowledge.wording import say

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """place: Chinese, for editors, as in 最低生活保障·谁能申请. text: with its {places}; may hold more than one sentence."""

    place: str
    text: str


def spoken_sentences(catalogue: Catalogue) -> Iterator[SpokenSentence]:
    """In the order of the handbook: programmes, processes, resources, departments, subdistricts, hotlines, fixed wordings."""
    for programme in catalogue.programmes.values():
        yield from _of_programme(programme)
    for process in catalogue.processes.by_id.values():
        for line in process.lines:
            yield from _sentences(f"{catalogue.processes.title}·{process.title}", line.text, line.otherwise)
    for resource in catalogue.resources.projects:
        yield from _sentences(resource.name, resource.offers, resource.for_whom, resource.provider)
    for category in catalogue.resources.categories:
        yield from _sentences(category.name, category.for_whom, *category.services)
    for department in catalogue.departments:
        yield from _sentences(department.name, department.responsible_for)
    for hotline in catalogue.hotlines.values():
        yield from _sentences(hotline.name, hotline.purpose)
    for key, text in catalogue.wordings.items():
        yield SpokenSentence(say("parts.wording", name=key), text)


def sections(catalogue: Catalogue) -> Iterator[SpokenSentence]:
    """Whole sections and processes, for what must be explained somewhere in them."""
    for programme in catalogue.programmes.values():
        for section in programme.sections:
            text = "\n".join(line.text for line in section.lines)
            yield SpokenSentence(f"{programme.name}·{section.title}", text)
    for process in catalogue.processes.by_id.values():
        text = "\n".join((process.title, *(line.text for line in process.lines)))
        yield SpokenSentence(f"{catalogue.processes.title}·{process.title}", text)


def _of_programme(programme: Programme) -> Iterator[SpokenSentence]:
    for part, texts in (
        ("summary", (programme.summary,)),
        ("authority", (programme.authority,)),
        ("judged", programme.judged),
        ("benefit", (programme.benefit.note,)),
        ("limits", tuple(text for line in programme.limits for text in (line.text, line.otherwise))),
        ("materials", tuple(text for m in programme.materials for text in (m.name, m.only_if))),
        ("steps", tuple(text for step in programme.steps for text in (step.who, step.what, step.within))),
    ):
        yield from _sentences(f"{programme.name}·{say(f'parts.{part}')}", *texts)
    for condition in conditions_of(programme.conditions) if programme.conditions else ():
        place = f"{programme.name}·{say('parts.conditions')}“{condition.id}”"
        yield from _sentences(place, condition.yes, condition.no, condition.near_miss)
    for section in programme.sections:
        for line in section.lines:
            yield from _sentences(f"{programme.name}·{section.title}", line.text, line.otherwise)


def _sentences(place: str, *texts: str | None) -> Iterator[SpokenSentence]:
    yield from (SpokenSentence(place, text) for text in texts if text)
