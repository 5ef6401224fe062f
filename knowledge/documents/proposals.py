"""Proposals (建议): what was read of each field of a document, how sure that is, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

SURE = 0.9
DOUBTFUL_BELOW = 0.6
"""A value read with less confidence is shown to the editor for a look."""

FIELDS = ("title", "issuer", "number", "issued_on", "in_force_from", "in_force_until", "region", "rank", "kind", "replaces")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One field. value: as people read it; None: nothing was found. confidence: 0 to 1. where: Chinese, for the editor: the words
    it was read from, or who said so."""

    field: str
    value: str | None
    confidence: float
    where: str

    @property
    def is_doubtful(self) -> bool:
        return self.confidence < DOUBTFUL_BELOW

    def as_dict(self) -> dict[str, Any]:
        return {"field": self.field, "value": self.value, "confidence": self.confidence, "where": self.where}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Proposal:
        return cls(kept["field"], kept["value"], kept["confidence"], kept["where"])


def shown(value: object) -> str | None:
    """A field's value as people read it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return "、".join(map(str, value)) or None
    return None if value is None else str(value)
