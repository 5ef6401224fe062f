"""Flows (办理流程): the steps of a programme as boxes, with what follows an approval and a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from knowledge.catalogue import Catalogue
from knowledge.catalogue_entries import Entry
from knowledge.catalogue_files import read_yaml
from knowledge.catalogue_programmes import read_step
from knowledge.programmes import Line, Programme, Step

FILE = "flow_charts.yaml"
FEWEST_STEPS = 3
"""A programme with fewer steps of its own is drawn along the common path."""


@dataclass(frozen=True, slots=True)
class FlowWording:
    """What flow_charts.yaml says. words: short labels and patterns with {places}, by name."""

    words: dict[str, str]
    approved: tuple[Step, ...]
    refused: tuple[Step, ...]
    common_path: tuple[Step, ...]


@cache
def flow_wording() -> FlowWording:
    text = resources.files("knowledge").joinpath("handbook", FILE).read_text(encoding="utf-8")
    entry = Entry(FILE, read_yaml(FILE, text))
    wording = FlowWording(
        words={name: str(word) for name, word in entry.named("words")},
        approved=entry.list_of("approved", read_step, required=True),
        refused=entry.list_of("refused", read_step, required=True),
        common_path=entry.list_of("common_path", read_step, required=True),
    )
    entry.finish()
    return wording


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One box: who does what, and within which time where one is known. All places are filled."""

    who: str
    what: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """The way of one programme on one day. steps: up to and with the decision; approved, refused: what follows it, both empty
    where nobody decides. common: drawn along the common path, because the programme names too few steps of its own."""

    id: str
    title: str
    steps: tuple[FlowStep, ...]
    approved: tuple[FlowStep, ...] = ()
    refused: tuple[FlowStep, ...] = ()
    common: bool = False

    @property
    def forks(self) -> bool:
        return bool(self.refused)

    @property
    def note(self) -> str:
        """What to know about the drawing as a whole; empty when there is nothing."""
        return flow_wording().words["common_note"] if self.common else ""

    @property
    def approved_label(self) -> str:
        return flow_wording().words["approved"]

    @property
    def refused_label(self) -> str:
        return flow_wording().words["refused"]

    def in_words(self) -> tuple[str, ...]:
        """The drawing as an ordered list, for those who cannot see it."""
        main = tuple(_in_words(step) for step in self.steps)
        return (*main, *_branch(self.approved_label, self.approved), *_branch(self.refused_label, self.refused))


def flow_of(programme: Programme, catalogue: Catalogue, on: date) -> Flow:
    """The flow of a programme as it reads on that day."""
    wording = flow_wording()
    common = len(programme.steps) < FEWEST_STEPS
    steps = wording.common_path if common else programme.steps
    decision = next((position for position, step in enumerate(steps) if step.decides), None)
    title = wording.words["common_title" if common else "title"].format(programme=programme.name)
    if decision is None:
        return Flow(programme.id, title, _filled(steps, catalogue, on), common=common)
    return Flow(
        id=programme.id,
        title=title,
        steps=_filled(steps[: decision + 1], catalogue, on),
        approved=_filled(steps[decision + 1 :] or wording.approved, catalogue, on),
        refused=_filled(wording.refused, catalogue, on),
        common=common,
    )


def _filled(steps: Iterable[Step], catalogue: Catalogue, on: date) -> tuple[FlowStep, ...]:
    """Steps with their numbers; a step or time limit whose number may not be spoken that day is left out."""
    found = []
    for step in steps:
        what = catalogue.line(Line(step.what), on)
        within = catalogue.line(Line(step.within), on) if step.within else None
        if what is not None:
            found.append(FlowStep(step.who, what, within or ""))
    return tuple(found)


def _in_words(step: FlowStep) -> str:
    words = flow_wording().words
    within = words["within"].format(within=step.within) if step.within else ""
    return words["step"].format(who=step.who, what=step.what) + within


def _branch(label: str, steps: tuple[FlowStep, ...]) -> tuple[str, ...]:
    pattern = flow_wording().words["branch"]
    return tuple(pattern.format(branch=label, step=_in_words(step)) for step in steps)
