"""A household of which everything is known, as a situation file writes it (yuan, completed years or birth dates)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

Facts = Mapping[str, Any]

MIND = ("智力", "精神")
AWAY = ("prison", "drug_rehab", "missing", "religious")


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the file."""

    facts: Facts
    day: date

    def __getattr__(self, name: str) -> Any:
        return self.facts[name]

    @property
    def age(self) -> int:
        """Completed years; the birthday itself counts."""
        born = self.facts.get("birth_date")
        if born is None:
            return int(self.facts["age"])
        born = date.fromisoformat(str(born))
        return self.day.year - born.year - ((self.day.month, self.day.day) < (born.month, born.day))

    @property
    def shanghai(self) -> bool:
        return bool(self.facts["hukou"] == "shanghai")

    @property
    def disability(self) -> tuple[str, int] | None:
        """Kind and level on a certificate (残疾人证); None: no certificate."""
        paper = self.facts["disability"]
        if paper == "none" or paper.get("certificate") is False:
            return None
        return str(paper["kind"]), int(paper["level"])

    def severe(self, several_kinds_count: bool) -> bool:
        """重度残疾: first and second level, and third level of mind (智力、精神).

        several_kinds_count: a third level of several kinds (多重) holds one of mind."""
        if self.disability is None:
            return False
        kind, level = self.disability
        return level <= 2 or (level == 3 and (kind in MIND or (kind == "多重" and several_kinds_count)))


@dataclass(frozen=True, slots=True)
class Household:
    """The view of one file on one day."""

    facts: Facts
    day: date

    def money(self, name: str) -> Decimal:
        return Decimal(str(self.facts["household"][name]))

    @property
    def size(self) -> int:
        return int(self.facts["household"]["size"])

    @property
    def person(self) -> Person:
        """Whom it is about."""
        return Person(self.facts["members"][0], self.day)

    @property
    def together(self) -> list[Person]:
        """Who counts as living together (共同生活的家庭成员): of this city's hukou, or its spouse or child from elsewhere,
        and whoever it is about; a child that studies elsewhere still, a prisoner or another who has left for years not.

        Source: 上海市社会救助条例 第五十五条; 最低生活保障审核确认办法 (民发〔2021〕57号)."""
        people = [Person(member, self.day) for member in self.facts["members"]]
        local = any(person.shanghai for person in people)
        return [person for person in people if self._counts(person, local)]

    def _counts(self, person: Person, local: bool) -> bool:
        """local: somebody has this city's hukou; without, Art. 55 shuts nobody out."""
        if person.relation == "self":
            return True
        if person.away in AWAY:
            return False
        if local and not (person.shanghai or person.relation in ("spouse", "child")):
            return False
        studies = person.relation == "child" and person.student_stage in ("senior", "vocational", "university")
        return bool(person.lives_together) or studies

    @property
    def receives(self) -> frozenset[str]:
        return frozenset(self.facts["household"]["receives"])

    @property
    def events(self) -> frozenset[str]:
        return frozenset(event["kind"] for event in self.facts["events"]) - {"none"}

    @property
    def of_shanghai(self) -> bool:
        """A household of this city's hukou (本市户籍家庭), seen from Art. 10 with Art. 55 of the regulation: somebody who
        lives with the others in this city has its hukou; a spouse or child from elsewhere then belongs to it."""
        return any(person.shanghai and person.lives_in != "elsewhere" for person in self.together)

    def income_below(self, standard: int) -> bool:
        """Monthly income a head lies below (低于) the standard: the standard itself is too much."""
        return self.money("monthly_income_yuan") < standard * self.size

    def assets_within(self, limit: int) -> bool:
        """Money a head is within the limit (符合财产标准): the limit itself still is. Homes and cars are left to a person: no
        clause we could read says which of them are within it."""
        return self.money("financial_assets_yuan") <= limit * self.size
