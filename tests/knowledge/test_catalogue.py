"""The catalogue: loads as a whole or says what is wrong, fills sentences for a day, finds names, survives a round trip."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from knowledge.catalogue import Catalogue, CatalogueError
from knowledge.catalogue_files import read_yaml
from knowledge.parameters import Confidence, Reference, UnknownValueError
from knowledge.places import as_people_write
from knowledge.policy_documents import Kind, Rank
from knowledge.programmes import Line, Need, Operator, conditions_of

TODAY = date(2026, 11, 21)
NEW_STANDARD = date(2026, 7, 1)


@cache
def bundled() -> Catalogue:
    return Catalogue.bundled()


def with_change(change: Callable[[dict[str, Any]], None]) -> Catalogue:
    """The bundled handbook with one thing in it changed."""
    content = copy.deepcopy(json.loads(bundled().content()))
    change(content)
    return Catalogue.from_content(json.dumps(content))


def complaint(change: Callable[[dict[str, Any]], None]) -> str:
    with pytest.raises(CatalogueError) as error:
        with_change(change)
    return str(error.value)


# ---- content ---------------------------------------------------------------------------------------------------------


def test_content_survives_a_round_trip_letter_for_letter() -> None:
    again = Catalogue.from_content(bundled().content())
    assert again.content() == bundled().content()
    assert again.clauses(TODAY) == bundled().clauses(TODAY)
    assert again.programmes == bundled().programmes


def test_content_of_two_loadings_is_equal_and_canonical() -> None:
    text = Catalogue.bundled().content()
    assert text == bundled().content()
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_decimal_numbers_survive_as_they_were_written() -> None:
    multiple = Catalogue.from_content(bundled().content()).parameter_on("tekun.standard_multiple", TODAY)
    assert multiple.value == Decimal("1.3")


def test_content_that_is_not_json_is_refused_with_what_is_wanted() -> None:
    with pytest.raises(CatalogueError, match=r"not JSON.*Catalogue\.content"):
        Catalogue.from_content("{")
    with pytest.raises(CatalogueError, match="wanted an object of files"):
        Catalogue.from_content("[]")


# ---- numbers and sentences on a day -------------------------------------------------------------------------------------


def test_a_new_standard_applies_from_its_first_day() -> None:
    days = (NEW_STANDARD - timedelta(days=1), NEW_STANDARD)
    assert [bundled().parameter_on("dibao.standard", day).value for day in days] == [Decimal(1650), Decimal(1690)]


def test_a_line_says_the_number_and_the_day_it_holds_from() -> None:
    line = Line("每人每月{dibao.standard}元（{dibao.standard|since}起）")
    assert bundled().line(line, TODAY) == "每人每月1690元（2026年7月1日起）"
    assert bundled().line(line, date(2025, 8, 1)) == "每人每月1650元（2025年7月1日起）"


def test_an_unverified_number_is_never_spoken() -> None:
    assert bundled().parameter_on("dibao.asset_limit", TODAY).confidence is Confidence.UNVERIFIED
    text = "不超过{dibao.asset_limit}元"
    assert bundled().line(Line(text, otherwise="请向街镇问清"), TODAY) == "请向街镇问清"
    assert bundled().line(Line(text), TODAY) is None
    with pytest.raises(UnknownValueError, match=r"dibao\.asset_limit"):
        bundled().said(text, TODAY)


def test_a_number_whose_history_starts_later_is_replaced_like_an_unverified_one() -> None:
    line = Line("{procedure.days}个工作日", otherwise="请问街镇")
    assert bundled().line(line, date(2024, 7, 22)) == "请问街镇"
    assert bundled().line(line, date(2024, 7, 23)) == "20个工作日"


def test_a_line_is_left_out_when_its_replacement_may_not_be_spoken_either() -> None:
    assert bundled().line(Line("{dibao.asset_limit}", otherwise="{dibao.asset_limit|since}"), TODAY) is None


@pytest.mark.parametrize(("number", "written"), [
    ("1690", "1690"), ("1.50", "1.5"), ("2.0", "2"), ("1E+3", "1000"), ("0.70", "0.7"),
])
def test_numbers_are_written_as_people_write_them(number: str, written: str) -> None:
    assert as_people_write(Decimal(number)) == written


def test_an_unknown_parameter_is_named_with_an_example() -> None:
    with pytest.raises(CatalogueError, match=r"'dibao\.standart'.*'dibao\.standard'"):
        bundled().parameter_on("dibao.standart", TODAY)


def test_a_wording_gets_its_places_and_hotlines() -> None:
    text = bundled().wording("refused_other_region", region="杭州市")
    assert "杭州市" in text
    assert "12345" in text
    assert "{" not in text


def test_a_wording_says_which_place_was_not_given_and_which_key_does_not_exist() -> None:
    with pytest.raises(CatalogueError, match=r"\{region\}"):
        bundled().wording("refused_other_region")
    with pytest.raises(CatalogueError, match="'gretting'"):
        bundled().wording("gretting")


# ---- clauses ------------------------------------------------------------------------------------------------------------


def test_every_section_is_a_clause_of_a_handbook_document() -> None:
    clause = bundled().clause("一本通:dibao#materials", TODAY)
    assert clause is not None
    assert (clause.article, clause.heading_path) == ("带什么材料", ("最低生活保障",))
    document = clause.document
    assert (document.document_id, document.title) == ("一本通:dibao", "社会救助一本通·最低生活保障")
    assert (document.kind, document.rank) == (Kind.HANDBOOK, Rank.HANDBOOK)
    assert (document.region, document.source) == ("上海市长宁区", "bundled")
    assert document.in_force(TODAY)


def test_a_clause_reads_as_its_section_on_the_same_day() -> None:
    clause = bundled().clause("一本通:dibao#how_much", date(2025, 8, 1))
    assert clause is not None
    assert clause.text == bundled().section_text("dibao", Need.HOW_MUCH, date(2025, 8, 1))
    assert "1650元" in clause.text
    assert "1690" not in clause.text


def test_clause_ids_are_unique_and_questions_and_sources_belong_to_them() -> None:
    ids = [clause.clause_id for clause in bundled().clauses(TODAY)]
    assert len(ids) == len(set(ids))
    assert all(bundled().basis(clause_id) for clause_id in ids)
    assert bundled().asked_as("上海市社会救助条例(2024-12-31)#第十条") == ()
    assert bundled().basis("上海市社会救助条例(2024-12-31)#第十条") == ()
    assert bundled().clause("一本通:dibao#nothing", TODAY) is None


def test_a_section_that_a_programme_does_not_have_is_empty() -> None:
    def without_refused(content: dict[str, Any]) -> None:
        sections = content["programmes/falv.yaml"]["sections"]
        sections[:] = [section for section in sections if section["need"] != "refused"]

    assert with_change(without_refused).section_text("falv", Need.REFUSED, TODAY) == ""


# ---- names in what people say -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "programmes"), [
    ("低保边缘家庭要什么条件", ("dibao_bianyuan",)),
    ("我是低宝户，想问五保", ("dibao", "tekun")),
    ("最低生活保障边缘家庭", ("dibao_bianyuan",)),
    ("长胡险哪能办", ("changhuxian",)),
    ("天气真好", ()),
    ("低 保", ("dibao",)),
])
def test_programmes_are_found_by_the_longest_name(text: str, programmes: tuple[str, ...]) -> None:
    assert bundled().programme_for(text) == programmes


@pytest.mark.parametrize(("text", "subdistrict"), [
    ("我户口在江苏路", "江苏路街道"), ("住仙霞那边", "仙霞新村街道"), ("新泾镇的", "新泾镇"),
    ("北新泾的", "北新泾街道"), ("江苏人", None),
])
def test_subdistricts_are_found_by_how_people_call_them(text: str, subdistrict: str | None) -> None:
    assert bundled().subdistrict_named(text) == subdistrict


@pytest.mark.parametrize(("text", "region", "kind"), [
    ("杭州的低保怎么办", "杭州市", "city"),
    ("江苏户口能办吗", "江苏省", "province"),
    ("昆山那边", "昆山市", "county"),
    ("住在徐汇", "徐汇区", "shanghai_district"),
])
def test_places_elsewhere_are_found(text: str, region: str, kind: str) -> None:
    found = bundled().region_named(text)
    assert found is not None
    assert (found.name, found.kind) == (region, kind)


@pytest.mark.parametrize("text", ["江苏路街道的低保", "北京西路那家受理中心", "华阳路", "就在长宁"])
def test_our_own_streets_are_no_places_elsewhere(text: str) -> None:
    assert bundled().region_named(text) is None


# ---- programmes as data ---------------------------------------------------------------------------------------------------


def test_amounts_in_conditions_are_parameters_never_constants() -> None:
    for programme in bundled().programmes.values():
        for condition in conditions_of(programme.conditions) if programme.conditions else ():
            if condition.operator in (Operator.IS, Operator.IN):
                assert condition.threshold.parameter is None
            else:
                assert condition.threshold.parameter is not None, condition.id


def test_dibao_compares_income_a_head_with_the_standard() -> None:
    conditions = bundled().programmes["dibao"].conditions
    assert conditions is not None
    income = next(c for c in conditions_of(conditions) if c.id == "income")
    assert (income.fact, income.operator) == ("household.income_per_head_yuan", Operator.BELOW)
    assert income.threshold.parameter == "dibao.standard"
    assert income.basis == Reference("中华人民共和国社会救助法", "第十八条")


def test_programmes_come_in_the_order_of_the_handbook() -> None:
    assert list(bundled().programmes)[:4] == ["dibao", "tekun", "dibao_bianyuan", "gangxing"]


# ---- mistakes in files ------------------------------------------------------------------------------------------------------


def dibao(content: dict[str, Any]) -> dict[str, Any]:
    programme = content["programmes/dibao.yaml"]
    assert isinstance(programme, dict)
    return programme


def add_line(content: dict[str, Any], line: str | dict[str, Any]) -> None:
    dibao(content)["sections"][0]["lines"].append(line)


def test_an_unknown_field_is_named_with_its_file_and_the_known_ones() -> None:
    said = complaint(lambda c: dibao(c).update(sumary="x"))
    assert "programmes/dibao.yaml" in said
    assert "'sumary'" in said
    assert "summary" in said


def test_a_missing_text_quotes_what_stands_there_and_gives_an_example() -> None:
    said = complaint(lambda c: dibao(c).update(name=7))
    assert "field 'name': 7" in said
    assert "e.g. name: '最低生活保障'" in said


def test_a_line_without_a_source_is_refused() -> None:
    said = complaint(lambda c: add_line(c, "随便说说。"))
    assert "随便说说" in said
    assert "has no source" in said


def test_a_source_that_names_no_known_document_is_refused() -> None:
    said = complaint(lambda c: add_line(c, {"text": "说说", "basis": ["某法 第一条"]}))
    assert "'某法 第一条'" in said
    assert "条例 第十条" in said


def test_a_parameter_nobody_defined_is_refused() -> None:
    said = complaint(lambda c: add_line(c, {"text": "{dibao.standart}元", "basis": ["法 第十八条"]}))
    assert "no parameter 'dibao.standart'" in said


def test_a_place_of_an_unknown_form_is_refused() -> None:
    said = complaint(lambda c: add_line(c, {"text": "{dibao.standard|from}元", "basis": ["法 第十八条"]}))
    assert "{dibao.standard|since}" in said


def test_an_unverified_hotline_in_a_sentence_is_refused() -> None:
    said = complaint(lambda c: c["wordings.yaml"].update(greeting="打{hotline.962200}"))
    assert "962200" in said
    assert "must not be spoken" in said


def test_a_condition_on_an_unknown_fact_or_programme_is_refused() -> None:
    def unknown_fact(content: dict[str, Any]) -> None:
        dibao(content)["conditions"]["all"][1]["fact"] = "household.sise"

    def unknown_programme(content: dict[str, Any]) -> None:
        dibao(content)["conditions"]["all"][1]["fact"] = "programme.dibaa"

    assert "no fact 'household.sise'" in complaint(unknown_fact)
    assert "no programme 'dibaa'" in complaint(unknown_programme)


def test_an_amount_written_into_a_condition_is_refused() -> None:
    def constant(content: dict[str, Any]) -> None:
        dibao(content)["conditions"]["all"][1]["below"] = 1690

    said = complaint(constant)
    assert "'income'" in said
    assert "1690" in said
    assert "below: {parameter: dibao.standard}" in said


def test_two_comparisons_in_one_condition_are_refused() -> None:
    said = complaint(lambda c: dibao(c)["conditions"]["all"][1].update(at_least={"parameter": "dibao.standard"}))
    assert "2 comparisons" in said


def test_a_parameter_history_out_of_order_is_refused() -> None:
    said = complaint(lambda c: c["parameters/dibao.yaml"]["dibao.standard"]["values"].reverse())
    assert "newest day to the oldest" in said


def test_a_value_without_source_or_with_an_unknown_confidence_is_refused() -> None:
    def first(content: dict[str, Any]) -> dict[str, Any]:
        value = content["parameters/dibao.yaml"]["dibao.standard"]["values"][0]
        assert isinstance(value, dict)
        return value

    assert "no reference" in complaint(lambda c: first(c).update(reference=None))
    assert "official, reported, recalled, unverified" in complaint(lambda c: first(c).update(confidence="sure"))
    assert "'元'" in complaint(lambda c: first(c).update(value="元"))


def test_a_range_that_runs_backwards_is_refused() -> None:
    said = complaint(lambda c: c["parameters/dibao.yaml"]["dibao.asset_limit"]["values"][0].update(low=200000))
    assert "200000 is above high 100000" in said


def test_a_word_given_twice_in_the_lexicon_is_refused() -> None:
    said = complaint(lambda c: c["lexicon.yaml"].append(c["lexicon.yaml"][0]))
    assert "stands there twice" in said


def test_a_programme_missing_from_the_order_is_refused() -> None:
    said = complaint(lambda c: c["handbook.yaml"]["programme_order"].remove("dibao"))
    assert "dibao" in said


def test_a_missing_file_is_named() -> None:
    said = complaint(lambda c: c.pop("facts.yaml"))
    assert "facts.yaml" in said


def test_a_fact_is_either_asked_or_computed() -> None:
    said = complaint(lambda c: c["facts.yaml"]["household.size"].update(question=None))
    assert "asked" in said
    assert "derived_from" in said


def test_yaml_that_cannot_be_read_or_repeats_a_key_names_the_file() -> None:
    with pytest.raises(CatalogueError, match=r"facts\.yaml is not readable"):
        read_yaml("facts.yaml", "a: [")
    with pytest.raises(CatalogueError, match=r"facts\.yaml.*line 2.*'a' stands here twice"):
        read_yaml("facts.yaml", "a: 1\na: 2\n")


def test_yes_and_no_are_words_in_handbook_files() -> None:
    assert read_yaml("x.yaml", "yes: 好\nno: 不\nflag: true\n") == {"yes": "好", "no": "不", "flag": True}


def test_an_older_release_speaks_a_newer_wording_in_the_bundled_words() -> None:
    content = json.loads(Catalogue.bundled().content())
    del content["wordings.yaml"]["busy"]
    content["wordings.yaml"]["greeting"] = "您好，这里是老版本。回复“人工”找顾问。"
    older = Catalogue.from_content(json.dumps(content, ensure_ascii=False))
    assert older.wording("busy") == Catalogue.bundled().wording("busy")
    assert older.wording("greeting").startswith("您好，这里是老版本")
