"""Questions people ask lead to articles of documents, once an office imports them."""

from __future__ import annotations

import pytest

from knowledge.asked_as import AskedAs, bare_title
from knowledge.catalogue_entries import CatalogueError
from knowledge.catalogue_files import bundled_content

LAW = {"document": "中华人民共和国社会救助法", "version": "2026-04-30", "articles": {"第四十五条": ["没批要给我书面理由吗"]}}


def test_questions_are_found_by_title_and_article_however_the_title_is_written() -> None:
    asked = AskedAs({"law.yaml": LAW})
    for title in ("中华人民共和国社会救助法", "社会救助法", "《社会救助法》"):
        assert asked.of(title, "第四十五条") == ("没批要给我书面理由吗",)


def test_a_paragraph_of_a_divided_article_has_the_questions_of_the_article() -> None:
    assert AskedAs({"law.yaml": LAW}).of("社会救助法", "第四十五条第二款") == ("没批要给我书面理由吗",)


def test_other_articles_and_documents_have_none() -> None:
    asked = AskedAs({"law.yaml": LAW})
    assert asked.of("社会救助法", "第四十六条") == ()
    assert asked.of("社会保险法", "第四十五条") == ()


def test_an_article_in_two_files_is_refused_with_its_name() -> None:
    with pytest.raises(CatalogueError, match="第四十五条"):
        AskedAs({"a.yaml": LAW, "b.yaml": LAW})


def test_an_article_without_questions_is_refused_with_an_example() -> None:
    with pytest.raises(CatalogueError, match="at least one question"):
        AskedAs({"law.yaml": {**LAW, "articles": {"第一条": []}}})


def test_a_field_nobody_knows_is_refused() -> None:
    with pytest.raises(CatalogueError, match="autor"):
        AskedAs({"law.yaml": {**LAW, "autor": "x"}})


def test_the_bare_title_is_what_people_say() -> None:
    assert bare_title("《中华人民共和国 社会救助法》") == "社会救助法"


# ---- the bundled questions ------------------------------------------------------------------------------------------------


def bundled_articles() -> dict[tuple[str, str], list[str]]:
    files = {name: data for name, data in bundled_content().items() if name.startswith("asked_as/")}
    return {(data["document"], article): asked for data in files.values() for article, asked in data["articles"].items()}


def test_hundreds_of_articles_know_three_different_ways_of_asking_each() -> None:
    articles = bundled_articles()
    assert len(articles) >= 450
    assert [article for article, asked in articles.items() if len(set(asked)) < 3] == []


def test_the_questions_of_one_article_are_not_those_of_another() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for article, asked in bundled_articles().items():
        for question in asked:
            assert seen.setdefault(question, article) == article, f"{question}: {article}"
