"""Documents go into a draft, the draft becomes a numbered release that never changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from knowledge.conflicts import conflicts_of
from knowledge.differences import ChangeKind
from knowledge.documents.reading import read_content
from knowledge.drafts import put_in_draft
from knowledge.errors import EmptyDraftError, KnowledgeError, UnknownDocumentError, UnknownReleaseError
from knowledge.findings import Severity
from knowledge.knowledge_base import KnowledgeBase
from knowledge.manifest import load_manifest, parse_manifest
from knowledge.parameters import Reference
from knowledge.policy_documents import Kind, Rank
from knowledge.releases import ImportEntry, Outcome
from knowledge.storage import KnowledgeStore
from knowledge.tables import ClauseRow, DocumentVersionRow
from tests.knowledge.paper import pdf
from tests.knowledge.real_documents import CORPUS, needs_shared
from tests.knowledge.small_catalogue import AT, LATER, NOTICE, catalogue, store_of

LAW_2018 = (
    "# 上海市某条例\n\n2018年11月22日 上海市第十五届人民代表大会常务委员会通过\n\n<!-- INFO END -->\n\n"
    "第一条 甲。\n\n第二条 本条例自2019年5月1日起施行。\n"
)
LAW_2024 = LAW_2018.replace("<!--", "2024年12月31日 上海市第十六届人民代表大会常务委员会修正\n\n<!--").replace("甲。", "乙。")


async def imported(store: KnowledgeStore, *paths: Path) -> dict[str, ImportEntry]:
    report = await store.import_paths(paths, manifest=None, by="王编辑", at=AT)
    return {Path(entry.path).name: entry for entry in report.entries}


async def published(store: KnowledgeStore, name: str, text: str) -> ImportEntry:
    entry = await store.import_upload(name, text.encode(), by="王编辑", at=AT)
    await store.publish(note="更新", by="李科长", at=AT)
    return entry


# -- the first release -----------------------------------------------------------------------------------------------------------


async def test_an_empty_database_has_no_release(engine: AsyncEngine) -> None:
    store = store_of(engine)
    assert await store.current_number() == 0
    with pytest.raises(UnknownReleaseError, match="还没有发布过"):
        await store.load()
    with pytest.raises(KnowledgeError):
        await store.publish(note="", by="李科长", at=AT)


async def test_the_handbook_becomes_release_1_once(store: KnowledgeStore) -> None:
    await store.ensure_first_release(catalogue("另一本。"), LATER)
    assert [(r.number, r.published_at, r.documents) for r in await store.releases()] == [(1, AT, 0)]


async def test_workers_that_start_together_make_one_first_release(engine: AsyncEngine) -> None:
    await asyncio.gather(*(store_of(engine).ensure_first_release(catalogue(), AT) for _ in range(4)))
    assert [r.number for r in await store_of(engine).releases()] == [1]


async def test_the_handbook_speaks_on_the_shanghai_day_of_the_release(store: KnowledgeStore) -> None:
    loaded = await store.load()
    assert [clause.text for clause in loaded.clauses] == ["可以申请低保。（2026-11-21）"]


# -- importing -------------------------------------------------------------------------------------------------------------------


async def test_importing_is_told_file_by_file_and_again_is_unchanged(store: KnowledgeStore, folder: Path) -> None:
    (folder / "通知.txt").write_text(NOTICE, encoding="utf-8")
    (folder / "上海市某条例.md").write_text(LAW_2018, encoding="utf-8")
    first, second = await imported(store, folder), await imported(store, folder)
    assert {name: e.outcome for name, e in first.items()} == {"通知.txt": Outcome.CREATED, "上海市某条例.md": Outcome.CREATED}
    assert (first["通知.txt"].document_id, first["通知.txt"].clauses) == ("关于做好救助工作的通知", 2)
    assert {e.outcome for e in second.values()} == {Outcome.UNCHANGED}


async def test_a_changed_file_is_updated_and_the_same_again_undoes_it(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    changed = await store.import_upload("通知.txt", NOTICE.replace("困难居民", "居民").encode(), by="王编辑", at=AT)
    back = await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    assert (changed.outcome, back.outcome) == (Outcome.UPDATED, Outcome.UPDATED)
    assert (await store.draft()).is_empty


async def test_the_same_text_under_another_name_is_unchanged(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    assert (await store.import_upload("改名.txt", NOTICE.encode(), by="王编辑", at=AT)).outcome is Outcome.UNCHANGED


async def test_files_that_fail_stop_no_other_and_leave_nothing(store: KnowledgeStore, engine: AsyncEngine, folder: Path) -> None:
    (folder / "a.exe.txt").write_bytes(b"MZ\x90" + bytes(100))
    (folder / "b.txt").write_bytes(b"")
    (folder / "c.docx").write_bytes(b"PK\x03\x04")
    (folder / "d.pdf").write_bytes(pdf([(62, 700, "各街镇要落实属地责任。")])[:200])
    (folder / "z.txt").write_text(NOTICE, encoding="utf-8")
    report = await store.import_paths([folder, folder / "没有"], manifest=None, by="王编辑", at=AT)
    assert [(Path(e.path).name, e.outcome) for e in report.entries] == [
        ("a.exe.txt", Outcome.FAILED),
        ("b.txt", Outcome.FAILED),
        ("c.docx", Outcome.FAILED),
        ("d.pdf", Outcome.FAILED),
        ("z.txt", Outcome.CREATED),
        ("没有", Outcome.FAILED),
    ]
    assert all(e.reason and e.document_id is None for e in report.entries if e.outcome is Outcome.FAILED)
    assert report.as_dict()["failed"] == 5
    async with async_sessionmaker(engine)() as session:
        assert await session.scalar(select(func.count()).select_from(DocumentVersionRow)) == 1


async def test_a_failure_while_writing_leaves_no_half_document(store: KnowledgeStore, engine: AsyncEngine) -> None:
    def power_cut(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO clause"):
            raise OSError("power cut")

    event.listen(engine.sync_engine, "before_cursor_execute", power_cut)
    with pytest.raises(OSError, match="power cut"):
        await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    event.remove(engine.sync_engine, "before_cursor_execute", power_cut)
    async with async_sessionmaker(engine)() as session:
        counts = [await session.scalar(select(func.count()).select_from(row)) for row in (DocumentVersionRow, ClauseRow)]
    assert counts == [0, 0]
    assert (await store.draft()).is_empty


async def test_hidden_files_and_manifests_are_no_documents(store: KnowledgeStore, folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"\x00")
    (folder / "manifest.yaml").write_text("- {path: 通知.txt}", encoding="utf-8")
    (folder / "通知.txt").write_text(NOTICE, encoding="utf-8")
    assert list(await imported(store, folder)) == ["通知.txt"]


async def test_an_empty_folder_is_told(store: KnowledgeStore, folder: Path) -> None:
    assert "没有可导入的文件" in str((await imported(store, folder))["政策"].reason)


async def test_two_files_that_are_one_document_but_differ_are_told(store: KnowledgeStore, folder: Path) -> None:
    (folder / "a.txt").write_text(NOTICE, encoding="utf-8")
    (folder / "b.txt").write_text(NOTICE.replace("困难居民", "居民"), encoding="utf-8")
    (folder / "c.txt").write_text(NOTICE, encoding="utf-8")
    found = await imported(store, folder)
    assert [found[name].outcome for name in ("a.txt", "b.txt", "c.txt")] == [Outcome.CREATED, Outcome.FAILED, Outcome.UNCHANGED]
    assert "“a.txt”" in str(found["b.txt"].reason)
    assert any("“a.txt”内容相同" in remark for remark in found["c.txt"].remarks)


async def test_the_manifest_names_what_files_do_not_say_and_a_misspelt_path_is_told(store: KnowledgeStore, folder: Path) -> None:
    (folder / "通知.txt").write_text(NOTICE, encoding="utf-8")
    text = "- {path: 通知.txt, number: 某民〔2024〕1号, region: 上海市长宁区, kind: normative}\n- {path: 通之.txt}\n"
    manifest = parse_manifest(text, folder / "清单.yaml")
    told: list[tuple[str, int, int]] = []
    report = await store.import_paths(
        [folder],
        manifest=manifest,
        by="王编辑",
        at=AT,
        progress=lambda entry, done, total: told.append((entry.outcome.value, done, total)),
    )
    assert [entry.document_id for entry in report.entries] == ["某民〔2024〕1号"]
    assert report.remarks == ("文件清单里的“通之.txt”没有在导入的文件夹中找到。",)
    assert told == [("created", 1, 1)]


async def test_an_upload_takes_what_the_form_says(store: KnowledgeStore) -> None:
    entry = await store.import_upload(
        "通知.txt",
        NOTICE.encode(),
        by="王编辑",
        at=AT,
        title="新标题",
        kind=Kind.NORMATIVE,
        region="上海市长宁区",
        number="某民〔2024〕1号",
        issued_on=date(2024, 7, 23),
    )
    document = (await store.document_list("draft"))[0].document
    assert (entry.outcome, document.document_id, document.title, document.rank) == (
        Outcome.CREATED,
        "某民〔2024〕1号",
        "新标题",
        Rank.DISTRICT,
    )


async def test_an_upload_that_cannot_be_read_says_why(store: KnowledgeStore) -> None:
    entry = await store.import_upload("通知.docx", b"PK\x03\x04", by="王编辑", at=AT)
    assert (entry.outcome, "“通知.docx”" in str(entry.reason)) == (Outcome.FAILED, True)


async def test_an_upload_over_the_limit_is_refused(engine: AsyncEngine) -> None:
    entry = await store_of(engine, max_bytes=10).import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    assert "超过上限" in str(entry.reason)


async def test_a_file_that_was_read_before_is_not_read_again(
    store: KnowledgeStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "通知.txt"
    path.write_text(NOTICE, encoding="utf-8")
    first = (await imported(store, path))["通知.txt"]

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("knowledge.file_import.read_document", refuse)
    again = (await imported(store, path))["通知.txt"]
    assert again == replace(first, outcome=Outcome.UNCHANGED)


@pytest.mark.parametrize("what", ["bytes", "manifest", "draft"])
async def test_a_file_is_read_again_when_anything_about_it_changed(store: KnowledgeStore, folder: Path, what: str) -> None:
    path = folder / "通知.txt"
    path.write_text(NOTICE, encoding="utf-8")
    await imported(store, path)
    manifest = None
    if what == "bytes":
        path.write_text(NOTICE.replace("困难居民", "居民"), encoding="utf-8")
    elif what == "manifest":
        manifest = parse_manifest("- {path: 通知.txt, region: 上海市}", folder / "清单.yaml")
    else:
        await store.remove("关于做好救助工作的通知", by="王编辑", at=AT)
    report = await store.import_paths([path], manifest=manifest, by="王编辑", at=AT)
    assert report.entries[0].outcome is (Outcome.CREATED if what == "draft" else Outcome.UPDATED)


async def test_the_place_in_the_original_and_how_surely_it_was_read_are_kept(store: KnowledgeStore, engine: AsyncEngine) -> None:
    read = read_content("通知.txt", NOTICE.encode())
    marked = tuple(replace(clause, place="第3页", confidence=0.75) for clause in read.clauses)
    async with async_sessionmaker(engine, expire_on_commit=False).begin() as session:
        await put_in_draft(session, replace(read, clauses=marked), "王编辑", AT)
    assert [(c.place, c.confidence) for c in await store.clauses("关于做好救助工作的通知", "draft")] == [("第3页", 0.75)] * 2
    # A clause that only moved to another page is the same clause.
    assert (await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)).outcome is Outcome.UNCHANGED


# -- the draft -------------------------------------------------------------------------------------------------------------------


async def test_nothing_is_published_before_publishing(store: KnowledgeStore) -> None:
    await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    assert (await store.load()).imported == ()
    assert [c.article for c in (await store.load_draft()).imported] == ["一、", "二、"]
    assert (await store.load_draft()).release == 0


async def test_the_draft_says_in_words_what_changes(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    await published(store, "a.md", LAW_2018)
    edited = NOTICE.replace("认真落实各项救助政策。", "认真做好各项工作。") + "\n三、附则\n\n由区民政局负责解释。\n"
    await store.import_upload("通知.txt", edited.encode(), by="王编辑", at=LATER)
    await store.import_upload("b.md", LAW_2024.encode(), by="王编辑", at=LATER)
    await store.remove("上海市某条例(2018-11-22)", by="王编辑", at=LATER)
    draft = await store.draft()
    assert draft.based_on == 3
    assert [(c.kind, c.words) for c in draft.changes] == [
        (ChangeKind.REMOVED, "删除《上海市某条例》，2 条"),
        (ChangeKind.ADDED, "新增《上海市某条例》，2 条"),
        (ChangeKind.CHANGED, "修改《关于做好救助工作的通知》：条款新增 1、改动 1、删除 0"),
    ]
    assert (draft.changes[2].clauses_added, draft.changes[2].clauses_changed) == (1, 1)
    assert (draft.changes[2].changed_by, draft.changes[2].changed_at) == ("王编辑", LATER)


async def test_a_change_of_a_document_s_facts_is_said(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT, in_force_from=date(2024, 8, 1))
    assert [c.words for c in (await store.draft()).changes] == [
        "修改《关于做好救助工作的通知》的文件信息：施行日期由“未写”改为“2024-08-01”",
    ]


async def test_discarding_leaves_the_release(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    await store.remove("关于做好救助工作的通知", by="王编辑", at=AT)
    await store.discard_draft()
    assert (await store.draft()).is_empty
    assert len((await store.load_draft()).imported) == 2


async def test_removing_what_was_only_in_the_draft_leaves_no_trace(store: KnowledgeStore) -> None:
    await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    await store.remove("关于做好救助工作的通知", by="王编辑", at=AT)
    assert (await store.draft()).is_empty


async def test_removing_what_is_not_there_is_refused(store: KnowledgeStore) -> None:
    with pytest.raises(UnknownDocumentError, match="没有文件“甲”"):
        await store.remove("甲", by="王编辑", at=AT)


async def test_an_import_never_removes(store: KnowledgeStore, folder: Path) -> None:
    await published(store, "通知.txt", NOTICE)
    (folder / "a.md").write_text(LAW_2018, encoding="utf-8")
    await imported(store, folder)
    assert len(await store.document_list("draft")) == 2


async def test_a_new_handbook_goes_through_the_draft(store: KnowledgeStore) -> None:
    await store.set_catalogue(catalogue("低保标准调整。").content(), by="王编辑", at=AT)
    assert [c.words for c in (await store.draft()).changes] == ["修改一本通内容：handbook.yaml"]
    await store.publish(note="调标", by="李科长", at=AT)
    assert (await store.load()).clauses[0].text.startswith("低保标准调整。")
    assert (await store.load(1)).clauses[0].text.startswith("可以申请低保。")


async def test_the_handbook_as_it_is_changes_nothing(store: KnowledgeStore) -> None:
    await store.set_catalogue(catalogue().content(), by="王编辑", at=AT)
    assert (await store.draft()).is_empty


async def test_a_wrong_handbook_is_refused(store: KnowledgeStore) -> None:
    with pytest.raises(KnowledgeError, match="一本通内容有误"):
        await store.set_catalogue("{}", by="王编辑", at=AT)


# -- releases --------------------------------------------------------------------------------------------------------------------


async def test_publishing_gives_the_next_number_and_empties_the_draft(store: KnowledgeStore) -> None:
    await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    info = await store.publish(note="新增通知", by="李科长", at=LATER)
    assert (info.number, info.note, info.published_by, info.published_at, info.documents) == (2, "新增通知", "李科长", LATER, 1)
    assert (await store.draft()).is_empty
    assert (await store.load()).release == 2


async def test_an_empty_draft_is_not_published(store: KnowledgeStore) -> None:
    with pytest.raises(EmptyDraftError, match="草稿里没有改动"):
        await store.publish(note="", by="李科长", at=AT)


async def test_an_old_release_keeps_its_content(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    before = await store.load(2)
    await published(store, "通知.txt", NOTICE.replace("困难居民", "居民"))
    again = await store.load(2)
    assert (again.digest, again.imported) == (before.digest, before.imported)
    assert (await store.load(3)).digest != before.digest


async def test_rolling_back_publishes_the_old_content_again(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    await published(store, "通知.txt", NOTICE.replace("困难居民", "居民"))
    info = await store.rollback(2, by="李科长", at=LATER)
    assert (info.number, info.restores, info.note) == (4, 2, "恢复第 2 版的内容")
    two, four = await store.load(2), await store.load(4)
    assert (two.digest, two.imported) == (four.digest, four.imported)


async def test_rolling_back_to_what_is_there_is_refused(store: KnowledgeStore) -> None:
    with pytest.raises(EmptyDraftError, match="第 1 版的内容与当前第 1 版相同"):
        await store.rollback(1, by="李科长", at=AT)


@pytest.mark.parametrize("number", [0, 2, -1])
async def test_a_release_that_does_not_exist_is_refused(store: KnowledgeStore, number: int) -> None:
    with pytest.raises(UnknownReleaseError, match=f"没有第 {number} 版。现有第 1 至 1 版"):
        await store.rollback(number, by="李科长", at=AT)
    with pytest.raises(UnknownReleaseError):
        await store.load(number)


async def test_the_draft_survives_a_rollback(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    await store.import_upload("a.md", LAW_2018.encode(), by="王编辑", at=AT)
    await store.rollback(1, by="李科长", at=AT)
    assert [d.document.title for d in await store.document_list("draft")] == ["上海市某条例"]


async def test_two_publishers_at_once_make_one_release_of_one_draft(store: KnowledgeStore, engine: AsyncEngine) -> None:
    await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    both = await asyncio.gather(
        *(store_of(engine).publish(note=str(n), by="李科长", at=AT) for n in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in both) == ["EmptyDraftError", "ReleaseInfo"]
    assert [r.number for r in await store.releases()] == [2, 1]


async def test_equal_content_has_equal_digests(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    await store.import_upload("a.md", LAW_2018.encode(), by="王编辑", at=AT)
    draft = (await store.load_draft()).digest
    await store.publish(note="", by="李科长", at=AT)
    assert (await store.load()).digest == draft


async def test_succession_is_applied_in_a_release(store: KnowledgeStore) -> None:
    await published(store, "a.md", LAW_2018)
    assert (await store.clauses("上海市某条例(2018-11-22)"))[0].document.in_force_until is None
    await published(store, "b.md", LAW_2024)
    listed = {d.document.document_id: d.document.in_force_until for d in await store.document_list()}
    assert listed == {"上海市某条例(2018-11-22)": date(2024, 12, 31), "上海市某条例(2024-12-31)": None}
    assert [c.document.in_force_until for c in (await store.load(2)).imported] == [None, None]


async def test_documents_and_clauses_are_listed_as_imported(store: KnowledgeStore) -> None:
    await published(store, "通知.txt", NOTICE)
    listed = (await store.document_list())[0]
    assert (listed.document.source, listed.clauses, listed.imported_by, listed.imported_at) == ("通知.txt", 2, "王编辑", AT)
    clauses = await store.clauses("关于做好救助工作的通知")
    assert [(c.clause_id, c.heading_path, c.ordinal) for c in clauses] == [
        ("关于做好救助工作的通知#一、", ("一、对象",), 0),
        ("关于做好救助工作的通知#二、", ("二、要求",), 1),
    ]
    with pytest.raises(UnknownDocumentError):
        await store.clauses("关于做好救助工作的通知", 1)


async def test_what_is_loaded_is_what_was_read(store: KnowledgeStore) -> None:
    await published(store, "b.md", LAW_2024)
    read = read_content("b.md", LAW_2024.encode())
    assert (await store.load()).imported == read.clauses


# -- the real documents --------------------------------------------------------------------------------------------------------


@needs_shared
@pytest.mark.shared
async def test_the_real_documents_become_a_release(store: KnowledgeStore) -> None:
    manifest = load_manifest(CORPUS / "manifest.yaml")
    first = await store.import_paths([CORPUS], manifest=manifest, by="王编辑", at=AT)
    again = await store.import_paths([CORPUS], manifest=manifest, by="王编辑", at=AT)
    assert (first.count(Outcome.CREATED), again.count(Outcome.UNCHANGED), first.remarks) == (33, 33, ())
    await store.publish(note="首次导入", by="李科长", at=AT)
    documents = {d.document_id: d for d in (await store.load()).documents}
    today = date(2026, 11, 21)
    assert not documents["上海市社会救助条例(2018-11-22)"].in_force(today)
    assert documents["上海市社会救助条例(2018-11-22)"].in_force(date(2024, 12, 30))
    assert documents["上海市社会救助条例(2024-12-31)"].in_force(date(2024, 12, 31))
    assert {d.document_id for d in documents.values() if d.displaced(today)} == {
        "社会救助暂行办法(2019-03-02)",
        "城市居民最低生活保障条例(1999-09-28)",
        "农村五保供养工作条例(2006-01-21)",
    }
    assert not documents["社会救助暂行办法(2019-03-02)"].displaced(date(2026, 6, 30))
    _says_what_was_in_force_when(await store.load())
    found = conflicts_of(await store.load(), today)
    assert {(c.higher.article, c.lower.article) for c in found} == {
        ("第七十三条", "第五十四条"),
        ("第十六条", "第十九条"),
    }
    assert not [f for f in await store.findings(None, on=today) if f.severity is Severity.SEVERE]
    assert documents["浙江省社会救助条例(2020-09-24)"].region == "浙江省"


def _says_what_was_in_force_when(knowledge: KnowledgeBase) -> None:
    """The two versions of 上海市社会救助条例, and the step from 社会救助暂行办法 to 社会救助法."""
    watched = {
        "old": "上海市社会救助条例(2018-11-22)#第一条",
        "new": "上海市社会救助条例(2024-12-31)#第一条",
        "measures": "社会救助暂行办法(2019-03-02)#第九条",
        "window": "社会救助暂行办法(2019-03-02)#第六十条",
        "law": "中华人民共和国社会救助法(2026-04-30)#第一条",
    }

    def answering(day: date) -> set[str]:
        clauses = {name: knowledge.clause(clause_id, day) for name, clause_id in watched.items()}
        return {name for name, c in clauses.items() if c is not None and c.in_force(day) and not c.displaced(day)}

    assert answering(date(2024, 6, 1)) == {"old", "measures", "window"}
    assert answering(date(2025, 6, 1)) == {"new", "measures", "window"}
    assert answering(date(2026, 6, 30)) == {"new", "measures", "window"}
    assert answering(date(2026, 7, 1)) == {"new", "window", "law"}
    found = {
        day: knowledge.resolve(Reference("社会救助暂行办法", "第六十条"), day) for day in (date(2026, 6, 30), date(2026, 7, 1))
    }
    assert all(clause is not None and clause.stands for clause in found.values())
    employers = knowledge.clause("失业保险条例(1999-01-22)#第十六条", date(2026, 11, 21))
    others = knowledge.clause("失业保险条例(1999-01-22)#第二十条", date(2026, 11, 21))
    assert employers is not None
    assert others is not None
    assert (employers.displaced(date(2026, 11, 21)), others.displaced(date(2026, 11, 21))) == (True, False)
