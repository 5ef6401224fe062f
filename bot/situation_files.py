"""Situation files: a household written down by hand, as YAML or JSON, read into a Situation and written back.

Also the lossless form in which a conversation keeps its situation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, NoReturn

from bot.eligibility.answers import RECEIVES
from bot.eligibility.household_members import OTHERS
from bot.eligibility.person_facts import NO_DISABILITY
from bot.eligibility.thresholds import FEN
from bot.situation import Member, Range, Situation, Told, Value
from bot.situation_checks import contradictions_in
from knowledge.facts import FactDefinition, FactType

RELATIONS = ("self", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other", OTHERS)
REFUSED_BEFORE = "household.refused_before."
SINGLE = frozenset({"self", "spouse", OTHERS})

MORE_FACTS: dict[str, FactDefinition] = {
    definition.name: definition
    for definition in (
        FactDefinition("self.birth_date", "出生日期", FactType.DATE),
        FactDefinition("self.lives_together", "一起生活", FactType.YES_NO),
        FactDefinition("self.job_loss_date", "失业日期", FactType.DATE),
        FactDefinition("self.refused_jobs", "不接受的工作", FactType.INTEGER, low=0, high=100),
        FactDefinition("self.disability_certificate", "残疾证", FactType.YES_NO),
        FactDefinition("self.relation_to_asker", "与咨询人的关系", FactType.TEXT),
        FactDefinition("event.note", "说明", FactType.TEXT),
    )
}
"""Facts that a file may hold although nobody is ever asked for them."""

PROGRAMME_IDS = frozenset({
    "dibao", "dibao_bianyuan", "tekun", "gangxing", "linshi", "xiao_e", "yiliao", "jibing_yingji", "jiaoyu", "zhufang",
    "jiuye", "jiuye_kunnan", "shouzai", "liulang", "guer", "shishi_wuren", "kunjing_ertong", "canji_shenghuo", "canji_huli",
    "zhongcan_wuye", "laonian_jintie", "yanglao_butie", "changhuxian", "zonghe_bangfu", "cishan", "falv", "shiye",
    "ertong_kangfu", "jiage_butie", "zhinei",
})
"""What a household may already receive."""

_YES_NO = "true or false"
_EXAMPLES = {
    FactType.YES_NO: "true",
    FactType.INTEGER: "3",
    FactType.MONEY: "4200",
    FactType.AREA: "38.5",
    FactType.DATE: "2026-08-31",
    FactType.TEXT: "'妈妈'",
}


class SituationFileError(ValueError):
    """A situation file cannot be used. Read by whoever wrote the file: quotes what stands there, says what is wanted, with an
    example."""


@dataclass(frozen=True, slots=True)
class SituationFile:
    """as_of: the day the file wants to be assessed for; None: it names none."""

    situation: Situation
    as_of: date | None = None


def read_situation(data: object, facts: Mapping[str, FactDefinition]) -> SituationFile:
    """The situation of a parsed file. facts: the dictionary of the current release. Raises SituationFileError."""
    return _Reader(facts).file(data)


class _Reader:
    def __init__(self, facts: Mapping[str, FactDefinition]) -> None:
        self._facts = {**MORE_FACTS, **facts}

    def file(self, data: object) -> SituationFile:
        top = _mapping(data, "the file", "household: {size: 1}")
        _only(top, ("as_of", "household", "members", "events", "refused"), "the file")
        household = dict(_mapping(top.get("household") or {}, "household", "household: {size: 1}"))
        receives = self._receives(household.pop("receives", None))
        refusals = dict(self._refused_before(household.pop("refused_before", None)))
        members = self._members(top.get("members"))
        as_of = None if top.get("as_of") is None else _date("as_of", top["as_of"])
        situation = Situation(
            facts={**dict(self._named("household", household)), **refusals},
            members=members,
            events=tuple(self._events(top.get("events"))),
            refused=frozenset(self._refused(top.get("refused"))),
            receives=receives,
        )
        for problem in contradictions_in(situation, as_of):
            raise SituationFileError(problem)
        return SituationFile(situation, as_of)

    def _named(self, key: str, entries: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, Value]]:
        """Facts under their full names; null means not known."""
        for short, given in entries.items():
            name = f"{key}.{short}"
            if name not in self._facts:
                self._unknown(f"{where or key}.{short}", key)
            _check_not_computed(self._facts[name], f"{where or key}.{short}")
            if given is not None:
                yield name, self._value(self._facts[name], given, f"{where or key}.{short}")

    def _unknown(self, place: str, key: str) -> NoReturn:
        known = sorted(name.partition(".")[2] for name in self._facts if name.startswith(f"{key}."))
        near = get_close_matches(place.rpartition(".")[2], known, n=1)
        meant = f"did you mean '{near[0]}'? " if near else ""
        raise SituationFileError(
            f"'{place}' is no fact we know; {meant}wanted one of: {', '.join(known)}; correct or drop it, e.g. {key}.{known[0]}"
        )

    def _members(self, given: object) -> tuple[Member, ...]:
        members: list[Member] = []
        for number, entry in enumerate(_list(given, "members", "members: [{relation: self, age: 72}]")):
            where = f"members[{number}]"
            facts = dict(_mapping(entry, where, "{relation: self, age: 72}"))
            relation = facts.pop("relation", "self" if number == 0 else None)
            key = self._key(relation, number, members, where)
            disability = facts.pop("disability", None)
            found = dict(self._named("self", {**facts, **_flat_disability(disability, where)}, where))
            members.append(Member(key, relation, {name.partition(".")[2]: value for name, value in found.items()}))
        return tuple(members)

    def _key(self, relation: object, number: int, members: list[Member], where: str) -> str:
        if relation not in RELATIONS:
            _wrong(f"{where}.relation", relation, f"one of {', '.join(RELATIONS)}", "relation: spouse")
        if (relation == "self") != (number == 0):
            problem = "two people called self" if relation == "self" else "a first member who is not self"
            raise SituationFileError(
                f"{where}.relation: {relation!r} makes {problem}; wanted exactly one self, the person it is about, as the first "
                f"member, e.g. members: [{{relation: self, age: 72}}, {{relation: child, age: 40}}]"
            )
        same = sum(1 for member in members if member.relation == relation)
        if same and relation in SINGLE:
            raise SituationFileError(
                f"{where}.relation: a second {relation!r}; wanted at most one of each of {', '.join(sorted(SINGLE))}, "
                f"e.g. relation: other"
            )
        return str(relation) if relation in SINGLE and not same else f"{relation}{same + 1}"

    def _events(self, given: object) -> Iterator[Mapping[str, Value]]:
        for number, entry in enumerate(_list(given, "events", "events: [{kind: fire, date: 2026-11-10}]")):
            where = f"events[{number}]"
            found = dict(self._named("event", _mapping(entry, where, "{kind: fire}"), where))
            yield {name.partition(".")[2]: value for name, value in found.items()}

    def _refused(self, given: object) -> Iterator[str]:
        for name in _list(given, "refused", "refused: [household.financial_assets_yuan]"):
            full = [known for known in (*self._facts, RECEIVES) if name in (known, known.partition(".")[2])]
            if not full:
                _wrong("refused", name, "the name of a fact", "refused: [household.financial_assets_yuan]")
            yield full[0]

    def _receives(self, given: object) -> frozenset[str] | None:
        if given is None:
            return None
        programmes = _list(given, "household.receives", "receives: [dibao]; [] when nothing is received")
        for programme in programmes:
            if programme not in PROGRAMME_IDS:
                _wrong("household.receives", programme, f"one of {', '.join(sorted(PROGRAMME_IDS))}", "receives: [dibao]")
        return frozenset(programmes)

    def _refused_before(self, given: object) -> Iterator[tuple[str, Value]]:
        example = "refused_before: [{programme: dibao, date: 2025-03-01}]"
        for number, entry in enumerate(_list(given, "household.refused_before", example)):
            where = f"household.refused_before[{number}]"
            fields = _mapping(entry, where, example)
            _only(fields, ("programme", "date"), where)
            if fields.get("programme") not in PROGRAMME_IDS:
                _wrong(f"{where}.programme", fields.get("programme"), "a programme id", "programme: dibao")
            day = fields.get("date")
            yield f"{REFUSED_BEFORE}{fields['programme']}", True if day is None else _date(f"{where}.date", day)

    def _value(self, definition: FactDefinition, given: object, where: str) -> Value:
        match definition.type:
            case FactType.YES_NO:
                return given if isinstance(given, bool) else _wrong(where, given, _YES_NO, f"{where}: true")
            case FactType.CHOICE:
                return _choice(definition, given, where)
            case FactType.DATE:
                return _date(where, given)
            case FactType.TEXT:
                return given if isinstance(given, str) else _wrong(where, given, "a text", f"{where}: '妈妈'")
            case _:
                return _number(definition, given, where)


def _check_not_computed(definition: FactDefinition, place: str) -> None:
    """A yes or no about a whole household may be told as such; a number that follows from others may not."""
    if definition.derived_from and definition.type is not FactType.YES_NO:
        raise SituationFileError(
            f"'{place}' is computed from {', '.join(definition.derived_from)}; wanted those instead, e.g. household.size: 3"
        )


def _choice(definition: FactDefinition, given: object, where: str) -> str:
    values = [option.value for option in definition.options]
    text = str(given)
    if isinstance(given, bool) or text not in values:
        return _wrong(where, given, f"one of {', '.join(values)}", f"{where}: {values[0]}")
    return text


def _number(definition: FactDefinition, given: object, where: str) -> Range:
    if isinstance(given, Mapping):
        _only(given, ("min", "max"), where)
        low, high = (_end(definition, given, end, where) for end in ("min", "max"))
        if low is None and high is None:
            _wrong(where, given, "at least one of min and max", f"{where}: {{min: 2000, max: 3000}}")
        if low is not None and high is not None and low > high:
            _wrong(where, given, "min no larger than max", f"{where}: {{min: 2000, max: 3000}}")
        return Range(low, high)
    return Range.exactly(_decimal(definition, given, where))


def _end(definition: FactDefinition, given: Mapping[str, Any], end: str, where: str) -> Decimal | None:
    return None if given.get(end) is None else _decimal(definition, given[end], f"{where}.{end}")


def _decimal(definition: FactDefinition, given: object, where: str) -> Decimal:
    wanted, example = _wanted(definition), f"{where}: {_EXAMPLES[definition.type]}"
    try:
        if isinstance(given, (bool, str)):
            raise InvalidOperation
        number = Decimal(str(given))
    except InvalidOperation:
        _wrong(where, given, wanted, example)
    if not number.is_finite() or (definition.low is not None and number < definition.low):
        _wrong(where, given, wanted, example)
    if definition.high is not None and number > definition.high:
        _wrong(where, given, wanted, example)
    inside = number * FEN if definition.type is FactType.MONEY else number
    if definition.type is not FactType.AREA and inside != inside.to_integral_value():
        _wrong(where, given, wanted, example)
    return inside.quantize(Decimal(1)) if definition.type is not FactType.AREA else inside


def _wanted(definition: FactDefinition) -> str:
    low = "" if definition.low is None else f" from {definition.low}"
    high = "" if definition.high is None else f" to {definition.high}"
    kind = {FactType.MONEY: "an amount in yuan as digits, without unit", FactType.AREA: "square metres as digits"}
    return f"{kind.get(definition.type, 'a whole number')}{low}{high}, or {{min: …, max: …}}"


def _date(where: str, given: object) -> date:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        return _wrong(where, given, "a calendar day", f"{where}: 2026-08-31")


def _flat_disability(given: object, where: str) -> dict[str, Any]:
    """{kind, level, certificate} as three facts; "none", false or a missing certificate: no disability on paper."""
    if given is None:
        return {}
    if given is False or given == NO_DISABILITY:
        return {"disability_level": NO_DISABILITY}
    fields = _mapping(given, f"{where}.disability", "disability: {kind: 肢体, level: 2, certificate: true}")
    _only(fields, ("kind", "level", "certificate"), f"{where}.disability")
    flat = {f"disability_{short}": value for short, value in fields.items()}
    if fields.get("certificate") is False and fields.get("level") is None:
        flat["disability_level"] = NO_DISABILITY
    return flat


def _mapping(given: object, where: str, example: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        _wrong(where, given, "names with values", example)
    return given


def _list(given: object, where: str, example: str) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else _wrong(where, given, "a list", example)


def _only(given: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for name in given:
        if name not in known:
            raise SituationFileError(f"{where} holds '{name}', which we do not know; wanted one of: {', '.join(known)}")


def _wrong(where: str, given: object, wanted: str, example: str) -> NoReturn:
    raise SituationFileError(f"{where}: {given!r} is not possible here; wanted {wanted}, e.g. {example}")


def write_situation(situation: Situation, as_of: date | None = None) -> dict[str, Any]:
    """The file form: money in yuan, what is not known left out. Where facts came from is not part of a file."""
    household = {
        name.partition(".")[2]: _plain(name, value) for name, value in situation.facts.items()
        if name.startswith("household.") and not name.startswith(REFUSED_BEFORE)
    }
    if situation.receives is not None:
        household["receives"] = sorted(situation.receives)
    if refusals := list(_refusals(situation)):
        household["refused_before"] = refusals
    written: dict[str, Any] = {"household": household}
    if as_of is not None:
        written["as_of"] = as_of.isoformat()
    if situation.members:
        written["members"] = [{"relation": m.relation, **_member_facts(m)} for m in situation.members]
    if situation.events:
        written["events"] = [{short: _plain(short, value) for short, value in event.items()} for event in situation.events]
    if situation.refused:
        written["refused"] = sorted(situation.refused)
    return written


def _refusals(situation: Situation) -> Iterator[dict[str, Any]]:
    for name, value in situation.facts.items():
        if name.startswith(REFUSED_BEFORE):
            day = {"date": value.isoformat()} if isinstance(value, date) else {}
            yield {"programme": name.removeprefix(REFUSED_BEFORE), **day}


def _member_facts(member: Member) -> dict[str, Any]:
    flat = {short: _plain(short, value) for short, value in member.facts.items()}
    parts = [short for short in ("kind", "level", "certificate") if f"disability_{short}" in flat]
    disability = {short: flat.pop(f"disability_{short}") for short in parts}
    return {**flat, "disability": disability} if disability else flat


def _plain(name: str, value: Value) -> Any:
    if isinstance(value, Range):
        ends = [None if end is None else _shown(end / FEN if "_yuan" in name else end) for end in (value.low, value.high)]
        return ends[0] if value.exact is not None else {
            key: end for key, end in zip(("min", "max"), ends, strict=True) if end is not None
        }
    return value.isoformat() if isinstance(value, date) else value


def _shown(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def situation_to_dict(situation: Situation) -> dict[str, Any]:
    """Everything a situation holds, where each fact came from included, as JSON can hold it. Read back by situation_from_dict."""
    return {
        "facts": _packed_facts(situation.facts),
        "members": [{"key": m.key, "relation": m.relation, "facts": _packed_facts(m.facts)} for m in situation.members],
        "events": [_packed_facts(event) for event in situation.events],
        "refused": sorted(situation.refused),
        "receives": None if situation.receives is None else sorted(situation.receives),
        "told": {name: _packed_told(told) for name, told in situation.told.items()},
    }


def situation_from_dict(data: Mapping[str, Any]) -> Situation:
    """The situation that situation_to_dict wrote. Raises SituationFileError for anything else."""
    try:
        receives = data["receives"]
        return Situation(
            facts=_unpacked_facts(data["facts"]),
            members=tuple(Member(m["key"], m["relation"], _unpacked_facts(m["facts"])) for m in data["members"]),
            events=tuple(_unpacked_facts(event) for event in data["events"]),
            refused=frozenset(data["refused"]),
            receives=None if receives is None else frozenset(receives),
            told={name: _unpacked_told(told) for name, told in data["told"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise SituationFileError(
            f"a kept situation cannot be read ({type(error).__name__}: {error}); wanted what situation_to_dict writes, "
            f"e.g. {{'facts': {{}}, 'members': [], 'events': [], 'refused': [], 'receives': null, 'told': {{}}}}"
        ) from error


def _packed_facts(facts: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _packed(value) for name, value in facts.items()}


def _packed(value: Value) -> Any:
    if isinstance(value, Range):
        return {"low": None if value.low is None else str(value.low), "high": None if value.high is None else str(value.high)}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _unpacked_facts(facts: Mapping[str, Any]) -> dict[str, Value]:
    return {name: _unpacked(value) for name, value in facts.items()}


def _unpacked(value: Any) -> Value:
    if isinstance(value, dict):
        if "day" in value:
            return date.fromisoformat(value["day"])
        return Range(*(None if value[end] is None else Decimal(value[end]) for end in ("low", "high")))
    if not isinstance(value, (bool, str)):
        raise TypeError(f"{value!r} is no fact")
    return value


def _packed_told(told: Told) -> dict[str, Any]:
    at = None if told.at is None else told.at.isoformat()
    return {"words": told.words, "at": at, "confirmed": told.confirmed, "source": told.source}


def _unpacked_told(told: Mapping[str, Any]) -> Told:
    at = None if told["at"] is None else datetime.fromisoformat(told["at"])
    return Told(words=told["words"], at=at, confirmed=told["confirmed"], source=told["source"])
