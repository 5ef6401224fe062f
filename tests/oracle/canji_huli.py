"""Care allowance for people with severe disabilities (重度残疾人护理补贴).

Source: 国务院关于全面建立困难残疾人生活补贴和重度残疾人护理补贴制度的意见 (国发〔2015〕52号); the city's adjustment of 2025
(350 yuan for the first level, 180 for the second and for the third of mind).

Choices:
- It is asked for the household: one member with this city's hukou and such a certificate is enough, both of the same person.
- Income and property do not matter. Whether a nursing payment after a work injury stands against it, a person sees.
- 多重 of the third level is in where one of its kinds is of mind: the certificate says it, the facts do not.
"""

from __future__ import annotations

from decimal import Decimal

from tests.oracle.household import Household, Person
from tests.oracle.numbers import CARE_AMOUNTS, NEW_DISABILITY_AMOUNTS, Law

UNREAD = ("several_kinds_count",)


def verdict(household: Household, law: Law) -> bool:
    return bool(entitled(household, law))


def entitled(household: Household, law: Law) -> list[Person]:
    return [person for person in household.together if person.shanghai and person.severe(law.several_kinds_count)]


def amount(household: Household, law: Law) -> Decimal | None:
    """Yuan a month for the one who gets most. None: earlier amounts are not read."""
    if law.day < NEW_DISABILITY_AMOUNTS:
        return None
    first = any(person.disability is not None and person.disability[1] == 1 for person in entitled(household, law))
    return Decimal(CARE_AMOUNTS[0 if first else 1])
