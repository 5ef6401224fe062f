"""Whom to turn to: hotlines, subdistricts, departments, and the regions that are not ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.parameters import Confidence, Reference


@dataclass(frozen=True, slots=True)
class Hotline:
    """A number to call. hours: empty when nobody confirmed them. An unverified one is never spoken."""

    number: str
    name: str
    purpose: str
    hours: str
    confidence: Confidence
    reference: Reference
    checked_on: date

    @property
    def may_be_spoken(self) -> bool:
        return self.confidence is not Confidence.UNVERIFIED


@dataclass(frozen=True, slots=True)
class Subdistrict:
    """One of the ten 街镇. aliases: how people call it. Address and telephone are not held: nobody confirmed them."""

    name: str
    aliases: tuple[str, ...]
    reception_centre: str
    contact_note: str


@dataclass(frozen=True, slots=True)
class Region:
    """A place outside the district that somebody may ask about. kind: province, city, county or shanghai_district."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Department:
    """An office or organisation and what it answers for in social assistance; programmes: ids it is responsible for."""

    id: str
    name: str
    responsible_for: str
    programmes: tuple[str, ...]
    basis: tuple[Reference, ...]
