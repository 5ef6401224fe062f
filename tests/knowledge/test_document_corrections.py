"""What a person corrected survives re-imports, and is offered again when the document changed at that place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import CorrectionError, UnknownClauseError, UnknownDocumentError
from knowledge.policy_documents import Kind, Rank
from knowledge.releases import Outcome
from knowledge.storage import KnowledgeStore
from tests.knowledge.small_catalogue import AT, LATER, NOTICE

ID = "关于做好救助工作的通知"
FIRST = f"{ID}#一、"
IMPORTED = "本区户籍困难居民可以申请救助。"
WORDS = "本区户籍的困难居民，可以申请救助。"


async def upload(store: KnowledgeStore, text: str = NOTICE) -> Outcome:
    return (await store.import_upload("通知.txt", text.encode(), by="王编辑", at=AT)).outcome


async def first_text(store: KnowledgeStore) -> str:
    return (await store.clauses(ID, "draft"))[0].text


async def correct(store: KnowledgeStore, text: str = WORDS) -> None:
    await store.correct_clause(ID, FIRST, text, by="王编辑", at=AT)


async def test_a_corrected_clause_is_in_the_draft_and_the_release_waits(store: KnowledgeStore) -> None:
    await upload(store)
    await store.publish(note="x", by="李科长", at=AT)
    await correct(store)
    assert await first_text(store) == WORDS
    assert (await store.clauses(ID))[0].text.endswith(IMPORTED)
    change = (await store.draft()).changes[0].clauses[0]
    assert (change.article, change.words) == ("一、", "一、 改：增“的”；增“，”")


async def test_the_same_file_again_changes_nothing(store: KnowledgeStore, folder: Path) -> None:
    path = folder / "通知.txt"
    path.write_text(NOTICE, encoding="utf-8")
    await store.import_paths([path], manifest=None, by="王编辑", at=AT)
    await correct(store)
    report = await store.import_paths([path], manifest=None, by="王编辑", at=LATER)
    again = await store.import_paths([path], manifest=None, by="王编辑", at=LATER)
    assert [r.entries[0].outcome for r in (report, again)] == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert await first_text(store) == WORDS


async def test_a_change_elsewhere_in_the_document_keeps_the_correction(store: KnowledgeStore) -> None:
    await upload(store)
    await correct(store)
    await upload(store, NOTICE.replace("认真落实", "切实落实"))
    assert await first_text(store) == WORDS
    assert not (await store.corrections(ID))[0].is_open


async def test_a_change_of_the_clause_opens_the_correction_with_both_texts(store: KnowledgeStore) -> None:
    await upload(store)
    await correct(store)
    await upload(store, NOTICE.replace("困难居民", "居民"))
    found = (await store.corrections())[0]
    assert found.is_open
    assert (found.text, found.present) == (WORDS, await first_text(store))


@pytest.mark.parametrize(("keep", "text"), [(True, WORDS), (False, IMPORTED.replace("困难居民", "居民"))])
async def test_an_open_correction_is_kept_or_given_up(store: KnowledgeStore, keep: bool, text: str) -> None:
    changed = NOTICE.replace("困难居民", "居民")
    await upload(store)
    await correct(store)
    await upload(store, changed)
    await store.settle_correction(ID, FIRST, keep=keep, by="李科长", at=LATER)
    assert (await first_text(store)).endswith(text)
    assert not any(c.is_open for c in await store.corrections())
    # The decision holds for the next import of that file as well.
    assert await upload(store, changed) is Outcome.UNCHANGED


async def test_a_correction_of_a_clause_that_is_gone_can_only_be_given_up(store: KnowledgeStore) -> None:
    await upload(store, NOTICE + "\n三、附则\n\n由区民政局负责解释本通知。\n")
    third = f"{ID}#三、"
    await store.correct_clause(ID, third, "由区民政局解释。", by="王编辑", at=AT)
    await upload(store)
    assert [(c.present, c.is_open) for c in await store.corrections()] == [(None, True)]
    with pytest.raises(UnknownClauseError):
        await store.settle_correction(ID, third, keep=True, by="李科长", at=LATER)
    await store.settle_correction(ID, third, keep=False, by="李科长", at=LATER)
    assert await store.corrections() == ()


async def test_the_original_words_again_undo_the_correction(store: KnowledgeStore) -> None:
    await upload(store)
    original = await first_text(store)
    await correct(store)
    await correct(store, "第三种说法，一字不同。")
    await correct(store, original)
    assert await store.corrections() == ()
    assert await upload(store) is Outcome.UNCHANGED


async def test_throwing_the_draft_away_throws_its_corrections_away(store: KnowledgeStore) -> None:
    await upload(store)
    await store.publish(note="x", by="李科长", at=AT)
    await correct(store)
    await store.correct_document(ID, {"region": "上海市长宁区"}, by="王编辑", at=AT)
    await store.discard_draft()
    assert await store.corrections() == ()
    assert await upload(store) is Outcome.UNCHANGED


async def test_a_published_correction_outlives_a_discarded_draft(store: KnowledgeStore) -> None:
    await upload(store)
    await correct(store)
    await store.correct_document(ID, {"region": "上海市长宁区"}, by="王编辑", at=AT)
    await store.publish(note="x", by="李科长", at=AT)
    await upload(store, NOTICE.replace("困难居民", "居民"))
    await store.discard_draft()
    assert await upload(store) is Outcome.UNCHANGED
    assert await first_text(store) == WORDS


@pytest.mark.parametrize(
    ("document", "clause", "text", "error", "said"),
    [
        (ID, FIRST, "  ", CorrectionError, "不能为空"),
        (ID, f"{ID}#九、", "甲", UnknownClauseError, "草稿里没有条款“关于做好救助工作的通知#九、”"),
        ("没有", "没有#一、", "甲", UnknownDocumentError, "没有文件“没有”"),
    ],
)
async def test_a_correction_that_cannot_be_meant_is_refused(
    store: KnowledgeStore, document: str, clause: str, text: str, error: type[Exception], said: str
) -> None:
    await upload(store)
    with pytest.raises(error, match=said):
        await store.correct_clause(document, clause, text, by="王编辑", at=AT)


async def test_words_that_are_the_same_are_refused(store: KnowledgeStore) -> None:
    await upload(store)
    with pytest.raises(CorrectionError, match="没有变化"):
        await correct(store, await first_text(store))


# -- fields -----------------------------------------------------------------------------------------------------------


async def test_corrected_fields_survive_a_re_import_and_the_id_stays(store: KnowledgeStore, folder: Path) -> None:
    path = folder / "通知.txt"
    path.write_text(NOTICE, encoding="utf-8")
    await store.import_paths([path], manifest=None, by="王编辑", at=AT)
    typed = {"region": "上海市长宁区", "number": "某民〔2024〕1号", "in_force_from": "2024-08-01", "replaces": "《旧通知》"}
    await store.correct_document(ID, typed, by="王编辑", at=AT)
    report = await store.import_paths([path], manifest=None, by="王编辑", at=LATER)
    document = (await store.document_list("draft"))[0].document
    assert report.entries[0].outcome is Outcome.UNCHANGED
    assert (document.document_id, document.region, document.number) == (ID, "上海市长宁区", "某民〔2024〕1号")
    assert (document.in_force_from, document.replaces) == (date(2024, 8, 1), ("旧通知",))
    # The rank follows the region as long as nobody says otherwise.
    assert (document.kind, document.rank) == (Kind.NORMATIVE, Rank.DISTRICT)


async def test_who_corrected_a_field_is_shown_in_place_of_what_was_read(store: KnowledgeStore) -> None:
    await upload(store)
    before = {p.field: p for p in (await store.document_list("draft"))[0].proposals}
    await store.correct_document(ID, {"region": "上海市长宁区"}, by="王编辑", at=AT)
    after = {p.field: p for p in (await store.document_list("draft"))[0].proposals}
    assert (before["region"].value, before["region"].is_doubtful) == (None, True)
    assert (after["region"].value, after["region"].confidence) == ("上海市长宁区", 1.0)
    assert after["region"].where == "王编辑于 2026-11-21 改正"
    assert after["title"] == before["title"]


async def test_an_upload_form_is_newer_than_a_correction(store: KnowledgeStore) -> None:
    await upload(store)
    await store.correct_document(ID, {"region": "上海市长宁区", "issuer": "区民政局"}, by="王编辑", at=AT)
    await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=LATER, region="上海市")
    document = (await store.document_list("draft"))[0].document
    assert (document.region, document.issuer) == ("上海市", "区民政局")


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("in_force_from", "明年", "施行日期“明年”不是日期"),
        ("kind", "poem", "文种“poem”不对，应为 law"),
        ("title", " ", "标题不能为空"),
        ("colour", "red", "没有“colour”这个字段"),
    ],
)
async def test_a_field_that_cannot_be_meant_is_quoted(store: KnowledgeStore, field: str, given: str, said: str) -> None:
    await upload(store)
    with pytest.raises(CorrectionError, match=said):
        await store.correct_document(ID, {field: given}, by="王编辑", at=AT)
