"""Rule pages: a programme's rule as a tree with sources and numbers, empty in the studio, with one household's answers at the
desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from bot.situation import Range, Situation
from channels.wording import WORDING
from knowledge.catalogue import Catalogue
from knowledge.knowledge_base import KnowledgeBase
from tests.channels.house import House, house

WORDS = WORDING["rules"]
KNOWLEDGE = KnowledgeBase(release=1, digest="x", catalogue=Catalogue.bundled())


def told() -> Situation:
    """One person, 900 yuan a month, savings not told."""
    made = Situation().with_fact("household.size", Range.exactly(1))
    return made.with_fact("household.monthly_income_yuan", Range.exactly(90_000)).with_fact("self.hukou", "elsewhere")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async def situation_of(_conversation_id: str) -> Situation:
        return told()

    async with house(tmp_path, knowledge_in_use=lambda: KNOWLEDGE, situation_of=situation_of) as found:
        yield found


@pytest.fixture
async def editor(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("陈编辑") as found:
        yield found


@pytest.fixture
async def advisor(home: House) -> AsyncIterator[AsyncClient]:
    async with home.signed_in("李顾问") as found:
        yield found


async def test_every_programme_has_a_rule_page_that_says_what_only_people_judge(editor: AsyncClient):
    for programme in KNOWLEDGE.catalogue.programmes.values():
        page = await editor.get(f"/studio/rules?programme={programme.id}")
        assert page.status_code == 200
        assert programme.judged[0] in page.text
        assert (WORDS["no_rule"] in page.text) == (programme.conditions is None)


async def test_a_condition_shows_its_sentences_its_article_and_the_number_of_the_day(editor: AsyncClient):
    page = (await editor.get("/studio/rules?programme=dibao&day=2026-07-01")).text
    assert "低于 1690 元/人/月" in page
    assert "您家人均月收入低于低保标准。" in page
    assert "第十八条" in page
    assert "低于 1650 元/人/月" in (await editor.get("/studio/rules?programme=dibao&day=2026-06-30")).text


async def test_a_number_nobody_confirmed_is_not_shown(editor: AsyncClient):
    page = (await editor.get("/studio/rules?programme=dibao")).text
    assert f"不超过{WORDS['not_confirmed']}" in page


async def test_conditions_of_a_law_that_changed_are_those_of_the_day(editor: AsyncClient):
    before, after = [(await editor.get(f"/studio/rules?programme=linshi&day={day}")).text for day in ("2026-06-30", "2026-07-01")]
    assert "上海居住证" in before
    assert "上海居住证" not in after


async def test_a_programme_nobody_knows_and_a_day_that_is_none_are_said_so(editor: AsyncClient):
    page = await editor.get("/studio/rules?programme=nosuch")
    assert (page.status_code, "nosuch" in page.text) == (404, True)
    page = await editor.get("/studio/rules?programme=dibao&day=tomorrow")
    assert (page.status_code, "tomorrow" in page.text) == (422, True)


async def test_for_a_case_each_condition_is_marked_in_words_and_says_what_is_known(home: House, advisor: AsyncClient):
    case = home.queue.open("c1", "P2", "asked_for")
    page = (await advisor.get(f"/desk/rules/dibao?case={case}")).text
    for look in ("yes", "no", "open"):
        assert WORDS["marks"][look] in page
    assert "900元/人/月" in page
    assert WORDS["results"]["no"] in page
    assert f"/desk/cases/{case}" in page


async def test_an_advisor_may_not_open_the_studios_page_and_nobody_a_case_that_is_not_there(advisor: AsyncClient):
    assert (await advisor.get("/studio/rules")).status_code in (303, 403)
    assert (await advisor.get("/desk/rules/dibao?case=nosuch")).status_code == 404
