"""Temporary assistance (临时救助).

Source: 上海市社会救助条例 第十五条, 第三十六条第二款; 社会救助法 第二十九条, 第三十七条第二款.

Choices:
- Whether basic living is seriously hard for now is for a person to see; any told event, or an urgent need without a named
  event, stands for it. Both lists of events end with "等", so each kind counts, natural disaster too.
- Since the act whoever meets a sudden, urgent or disastrous hardship may ask where it happened: hukou and permit no longer
  matter, and a sudden rise of necessary spending is such a hardship for everybody.
- Before, the regulation: hukou or permit in the household, wherever it lives (Art. 15 does not say "在本市共同生活" as Art. 10
  does), and a rise of spending only for dibao households. Persons without the support of a family are left to a person, the
  homeless without hukou and permit to the rescue station (Art. 36), which is another programme here.
"""

from __future__ import annotations

from tests.oracle import dibao
from tests.oracle.household import Household
from tests.oracle.numbers import ACT_IN_FORCE, Law

UNREAD = ("dibao_assets",)


def verdict(household: Household, law: Law) -> bool:
    if law.day >= ACT_IN_FORCE:
        return bool(household.events) or urgent(household)
    if "spending" in household.events and dibao.status(household, law):
        return True
    sudden = household.events - {"spending"}
    if not (sudden or urgent(household)):
        return False
    return any(person.shanghai or person.residence_permit for person in household.together)


def urgent(household: Household) -> bool:
    return bool(household.facts["household"]["urgent_need"])
