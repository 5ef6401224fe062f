"""Corrections (改正): what a person made of an imported document; they are laid over every later import of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from knowledge.clauses import Clause
from knowledge.documents.metadata import rank_of
from knowledge.documents.proposals import FIELDS
from knowledge.errors import CorrectionError
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.wording import say

DAY_FIELDS = frozenset({"issued_on", "in_force_from", "in_force_until"})
NEEDED_FIELDS = frozenset({"title", "kind", "rank", "region"})
CHOICES: Mapping[str, type[Kind] | type[Rank]] = {"kind": Kind, "rank": Rank}


@dataclass(frozen=True, slots=True)
class ClauseCorrection:
    """The words of one clause as a person set them. original: the words they replace. present: what the draft holds now,
    None when the clause is gone."""

    document_id: str
    clause_id: str
    original: str
    text: str
    by: str
    at: datetime
    present: str | None = None

    @property
    def is_open(self) -> bool:
        """The document changed at this place since: somebody must say which words hold."""
        return self.present != self.text


@dataclass(frozen=True, slots=True)
class FieldCorrection:
    """One field of a document as a person set it. value: as field_value reads it."""

    document_id: str
    field: str
    value: Any
    by: str
    at: datetime


def corrected_clauses(clauses: Sequence[Clause], corrections: Sequence[ClauseCorrection]) -> tuple[Clause, ...]:
    """The clauses with a person's words where the import still reads what that person replaced; others stay as imported."""
    by_id = {correction.clause_id: correction for correction in corrections}
    return tuple(
        clause.with_text(by_id[clause.clause_id].text)
        if clause.clause_id in by_id and clause.text == by_id[clause.clause_id].original else clause
        for clause in clauses
    )


def corrected_document(document: PolicyDocument, corrections: Sequence[FieldCorrection]) -> PolicyDocument:
    """The document with the fields that a person set. Its id stays: citations made so far keep pointing at it."""
    values = {correction.field: correction.value for correction in corrections}
    if not values:
        return document
    changed = replace(document, **values)
    if "rank" not in values and values.keys() & {"kind", "region", "issuer"}:
        return replace(changed, rank=rank_of(changed.kind, changed.region, changed.issuer))
    return changed


def field_value(field: str, given: str) -> Any:
    """What a person typed for a field, as the document holds it; empty: nothing is known. Raises CorrectionError."""
    if field not in FIELDS:
        raise CorrectionError("correction.unknown_field", field=field, fields="、".join(FIELDS))
    text = given.strip()
    if not text and field in NEEDED_FIELDS and field != "region":
        raise CorrectionError("correction.needed", field=say(f"fields.{field}"))
    if field in CHOICES:
        return _choice(field, text)
    if field in DAY_FIELDS:
        return _day(field, text)
    if field == "replaces":
        return tuple(title.strip("《》 ") for title in text.replace("，", "、").split("、") if title.strip("《》 "))
    if field == "region":
        return "" if text == say("fields.whole_country") else text
    return text or None


def _choice(field: str, text: str) -> Kind | Rank:
    try:
        return CHOICES[field](text)
    except ValueError:
        choices = "、".join(choice.value for choice in CHOICES[field])
        raise CorrectionError("correction.choice", field=say(f"fields.{field}"), given=text, choices=choices) from None


def _day(field: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CorrectionError("correction.day", field=say(f"fields.{field}"), given=text) from None


def plain_value(value: Any) -> Any:
    """A field's value as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def value_from_plain(field: str, plain: Any) -> Any:
    if plain is None:
        return None
    if field in DAY_FIELDS:
        return date.fromisoformat(plain)
    if field in CHOICES:
        return CHOICES[field](plain)
    return tuple(plain) if field == "replaces" else plain
