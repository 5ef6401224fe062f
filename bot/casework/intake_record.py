"""Intake records (受理单): what an advisor receives, each fact with the words it came from. Version 1.0.

The record is a plain dictionary, kept as JSON. Its keys are a contract with the desk and with exports; unknown keys are to be
ignored by readers, so later versions may add some.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.conversation import ConversationState
from bot.eligibility.assessments import Assessment, Likelihood
from bot.eligibility.papers import papers_for
from bot.messages import Handoff
from bot.privacy import mask
from bot.situation import Range, Situation, Told, Value
from bot.situation_files import MORE_FACTS
from knowledge.catalogue import Catalogue
from knowledge.facts import FactDefinition, FactType

VERSION = "1.0"


def intake_record(
    state: ConversationState,
    assessments: Sequence[Assessment],
    handoff: Handoff,
    catalogue: Catalogue,
    *,
    channel: str,
    release: int,
    on: date,
    at: datetime,
) -> dict[str, Any]:
    """The record as things stand: wish, urgency, area, facts, assessments with trace, what is missing, materials, consent."""
    situation = state.situation
    shown = [a for a in assessments if any(reason.result is not None for reason in a.trace)]
    likely = [a for a in shown if a.likelihood is Likelihood.LIKELY]
    return {
        "version": VERSION,
        "created_at": at.isoformat(),
        "release": release,
        "as_of": on.isoformat(),
        "channel": channel,
        "wish": _wish(state, handoff),
        "wishes": [mask(wish) for wish in state.wishes],
        "urgency": {"priority": handoff.priority, "reason": handoff.reason},
        "subdistrict": subdistrict_of(situation),
        "area": {
            "hukou": _text(situation.value("self.hukou")),
            "hukou_subdistrict": _text(situation.value("self.hukou_subdistrict")),
            "lives_in": _text(situation.value("self.lives_in")),
            "lives_in_subdistrict": _text(situation.value("self.lives_in_subdistrict")),
        },
        "facts": [fact_line(name, value, situation.told.get(name), catalogue) for name, value in situation.known()],
        "refused": [_label(name, catalogue) for name in sorted(situation.refused)],
        "receives": sorted(situation.receives or ()),
        "assessments": [assessment.as_dict() for assessment in shown],
        "missing": _missing(shown, catalogue),
        "told_anew": [
            {"fact": told.name, "label": _label(told.name, catalogue), "earlier": mask(told.earlier), "later": mask(told.later)}
            for told in state.told_anew
        ],
        "materials": [
            {"programme": a.name, "name": paper.material.name, "only_if": None if paper.needed else paper.material.only_if}
            for a in likely[:2]
            for paper in papers_for(catalogue.programmes[a.programme], situation, catalogue, on)
            if paper.needed is not False
        ],
        "circle": _circle(situation, shown, catalogue),
        "consent": dict(state.consent),
        "contact": {},
    }


def _wish(state: ConversationState, handoff: Handoff) -> str:
    """What the resident came for, in their words, masked: what they said first, but in danger what they said last."""
    if not state.wishes:
        return ""
    return mask(state.wishes[-1] if (handoff.reason or "").startswith("danger") else state.wishes[0])


def subdistrict_of(situation: Situation) -> str:
    """Where the case goes: the subdistrict of residence, which meets the resident; else that of the hukou; else unknown ("")."""
    for name in ("self.lives_in_subdistrict", "self.hukou_subdistrict"):
        value = situation.value(name)
        if isinstance(value, str):
            return value
    return ""


def fact_line(name: str, value: Value, told: Told | None, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "fact": name,
        "label": _label(name, catalogue),
        "value_text": value_text(value, _definition(name, catalogue), catalogue),
        "words": mask(told.words) if told else "",
        "told_at": told.at.isoformat() if told and told.at else None,
        "confirmed": bool(told and told.confirmed),
        "source": told.source if told else "",
    }


def value_text(value: Value, definition: FactDefinition | None, catalogue: Catalogue) -> str:
    """A fact as an advisor reads it: 900元, 2000–2999元, 上海户籍, 有."""
    unit = definition.unit if definition else ""
    if isinstance(value, Range):
        money = definition is not None and definition.type is FactType.MONEY
        said = catalogue.wording("value.range", **_ends(value, money)) if value.exact is None else _number(value.exact, money)
        return said + unit
    key = str(value).lower() if isinstance(value, bool) else str(value)
    label = next((option.label for option in definition.options if option.value == key), None) if definition else None
    if label is None and isinstance(value, bool):
        return catalogue.wording("value.yes" if value else "value.no")
    return label or str(value)


def _ends(value: Range, money: bool) -> dict[str, str]:
    return {
        "low": "" if value.low is None else _number(value.low, money),
        "high": "" if value.high is None else _number(value.high, money),
    }


def _number(number: Decimal, money: bool) -> str:
    amount = number / 100 if money else number
    return f"{amount.quantize(Decimal(1)):f}" if amount == amount.to_integral_value() else f"{amount.normalize():f}"


def _definition(name: str, catalogue: Catalogue) -> FactDefinition | None:
    """The dictionary's entry; facts of other members ("spouse.age") read that of "self.age"."""
    facts = {**MORE_FACTS, **catalogue.facts}
    return facts.get(name) or facts.get("self." + name.partition(".")[2])


def _label(name: str, catalogue: Catalogue) -> str:
    definition = _definition(name, catalogue)
    return definition.label if definition else name


def _missing(assessments: Sequence[Assessment], catalogue: Catalogue) -> list[dict[str, str]]:
    names = dict.fromkeys(name for a in assessments if a.likelihood is not Likelihood.UNLIKELY for name in a.missing)
    return [
        {"fact": name, "label": definition.label, "question": definition.question}
        for name in names
        if (definition := catalogue.facts.get(name)) is not None
    ]


def _circle(situation: Situation, assessments: Sequence[Assessment], catalogue: Catalogue) -> dict[str, Any]:
    """The suggested circle (四个圈层) of low-income residents; always the advisor's decision.

    Source: 关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施, 二 (1 covered, 2 covered and in
    further need, 3 near the line, 4 others). Who receives basic assistance is in the first; who receives only
    other help in the second; who was refused or fails narrowly in the third; everybody else in the fourth.
    """
    receives = situation.receives or frozenset()
    if receives & {"dibao", "tekun", "dibao_bianyuan", "gangxing", "zhongcan_wuye"}:
        number = 1
    elif receives:
        number = 2
    elif any(a.near_miss for a in assessments) or situation.value("household.refused_before") is True:
        number = 3
    else:
        number = 4
    return {"number": number, "name": catalogue.wording(f"circle.{number}"), "suggested": True}


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)
