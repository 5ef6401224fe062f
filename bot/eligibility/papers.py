"""Papers (材料) that this household has to bring: what a programme asks of everybody, and what only some need. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.eligibility.answers import NOTHING
from bot.eligibility.rulebook import Rulebook
from bot.eligibility.truth import Truth, any_of
from bot.eligibility.verdicts import Verdicts
from bot.situation import Situation, Value
from knowledge.programmes import Material, Programme


@dataclass(frozen=True, slots=True)
class Paper:
    """needed None: it depends on what nobody has told; material.only_if says in words on what."""

    material: Material
    needed: Truth


def papers_for(programme: Programme, situation: Situation, rulebook: Rulebook, on: date) -> tuple[Paper, ...]:
    """Every material of the programme, in its order; a refused fact is an unknown one."""
    verdicts = Verdicts(situation, rulebook, on)

    def needed(material: Material) -> Truth:
        if material.only_if is None:
            return True
        return None if material.fact is None else any_of(_is_so(value) for value in verdicts.facts.values(material.fact))

    return tuple(Paper(material, needed(material)) for material in programme.materials)


def _is_so(value: Value | None) -> Truth:
    """A yes, or any answer but "none of these"."""
    return value if value is None or isinstance(value, bool) else value != NOTHING
