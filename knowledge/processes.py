"""Processes (办理流程): what happens on the way from an application to a decision, the same for several programmes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from knowledge.parameters import Reference
from knowledge.programmes import Line

PROCESSES_ID = "liucheng"
"""Stands in clause ids where a programme's id stands for programmes: "一本通:liucheng#gongshi"."""


@dataclass(frozen=True, slots=True)
class Process:
    """One stretch of the way, or one question that all programmes share: 受理, 公示, 人户分离 … Read and answered like a section
    of a programme: the first line stands alone as the answer in one sentence."""

    id: str
    title: str
    lines: tuple[Line, ...]
    basis: tuple[Reference, ...] = ()
    asked_as: tuple[str, ...] = ()

    @property
    def all_basis(self) -> tuple[Reference, ...]:
        return tuple(dict.fromkeys((*self.basis, *(r for line in self.lines for r in line.basis))))


@dataclass(frozen=True, slots=True)
class Processes:
    """All of them, in the order of the handbook. title: the heading they are shown under."""

    title: str = ""
    in_force_from: date = date.min
    by_id: Mapping[str, Process] = field(default_factory=dict)
