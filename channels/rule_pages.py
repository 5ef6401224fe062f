"""Rule pages: a programme's rule drawn as a tree, for editors and for advisors, empty or with what one case has told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.casework.intake_record import value_text
from bot.clock import shanghai_day
from bot.eligibility.rule_tree import RuleNode, rule_tree
from bot.situation import Situation
from channels.doors import Doors
from channels.errors import RefusedRequestError
from channels.wording import WORDING
from knowledge.catalogue import Catalogue
from knowledge.knowledge_base import KnowledgeBase
from knowledge.parameters import Reference
from knowledge.places import as_people_write
from knowledge.programmes import Programme


@dataclass(frozen=True, slots=True)
class Line:
    """What the page says of one condition: what is compared with what, and of a told household what is known."""

    wanted: str
    known: str
    mark: str
    look: str


@dataclass(frozen=True, slots=True)
class RulePages:
    """Reads the release that answers are made from."""

    doors: Doors

    def listed(self) -> tuple[Programme, ...]:
        return tuple(self._knowledge().catalogue.programmes.values())

    def context(self, programme_id: str, day: str, situation: Situation | None = None) -> Mapping[str, object]:
        """What the templates need. day: 2026-07-01, or empty for today. Raises RefusedRequestError for an unknown programme or
        day."""
        knowledge, on = self._knowledge(), self._day(day)
        programme = knowledge.catalogue.programmes.get(programme_id)
        if programme is None:
            raise RefusedRequestError("no_rule", id=programme_id[:60])

        def clause_id(reference: Reference) -> str | None:
            found = knowledge.resolve(reference, on)
            return found.clause_id if found else None

        return {
            "programme": programme,
            "tree": rule_tree(programme, knowledge.catalogue, on, clause_id, situation),
            "on": on,
            "names": {p.id: p.name for p in knowledge.catalogue.programmes.values()},
            "line": lambda node: _line(node, knowledge.catalogue, told=situation is not None),
            "words": WORDING["rules"],
        }

    def _knowledge(self) -> KnowledgeBase:
        if self.doors.knowledge_in_use is None:
            raise RefusedRequestError("no_rule", id="–")
        return self.doors.knowledge_in_use()

    def _day(self, written: str) -> date:
        if not written:
            return shanghai_day(self.doors.now())
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise RefusedRequestError("bad_day", given=written[:40]) from None


def _line(node: RuleNode, catalogue: Catalogue, *, told: bool) -> Line:
    words = WORDING["rules"]
    look = {True: "yes", False: "no", None: "open"}[node.result] if told else "plain"
    return Line(_wanted(node, catalogue), _known(node, catalogue) if told else "", words["marks"][look], look)


def _wanted(node: RuleNode, catalogue: Catalogue) -> str:
    """低于 1690 元/人/月, 是 上海户口; an unconfirmed number is not said."""
    words = WORDING["rules"]
    if node.condition is None or node.threshold is None:
        return ""
    operator = words["operators"][node.condition.operator.value]
    if node.threshold.parameter is None:
        return f"{operator}{'、'.join(_option(node, str(one), catalogue) for one in _constants(node))}"
    if node.shown is None:
        return f"{operator}{words['not_confirmed']}"
    unit = node.threshold.unit
    return f"{operator} {as_people_write(node.shown)} {words['units'].get(unit, unit)}"


def _constants(node: RuleNode) -> tuple[object, ...]:
    constant = node.condition.threshold.constant if node.condition is not None else None
    return constant if isinstance(constant, tuple) else (constant,)


def _option(node: RuleNode, value: str, catalogue: Catalogue) -> str:
    fact = node.condition.fact if node.condition is not None else ""
    key = value.lower() if value in ("True", "False") else value
    sources = (fact, f"self.{fact.partition('.')[2]}")
    options = [o for name in sources if (d := catalogue.facts.get(name)) for o in d.options]
    if key in ("true", "false"):
        return str(WORDING["rules"]["yes_no"][key])
    return next((option.label for option in options if option.value == key), value)


def _known(node: RuleNode, catalogue: Catalogue) -> str:
    if node.value is None or node.condition is None:
        return str(WORDING["rules"]["not_known"])
    definition = catalogue.facts.get(node.condition.fact)
    return value_text(node.value, definition, catalogue)
