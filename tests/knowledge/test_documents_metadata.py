"""What a document is, from its head, its text, its file name and a manifest."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.documents.proposals import FIELDS, Proposal
from knowledge.documents.reading import ReadDocument, read_content
from knowledge.errors import UnreadableDocumentError
from knowledge.manifest import ManifestEntry
from knowledge.policy_documents import Kind, PolicyDocument, Rank

ARTICLES = "第一条 为了保障基本生活，制定本{what}。\n\n第二条 本{what}适用于救助工作。\n\n第三条 本{what}{start}。\n"


def read(name: str, text: str, entry: ManifestEntry | None = None) -> ReadDocument:
    return read_content(name, text.encode(), entry)


def document(name: str, text: str, entry: ManifestEntry | None = None) -> PolicyDocument:
    return read(name, text, entry).document


def law(title: str, head: str, what: str = "条例", start: str = "自2019年5月1日起施行") -> str:
    return f"# {title}\n\n{head}\n\n<!-- INFO END -->\n\n{ARTICLES.format(what=what, start=start)}"


ADOPTED = "2018年11月22日 上海市第十五届人民代表大会常务委员会第七次会议通过"
AMENDED = "2024年12月31日 上海市第十六届人民代表大会常务委员会第十八次会议《关于修改〈某条例〉的决定》修正）"


def test_a_regulation_of_the_city() -> None:
    found = document("上海市某条例(2018-11-22).md", law("上海市某条例", ADOPTED))
    assert (found.document_id, found.kind, found.rank) == ("上海市某条例(2018-11-22)", Kind.REGULATION, Rank.SHANGHAI_REGULATION)
    assert (found.region, found.issuer) == ("上海市", "上海市人民代表大会常务委员会")
    assert (found.issued_on, found.in_force_from) == (date(2018, 11, 22), date(2019, 5, 1))


def test_an_amended_version_applies_from_its_amendment() -> None:
    found = document("上海市某条例(2024-12-31).md", law("上海市某条例", f"{ADOPTED}\n\n{AMENDED}"))
    assert (found.document_id, found.in_force_from) == ("上海市某条例(2024-12-31)", date(2024, 12, 31))


def test_a_regulation_of_another_province_belongs_there() -> None:
    found = document(
        "浙江省某条例.md", law("浙江省某条例", "2020年9月24日 浙江省第十三届人民代表大会常务委员会第二十四次会议通过")
    )
    assert (found.region, found.rank) == ("浙江省", Rank.SHANGHAI_REGULATION)


def test_a_law_of_the_country() -> None:
    head = "2015年12月27日 第十二届全国人民代表大会常务委员会第十八次会议通过"
    found = document("反家庭暴力法.md", law("中华人民共和国反家庭暴力法", head, "法", "自2016年3月1日起施行"))
    assert (found.document_id, found.kind, found.rank, found.region) == (
        "中华人民共和国反家庭暴力法(2015-12-27)",
        Kind.LAW,
        Rank.LAW,
        "",
    )
    assert found.in_force_from == date(2016, 3, 1)


def test_a_regulation_of_the_state_council_applies_at_once_where_it_says_so() -> None:
    head = "1998年12月26日 国务院第11次常务会议通过\n\n1999年1月22日 中华人民共和国国务院令第258号发布"
    found = document("失业保险条例.md", law("失业保险条例", head, start="自发布之日起施行"))
    assert (found.kind, found.rank, found.number) == (Kind.REGULATION, Rank.ADMINISTRATIVE, "国务院令第258号")
    assert (found.document_id, found.in_force_from) == ("失业保险条例(1999-01-22)", date(1999, 1, 22))


def test_the_day_in_the_file_name_counts_when_the_head_knows_only_the_first_version() -> None:
    head = "2014年2月21日 中华人民共和国国务院令第649号公布"
    found = document("社会救助某办法(2019-03-02).md", law("社会救助某办法", head, "办法", "自2014年5月1日起施行"))
    assert (found.issued_on, found.in_force_from) == (date(2019, 3, 2), date(2019, 3, 2))


def test_front_matter_is_believed() -> None:
    text = (
        "---\ntitle: 中华人民共和国某法\npublish_date: 2026-04-30\nimplement_date: 2026-07-01\n"
        "issuing_authority: 全国人民代表大会常务委员会\n---\n# 中华人民共和国某法\n\n2026-04-30 公布\n2026-07-01 施行\n\n"
        "## 第一章　总则\n第一条 甲。\n第二条 乙。\n"
    )
    found = document("某法(2026).md", text)
    assert (found.document_id, found.in_force_from) == ("中华人民共和国某法(2026-04-30)", date(2026, 7, 1))


NOTICE = (
    "上海市某区民政局文件\n\n某民〔2024〕12号\n\n关于做好临时救助工作的通知\n\n各街道办事处：\n\n现就有关事项通知如下。\n\n"
    "一、救助对象\n\n本区户籍困难居民可以申请救助。\n\n二、附则\n\n本通知自2024年8月1日起施行，有效期至2029年7月31日。\n\n"
    "上海市某区民政局\n\n2024年7月23日\n"
)


def test_a_notice_is_known_by_its_number() -> None:
    found = document("通知.txt", NOTICE)
    assert (found.document_id, found.number, found.title) == (
        "某民〔2024〕12号",
        "某民〔2024〕12号",
        "关于做好临时救助工作的通知",
    )
    assert (found.kind, found.rank, found.region) == (Kind.NORMATIVE, Rank.DISTRICT, "上海市某区")
    assert (found.issued_on, found.in_force_from) == (date(2024, 7, 23), date(2024, 8, 1))


def test_a_notice_with_a_last_day_no_longer_applies_on_the_day_after() -> None:
    found = document("通知.txt", NOTICE)
    assert [found.in_force(day) for day in (date(2024, 7, 31), date(2024, 8, 1), date(2029, 7, 31), date(2029, 8, 1))] == [
        False,
        True,
        True,
        False,
    ]


def test_a_notice_for_a_number_of_years_ends_when_they_are_over() -> None:
    text = NOTICE.replace("有效期至2029年7月31日", "有效期5年")
    assert document("通知.txt", text).in_force_until == date(2029, 8, 1)


def test_numbers_in_other_brackets_are_the_same_number() -> None:
    assert document("通知.txt", NOTICE.replace("〔2024〕12号", "[2024] 12 号")).document_id == "某民〔2024〕12号"


def test_a_day_written_in_chinese_numerals_is_a_day() -> None:
    assert document("通知.txt", NOTICE.replace("2024年7月23日", "二〇二四年七月二十三日")).issued_on == date(2024, 7, 23)


def test_the_manifest_wins() -> None:
    entry = ManifestEntry(
        "x",
        title="别的标题",
        issuer="某单位",
        number="沪民规〔2024〕9号",
        issued_on=date(2024, 1, 1),
        region="上海市",
        kind=Kind.PLAN,
        in_force_from=date(2024, 2, 1),
        in_force_until=date(2025, 1, 1),
    )
    found = document("通知.txt", NOTICE, entry)
    assert (found.title, found.issuer, found.number, found.document_id) == (
        "别的标题",
        "某单位",
        "沪民规〔2024〕9号",
        "沪民规〔2024〕9号",
    )
    assert (found.region, found.kind, found.rank) == ("上海市", Kind.PLAN, Rank.INFORMATION)
    assert (found.issued_on, found.in_force_from, found.in_force_until) == (date(2024, 1, 1), date(2024, 2, 1), date(2025, 1, 1))


@pytest.mark.parametrize(
    ("title", "kind", "rank"),
    [
        ("2024年长宁民政工作要点", Kind.PLAN, Rank.INFORMATION),
        ("长宁区民政局重点工作落实情况", Kind.REPORT, Rank.INFORMATION),
        ("长宁区临时救助实施细则", Kind.NORMATIVE, Rank.DISTRICT),
        ("上海市临时救助实施意见（试行）", Kind.NORMATIVE, Rank.CITY),
        ("打造现代民政", Kind.NEWS, Rank.INFORMATION),
    ],
)
def test_the_title_tells_the_kind(title: str, kind: Kind, rank: Rank) -> None:
    found = document(f"{title}.txt", f"{title}\n\n一、甲\n\n做好各项救助工作，保障基本生活。\n")
    assert (found.title, found.kind, found.rank) == (title, kind, rank)


def test_a_text_of_unknown_kind_supports_no_entitlement_and_says_so() -> None:
    result = read("随笔.txt", "随笔\n\n今天走访了困难家庭，了解了他们的需求。\n")
    assert not result.document.states_entitlement
    assert any("看不出文种" in remark for remark in result.remarks)
    assert any("看不出适用地区" in remark for remark in result.remarks)


def test_a_document_without_any_day_goes_by_its_title() -> None:
    result = read("长宁区救助工作总结.txt", "长宁区救助工作总结\n\n一、做法\n\n开展走访慰问，了解困难。\n")
    assert result.document.document_id == "长宁区救助工作总结"
    assert any("日期" in remark for remark in result.remarks)


def test_a_period_in_the_file_name_is_no_day() -> None:
    found = document("长宁区民政局2023年1-3季度重点工作落实情况.txt", "一、做法\n\n开展走访慰问，了解困难。\n")
    assert found.issued_on is None


def test_the_day_of_a_saved_page_is_the_day_of_the_news() -> None:
    found = document(
        "动态.txt", "当前位置: 首页\n“四区”驱动,打造现代民政\n发布日期:2020-11-11 字体\n\n长宁区民政局坚持改革创新。\n"
    )
    assert (found.title, found.issued_on, found.kind) == ("“四区”驱动,打造现代民政", date(2020, 11, 11), Kind.NEWS)


def test_a_title_longer_than_any_title_is_refused() -> None:
    with pytest.raises(UnreadableDocumentError, match="最多 200 个字"):
        read("通知.txt", NOTICE, ManifestEntry(title="长" * 201))


# -- proposals -----------------------------------------------------------------------------------------------------------


def proposals(name: str, text: str, entry: ManifestEntry | None = None) -> dict[str, Proposal]:
    return {proposal.field: proposal for proposal in read(name, text, entry).proposals}


def test_every_field_is_proposed_with_the_place_it_was_read_at() -> None:
    found = proposals("通知.txt", NOTICE)
    assert tuple(found) == FIELDS
    assert (found["number"].value, found["number"].where) == ("某民〔2024〕12号", "文件头部“某民〔2024〕12号”")
    assert (found["in_force_from"].value, "自2024年8月1日起施行" in found["in_force_from"].where) == ("2024-08-01", True)
    assert found["issuer"].value == "上海市某区民政局"
    assert "落款" in found["issued_on"].where
    assert not any(proposal.is_doubtful for proposal in found.values() if proposal.value is not None)


def test_what_is_not_found_is_proposed_as_nothing() -> None:
    found = proposals("长宁区救助工作总结.txt", "长宁区救助工作总结\n\n一、做法\n\n开展走访慰问，了解困难。\n")
    assert {field for field, proposal in found.items() if proposal.value is None} >= {"number", "issued_on", "in_force_from"}
    assert (found["number"].confidence, found["number"].where) == (0.0, "没有找到")


def test_a_guess_is_doubtful_and_what_follows_from_it_too() -> None:
    found = proposals("随笔.txt", "随笔\n\n今天走访了困难家庭，了解了他们的需求。\n")
    assert (found["kind"].value, found["kind"].is_doubtful, found["rank"].is_doubtful) == ("news", True, True)


def test_a_manifest_is_sure() -> None:
    found = proposals("通知.txt", NOTICE, ManifestEntry("x", region="上海市", replaces=("旧通知",)))
    assert (found["region"].value, found["region"].confidence, found["region"].where) == ("上海市", 1.0, "文件清单或上传表单")
    assert (found["replaces"].value, found["replaces"].confidence) == ("旧通知", 1.0)


def test_a_text_that_ends_others_proposes_them() -> None:
    text = NOTICE.replace("有效期至2029年7月31日", "《旧办法》《关于某事的意见》同时废止")
    assert proposals("通知.txt", text)["replaces"].value == "旧办法、关于某事的意见"


def test_the_day_of_an_amendment_is_less_sure_than_a_day_the_text_names() -> None:
    amended = proposals("上海市某条例(2024-12-31).md", law("上海市某条例", f"{ADOPTED}\n\n{AMENDED}"))["in_force_from"]
    first = proposals("上海市某条例(2018-11-22).md", law("上海市某条例", ADOPTED))["in_force_from"]
    assert amended.confidence < first.confidence
    assert "按修正日期 2024-12-31 起算" in amended.where
