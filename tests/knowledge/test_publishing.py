"""A second person looks before publishing; severe findings stop it; a document is withdrawn at once; releases are compared."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from knowledge.catalogue import Catalogue
from knowledge.differences import ChangeKind
from knowledge.errors import (
    EmptyDraftError,
    SevereFindingsError,
    UnapprovedDraftError,
    UnknownDocumentError,
    UnknownReleaseError,
)
from knowledge.findings import Severity
from knowledge.storage import KnowledgeStore
from tests.knowledge.small_catalogue import AT, LATER, NOTICE

ID = "关于做好救助工作的通知"
TODAY = date(2026, 11, 21)


async def upload(store: KnowledgeStore, text: str = NOTICE, by: str = "王编辑", **fields: date) -> None:
    await store.import_upload("通知.txt", text.encode(), by=by, at=AT, **fields)


# -- review -----------------------------------------------------------------------------------------------------------


async def test_the_last_changer_alone_cannot_publish(store: KnowledgeStore) -> None:
    await upload(store)
    with pytest.raises(UnapprovedDraftError, match="草稿最后是“王编辑”改的"):
        await store.publish(note="x", by="王编辑", at=AT)
    assert await store.current_number() == 1


async def test_a_second_person_approves_and_the_first_publishes(store: KnowledgeStore) -> None:
    await upload(store)
    assert ((await store.draft()).last_changed_by, (await store.draft()).approved_by) == ("王编辑", None)
    await store.approve(by="李科长", at=LATER)
    assert ((await store.draft()).approved_by, (await store.draft()).approved_at) == ("李科长", LATER)
    info = await store.publish(note="x", by="王编辑", at=LATER)
    assert (info.published_by, info.approved_by, info.override) == ("王编辑", "李科长", "")
    assert (await store.releases())[0] == info


async def test_whoever_publishes_what_another_changed_has_looked(store: KnowledgeStore) -> None:
    await upload(store)
    assert (await store.publish(note="x", by="李科长", at=AT)).approved_by == "李科长"


async def test_nobody_approves_their_own_change(store: KnowledgeStore) -> None:
    await upload(store)
    with pytest.raises(UnapprovedDraftError, match="要由另一个人复核"):
        await store.approve(by="王编辑", at=AT)


async def test_a_change_after_the_approval_takes_it_away(store: KnowledgeStore) -> None:
    await upload(store)
    await store.approve(by="李科长", at=AT)
    await upload(store, NOTICE.replace("困难居民", "居民"))
    assert (await store.draft()).approved_by is None
    with pytest.raises(UnapprovedDraftError):
        await store.publish(note="x", by="王编辑", at=AT)


async def test_the_approver_who_changes_it_later_is_the_last_changer(store: KnowledgeStore) -> None:
    await upload(store)
    await store.approve(by="李科长", at=AT)
    await store.import_upload("通知.txt", NOTICE.replace("困难", "").encode(), by="李科长", at=LATER)
    with pytest.raises(UnapprovedDraftError, match="李科长"):
        await store.publish(note="x", by="李科长", at=LATER)


async def test_an_empty_draft_needs_no_approval(store: KnowledgeStore) -> None:
    with pytest.raises(EmptyDraftError, match="不用复核"):
        await store.approve(by="李科长", at=AT)


@pytest.mark.parametrize("reason", ["override", "unreviewed"])
async def test_a_reason_stands_in_for_the_second_person_and_is_kept(store: KnowledgeStore, reason: str) -> None:
    await upload(store)
    info = await store.publish(note="x", by="王编辑", at=AT, **{reason: "今天只有一个人在"})
    assert (info.approved_by, info.override) == (None, "今天只有一个人在")
    assert (await store.releases())[0].override == "今天只有一个人在"


# -- severe findings --------------------------------------------------------------------------------------------------


async def test_a_severe_finding_stops_publishing_and_an_override_is_kept(store: KnowledgeStore) -> None:
    never = {"in_force_from": date(2025, 1, 1), "in_force_until": date(2024, 1, 1)}
    await upload(store, **never)
    assert [f.severity for f in await store.findings(on=TODAY)][:1] == [Severity.SEVERE]
    with pytest.raises(SevereFindingsError, match="1 处严重问题"):
        await store.publish(note="x", by="李科长", at=AT)
    with pytest.raises(SevereFindingsError):
        await store.publish(note="x", by="李科长", at=AT, unreviewed="一个人")
    info = await store.publish(note="x", by="李科长", at=AT, override="先发布，明天改日期")
    assert (info.number, info.override) == (2, "先发布，明天改日期")


# -- withdrawing ------------------------------------------------------------------------------------------------------


async def test_a_withdrawn_document_is_gone_at_once_and_old_releases_keep_it(store: KnowledgeStore) -> None:
    await upload(store)
    await store.publish(note="x", by="李科长", at=AT)
    info = await store.withdraw(ID, note="标准有误", by="李科长", at=LATER)
    assert (info.number, info.documents, info.withdraws, info.note) == (3, 0, ID, "标准有误")
    assert (await store.load()).imported == ()
    assert len((await store.load(2)).imported) == 2


async def test_withdrawing_leaves_the_draft_and_a_newer_version_waiting_there(store: KnowledgeStore) -> None:
    await upload(store)
    await store.publish(note="x", by="李科长", at=AT)
    await upload(store, NOTICE.replace("困难居民", "居民"))
    await store.import_upload("另一份.txt", NOTICE.replace("救助工作", "救灾工作").encode(), by="王编辑", at=AT)
    await store.withdraw(ID, note="", by="李科长", at=LATER)
    assert [d.document.title for d in await store.document_list("draft")] == [ID, ID.replace("救助", "救灾")]
    assert (await store.releases())[0].note == f"撤下“{ID}”"


async def test_what_is_not_published_cannot_be_withdrawn(store: KnowledgeStore) -> None:
    await upload(store)
    with pytest.raises(UnknownDocumentError, match=f"没有文件“{ID}”"):
        await store.withdraw(ID, note="x", by="李科长", at=AT)


# -- comparing --------------------------------------------------------------------------------------------------------


async def test_two_releases_differ_clause_by_clause(store: KnowledgeStore) -> None:
    text = "关于办理时限的通知\n\n一、时限\n\n应当自受理之日起20日内办结。\n\n二、要求\n\n认真落实各项要求。\n"
    await store.import_upload("关于办理时限的通知.txt", text.encode(), by="王编辑", at=AT)
    await store.publish(note="x", by="李科长", at=AT)
    changed = text.replace("20日", "15日") + "\n三、附则\n\n由区民政局负责解释。\n"
    await store.import_upload("关于办理时限的通知.txt", changed.encode(), by="王编辑", at=AT)
    await store.publish(note="x", by="李科长", at=AT)
    found = (await store.difference(2, 3)).documents[0]
    assert (found.clauses_added, found.clauses_changed, found.clauses_removed) == (1, 1, 0)
    assert [c.words for c in found.clauses] == ["一、 改：20日 → 15日", "三、 增：由区民政局负责解释。"]
    back = (await store.difference(3, 2)).documents[0]
    assert [c.words for c in back.clauses] == ["一、 改：15日 → 20日", "三、 删：由区民政局负责解释。"]


async def test_a_release_does_not_differ_from_itself_and_says_so_in_json(store: KnowledgeStore) -> None:
    difference = await store.difference(1, "draft")
    assert difference.is_empty
    assert json.loads(json.dumps(difference.as_dict())) == {
        "before": 1, "after": 0, "documents": [], "parameters": [], "programmes": [], "others": [],
    }


async def test_the_draft_can_be_compared_and_an_unknown_release_is_refused(store: KnowledgeStore) -> None:
    await upload(store)
    assert [c.kind for c in (await store.difference(None, "draft")).documents] == [ChangeKind.ADDED]
    with pytest.raises(UnknownReleaseError, match="没有第 9 版"):
        await store.difference(1, 9)


async def test_numbers_and_programmes_of_the_handbook_are_compared_by_name(engine: AsyncEngine) -> None:
    store = KnowledgeStore(async_sessionmaker(engine, expire_on_commit=False))
    bundled = Catalogue.bundled()
    await store.ensure_first_release(bundled, AT)
    content = json.loads(bundled.content())
    content["parameters/procedure.yaml"]["procedure.days"]["values"][0]["value"] = 15
    content["programmes/dibao.yaml"]["summary"] = content["programmes/dibao.yaml"]["summary"] + "详见街镇窗口。"
    content["wordings.yaml"]["goodbye"] = "再见，想找人回复“人工”。"
    await store.set_catalogue(json.dumps(content, ensure_ascii=False), by="王编辑", at=AT)
    difference = await store.difference(1, "draft")
    assert [(c.key, c.kind) for c in difference.parameters] == [("procedure.days", ChangeKind.CHANGED)]
    assert "20（" in difference.parameters[0].words[0]
    assert "→ 15（" in difference.parameters[0].words[0]
    assert [(c.key, c.words) for c in difference.programmes] == [("dibao", ("简介：增“详见街镇窗口。”",))]
    assert [c.key for c in difference.others] == ["wordings.yaml"]
    assert difference.others[0].words[0].startswith("goodbye：")
