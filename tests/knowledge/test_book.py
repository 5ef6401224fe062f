"""The handbook as a book: complete, in sentences that can be read, every statement and number with its source."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from statistics import median

import pytest

from knowledge.book import Book, BookSection, ConditionWords, Source, book_wording, source_label
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.parameters import Reference
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.programmes import Need

DAY = date(2026, 11, 21)
SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
LONGEST_MEDIAN = 40

REGULATION = PolicyDocument(
    document_id="上海市社会救助条例(2024-12-31)",
    title="上海市社会救助条例",
    kind=Kind.REGULATION,
    rank=Rank.SHANGHAI_REGULATION,
    region="上海市",
    in_force_from=date(2019, 5, 1),
)
ARTICLE = Clause(f"{REGULATION.document_id}#第十条", REGULATION, "第十条", "第十条的原文。")


@cache
def handbook() -> Catalogue:
    return Catalogue.bundled()


def book(*imported: Clause, on: date = DAY) -> Book:
    return Book(KnowledgeBase(1, "digest", handbook(), imported), on)


def leaves(words: ConditionWords) -> Iterator[ConditionWords]:
    if words.kind == "one":
        yield words
    for part in words.parts:
        yield from leaves(part)


# ---- complete --------------------------------------------------------------------------------------------------------------


def test_every_programme_stands_in_exactly_one_group() -> None:
    listed = [named.id for group in book().groups() for named in group.programmes]
    assert sorted(listed) == sorted(handbook().programmes)


def test_every_bundled_programme_was_given_a_group() -> None:
    assert book_wording().other_group not in [group.title for group in book().groups()]


def test_a_programme_nobody_grouped_comes_last() -> None:
    catalogue = Catalogue.bundled()
    catalogue.programmes = {**catalogue.programmes, "xin": replace(catalogue.programmes["dibao"], id="xin", name="新项目")}
    last = Book(KnowledgeBase(1, "digest", catalogue), DAY).groups()[-1]
    assert (last.title, [named.name for named in last.programmes]) == ("其他", ["新项目"])


@pytest.mark.parametrize("programme_id", sorted(handbook().programmes))
def test_a_page_has_all_that_the_programme_says(programme_id: str) -> None:
    page = book().programme(programme_id)
    assert page is not None
    programme = page.programme
    assert [section.anchor for section in page.sections] == [section.need.value for section in programme.sections]
    said = {line.text for section in page.sections for line in section.lines}
    for section in programme.sections:
        assert set(handbook().section_text(programme_id, section.need, DAY).splitlines()) <= said
    assert (page.conditions is None) == (programme.conditions is None)
    assert page.materials == programme.materials
    assert page.flow.steps


def test_a_programme_shows_from_its_first_day_on() -> None:
    first = handbook().programmes["dibao"].in_force_from
    assert book(on=first).programme("dibao") is not None
    assert book(on=first - timedelta(days=1)).programme("dibao") is None


def test_a_programme_that_is_not_there_has_no_page() -> None:
    assert book().programme("nix") is None


def test_unconfirmed_hotlines_are_not_in_the_book() -> None:
    numbers = {hotline.number for hotline in book().hotlines()}
    assert "12345" in numbers
    assert numbers.isdisjoint(h.number for h in handbook().hotlines.values() if not h.may_be_spoken)


def test_processes_and_resources_of_the_handbook_are_in_the_book() -> None:
    processes, resources = book().processes(), book().resources()
    assert [section.anchor for section in processes.sections] == list(handbook().processes.by_id)
    placed = [p.id for c in resources.categories for p, _ in c.projects] + [p.id for p, _ in resources.others]
    assert sorted(placed) == sorted(project.id for project in handbook().resources.projects)


def test_a_release_from_before_there_were_processes_and_resources_has_empty_pages() -> None:
    content = {k: v for k, v in json.loads(handbook().content()).items() if k not in ("processes.yaml", "resources.yaml")}
    old = Book(KnowledgeBase(1, "digest", Catalogue.from_content(json.dumps(content))), DAY)
    assert (old.processes().sections, old.resources().categories, old.resources().others) == ((), (), ())


# ---- sources ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("programme_id", sorted(handbook().programmes))
def test_every_line_and_condition_has_a_source_in_the_pages_list(programme_id: str) -> None:
    page = book().programme(programme_id)
    assert page is not None
    used: list[tuple[Source, ...]] = [line.sources for s in page.sections for line in s.lines]
    used += [line.sources for line in page.more_limits]
    used += [words.sources for words in (leaves(page.conditions) if page.conditions else ())]
    assert all(used), "a line without a source"
    assert {source for sources in used for source in sources} <= set(page.sources)
    assert [source.number for source in page.sources] == list(range(1, len(page.sources) + 1))


def test_a_source_leads_to_the_clause_once_somebody_imported_it() -> None:
    def found(book: Book) -> str | None:
        page = book.programme("dibao")
        assert page is not None
        return next(source.clause_id for source in page.sources if source.label == "《上海市社会救助条例》第十条")

    assert found(book()) is None
    assert found(book(ARTICLE)) == ARTICLE.clause_id


def test_a_source_does_not_lead_to_a_clause_before_its_first_day() -> None:
    later = replace(ARTICLE, document=replace(REGULATION, in_force_from=DAY + timedelta(days=1)))
    page = book(later).programme("dibao")
    assert page is not None
    assert all(source.clause_id is None for source in page.sources)


@pytest.mark.parametrize(
    ("reference", "label"),
    [
        (Reference("上海市社会救助条例", "第十条"), "《上海市社会救助条例》第十条"),
        (Reference("失业保险条例", "第十四条", "国务院令第258号"), "《失业保险条例》第十四条（国务院令第258号）"),
        (Reference("标准通知"), "《标准通知》"),
    ],
)
def test_a_source_is_named_by_title_article_and_number(reference: Reference, label: str) -> None:
    assert source_label(reference) == label


# ---- numbers ---------------------------------------------------------------------------------------------------------------


def test_a_page_lists_the_numbers_it_uses_with_day_and_source() -> None:
    page = book().programme("dibao")
    assert page is not None
    standard = next(figure for figure in page.figures if figure.value == "1690元／人／月")
    assert (standard.since, standard.confidence) == (date(2026, 7, 1), "公开报道，以最新公布为准")


def test_a_number_of_another_day_is_that_days_number() -> None:
    page = book(on=date(2026, 6, 30)).programme("dibao")
    assert page is not None
    assert all(figure.value != "1690元／人／月" for figure in page.figures)
    assert "1690" not in "".join(line.text for section in page.sections for line in section.lines)


def test_a_number_nobody_confirmed_is_named_but_not_said() -> None:
    page = book().programme("dibao")
    assert page is not None
    limit = handbook().parameters["dibao.asset_limit"]
    assert limit.description in page.unsure
    assert limit.description not in [figure.description for figure in page.figures]


def test_every_unit_and_confidence_of_the_handbook_has_a_word() -> None:
    wording = book_wording()
    parameters = handbook().parameters.values()
    assert {parameter.unit for parameter in parameters} <= set(wording.units)
    said = {value.confidence.value for parameter in parameters for value in parameter.history} - {"unverified"}
    assert said <= set(wording.confidence)


# ---- conditions in words ---------------------------------------------------------------------------------------------------


def test_conditions_keep_their_all_any_and_not() -> None:
    page = book().programme("changhuxian")
    assert page is not None
    assert page.conditions is not None
    assert page.conditions.kind == "all"
    assert {part.kind for part in page.conditions.parts} == {"any"}


def test_a_condition_does_not_speak_as_if_somebody_had_told_something() -> None:
    said = [words.text for p in handbook().programmes for words in _conditions(p)]
    assert said
    assert not any(text.startswith(words) for text in said for words in book_wording().answering)


def _conditions(programme_id: str) -> Iterator[ConditionWords]:
    page = book().programme(programme_id)
    if page is not None and page.conditions is not None:
        yield from leaves(page.conditions)


# ---- readable --------------------------------------------------------------------------------------------------------------


def sentences_of(sections: tuple[BookSection, ...]) -> list[str]:
    text = "\n".join(line.text for section in sections for line in section.lines)
    return [match.group().strip() for match in SENTENCE.finditer(text) if match.group().strip()]


@pytest.mark.parametrize("programme_id", [*sorted(handbook().programmes), "processes"])
def test_sentences_are_at_most_40_characters_in_the_median(programme_id: str) -> None:
    if programme_id == "processes":
        sentences = sentences_of(book().processes().sections)
    else:
        page = book().programme(programme_id)
        assert page is not None
        sentences = sentences_of((*page.sections, BookSection("more", "", page.more_limits)))
    assert median(map(len, sentences)) <= LONGEST_MEDIAN


def test_summaries_fit_on_two_lines_of_a_phone() -> None:
    long = {p.id: len(p.summary) for p in handbook().programmes.values() if len(p.summary) > 48}
    assert long == {}


def test_every_section_says_something() -> None:
    empty = [(p, s.anchor) for p in handbook().programmes if (page := book().programme(p)) for s in page.sections if not s.lines]
    assert empty == []
    assert all(handbook().programmes[p].section(Need.OVERVIEW) for p in handbook().programmes)
