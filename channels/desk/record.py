"""An intake record as the case page shows it: whatever keys it has, in one order, nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.casework.cases import Case
from bot.consultations import Line
from channels.templates import moment
from channels.web.quotes import Segment, marked
from channels.wording import WORDING

SHORTEST_UNDERLINED = 2
"""Words of one character are too common to be underlined in a transcript."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A transcript line; in a resident's line the words that became facts are marked with the fact's label."""

    line: Line
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """What the page needs of a case, each part empty when the record has none of it."""

    case: Case
    wish: str
    more_wishes: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    facts: tuple[Mapping[str, Any], ...]
    refused: tuple[str, ...]
    assessments: tuple[Mapping[str, Any], ...]
    missing: tuple[Mapping[str, Any], ...]
    materials: tuple[Mapping[str, Any], ...]
    circle: str
    consent: tuple[tuple[str, str], ...]
    contact: tuple[tuple[str, str], ...]
    transcript: tuple[ShownLine, ...]


def case_view(case: Case) -> CaseView:
    record = case.record
    facts = tuple(_mappings(record.get("facts")) or _mappings(record.get("household")))
    circle = record.get("circle")
    wishes = [str(wish) for wish in _sequence(record.get("wishes"))]
    wish = str(record.get("wish") or case.summary.wish)
    return CaseView(
        case=case,
        wish=wish,
        more_wishes=tuple(w for w in dict.fromkeys(wishes) if w != wish),
        places=_places(record.get("area")),
        facts=facts,
        refused=tuple(str(name) for name in _sequence(record.get("refused"))),
        assessments=tuple(_mappings(record.get("assessments"))),
        missing=tuple(_mappings(record.get("missing"))),
        materials=_once(_mappings(record.get("materials"))),
        circle=str(circle.get("name") or "") if isinstance(circle, Mapping) else str(circle or ""),
        consent=_pairs(record.get("consent"), WORDING["desk"]["consent"]),
        contact=_pairs(record.get("contact"), {}),
        transcript=tuple(_shown(line, facts) for line in case.transcript),
    )


def _shown(line: Line, facts: Sequence[Mapping[str, Any]]) -> ShownLine:
    if line.author != "resident":
        return ShownLine(line, (Segment(line.text),))
    told = [(str(fact.get("words") or ""), str(fact.get("label") or "")) for fact in facts]
    return ShownLine(line, tuple(marked(line.text, (pair for pair in told if len(pair[0]) >= SHORTEST_UNDERLINED))))


def _places(area: object) -> tuple[tuple[str, str], ...]:
    """(户籍, 上海 江苏路街道), (居住, 长宁 新泾镇), as far as known."""
    if not isinstance(area, Mapping):
        return ()
    names = WORDING["desk"]["regions"]
    found = []
    labels = WORDING["desk"]["areas"]
    for label, region, subdistrict in (
        (labels["hukou"], "hukou", "hukou_subdistrict"),
        (labels["lives_in"], "lives_in", "lives_in_subdistrict"),
    ):
        parts = [str(names.get(area.get(region), area.get(region) or "")), str(area.get(subdistrict) or "")]
        if any(parts):
            found.append((label, " ".join(part for part in parts if part)))
    return tuple(found)


def _once(materials: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Two programmes often want the same paper: it is listed once."""
    return tuple({str(material.get("name")): material for material in reversed(materials)}.values())[::-1]


def _pairs(content: object, labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if not isinstance(content, Mapping):
        return ()
    return tuple((labels.get(str(key), str(key)), _readable(str(value))) for key, value in content.items() if value)


def _readable(value: str) -> str:
    """A moment as people read it; anything else as it stands."""
    try:
        return moment(datetime.fromisoformat(value)) if "T" in value else value
    except ValueError:
        return value


def _mappings(content: object) -> list[Mapping[str, Any]]:
    return [entry for entry in _sequence(content) if isinstance(entry, Mapping)]


def _sequence(content: object) -> Sequence[Any]:
    return content if isinstance(content, list | tuple) else ()
