"""A newer bundled handbook becomes a draft like any other, once, as chosen; what was merged is the base of the next."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest
from alembic import command
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from knowledge.catalogue import Catalogue
from knowledge.catalogue_files import bundled_text, from_json, to_json
from knowledge.errors import EmptyDraftError, HandbookUpgradeError, KnowledgeError
from knowledge.handbook_upgrade import Take
from knowledge.storage import KnowledgeStore
from migrations.running import configuration
from tests.knowledge.databases import sqlite_url
from tests.knowledge.small_catalogue import AT, LATER, NOTICE, SmallCatalogue


class PlainBook(SmallCatalogue):
    """A handbook of fixed wordings alone; an empty one is no handbook."""

    def __init__(self, wordings: dict[str, str]) -> None:
        if not wordings:
            raise ValueError("wordings.yaml is empty")
        super().__init__("".join(wordings.values()))
        object.__setattr__(self, "wordings", wordings)

    def content(self) -> str:
        return to_json({"wordings.yaml": self.wordings})

    @classmethod
    def read(cls, text: str) -> Catalogue:
        return cast(Catalogue, cls(json.loads(text).get("wordings.yaml", {})))


def book(**wordings: str) -> str:
    return PlainBook({"hello": "您好", "bye": "再见", **wordings}).content()


FIRST = book()
SECOND = book(hello="早上好", thanks="谢谢")


@pytest.fixture
async def store(engine: AsyncEngine) -> KnowledgeStore:
    """Release 1 is the first bundle."""
    found = KnowledgeStore(async_sessionmaker(engine, expire_on_commit=False), read_catalogue=PlainBook.read)
    await found.ensure_first_release(PlainBook.read(FIRST), AT)
    return found


async def says(store: KnowledgeStore, *, draft: bool = False) -> dict[str, str]:
    knowledge = await (store.load_draft() if draft else store.load())
    return cast(Any, knowledge.catalogue).wordings


async def staff_publish(store: KnowledgeStore, **wordings: str) -> None:
    await store.set_catalogue(book(**wordings), by="王编辑", at=AT)
    await store.publish(note="改了一句", by="李编辑", at=AT)


async def offered(store: KnowledgeStore, bundle: str) -> dict[str, str]:
    upgrade = await store.handbook_upgrade(bundle)
    return {} if upgrade is None or not upgrade.is_offered else {item.entry: item.kind.value for item in upgrade.items}


async def test_the_bundle_that_a_release_was_founded_on_is_not_offered(store: KnowledgeStore) -> None:
    assert await store.handbook_upgrade(FIRST) is None
    await staff_publish(store, bye="慢走")
    assert await store.handbook_upgrade(FIRST) is None


async def test_a_newer_bundle_goes_by_way_of_draft_and_second_person_into_a_release(store: KnowledgeStore) -> None:
    await staff_publish(store, bye="慢走")
    assert await offered(store, SECOND) == {"wordings/hello": "changed", "wordings/thanks": "added"}
    await store.merge_handbook(SECOND, by="王编辑", at=LATER)
    assert await says(store) == {"hello": "您好", "bye": "慢走"}
    assert await says(store, draft=True) == {"hello": "早上好", "bye": "慢走", "thanks": "谢谢"}
    assert (await store.draft()).last_changed_by == "王编辑"
    with pytest.raises(KnowledgeError, match="还没有第二个人复核"):
        await store.publish(note="新版手册", by="王编辑", at=LATER)
    await store.publish(note="新版手册", by="李编辑", at=LATER)
    assert await says(store) == {"hello": "早上好", "bye": "慢走", "thanks": "谢谢"}
    assert await store.handbook_upgrade(SECOND) is None


async def test_merging_twice_gives_one_draft_that_keeps_its_author_and_approval(store: KnowledgeStore) -> None:
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    await store.approve(by="李编辑", at=AT)
    again = await store.merge_handbook(SECOND, by="赵编辑", at=LATER)
    assert (again.in_draft, again.is_offered) == (True, False)
    draft = await store.draft()
    assert (len(draft.changes), draft.last_changed_by, draft.approved_by) == (1, "王编辑", "李编辑")


async def test_a_conflict_is_decided_before_anything_is_merged(store: KnowledgeStore) -> None:
    await staff_publish(store, hello="侬好")
    with pytest.raises(HandbookUpgradeError, match=r"还有 1 处冲突没有决定.*固定用语 · hello.*--take staff wordings/hello"):
        await store.merge_handbook(SECOND, by="王编辑", at=AT)
    assert (await store.draft()).is_empty
    upgrade = await store.choose_handbook(SECOND, {"wordings/hello": Take.STAFF}, by="王编辑", at=AT)
    assert (upgrade.undecided, upgrade.is_offered) == ((), True)
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    assert await says(store, draft=True) == {"hello": "侬好", "bye": "再见", "thanks": "谢谢"}


async def test_another_choice_merges_anew_from_what_staff_had(store: KnowledgeStore) -> None:
    await staff_publish(store, hello="侬好")
    for side, hello in ((Take.NEW, "早上好"), (Take.STAFF, "侬好"), (Take.NEW, "早上好")):
        await store.choose_handbook(SECOND, {"wordings/hello": side}, by="王编辑", at=AT)
        await store.merge_handbook(SECOND, by="王编辑", at=AT)
        assert (await says(store, draft=True))["hello"] == hello


async def test_changing_every_choice_back_empties_the_draft(store: KnowledgeStore) -> None:
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    takes = dict.fromkeys(("wordings/hello", "wordings/thanks"), Take.STAFF)
    await store.choose_handbook(SECOND, takes, by="王编辑", at=AT)
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    assert (await store.draft()).is_empty


async def test_what_was_kept_for_good_is_not_asked_again_until_the_bundle_says_something_else(store: KnowledgeStore) -> None:
    await staff_publish(store, hello="侬好")
    bundle = book(hello="早上好")
    await store.choose_handbook(bundle, {"wordings/hello": Take.STAFF}, by="王编辑", at=AT)
    assert await offered(store, bundle) == {}
    with pytest.raises(HandbookUpgradeError, match="没有要合并进草稿的"):
        await store.merge_handbook(bundle, by="王编辑", at=AT)
    assert await offered(store, book(hello="晚上好")) == {"wordings/hello": "conflict"}


async def test_a_later_bundle_is_compared_with_the_one_merged_last(store: KnowledgeStore) -> None:
    await staff_publish(store, hello="侬好")
    await store.choose_handbook(SECOND, {"wordings/hello": Take.STAFF}, by="王编辑", at=AT)
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    await store.publish(note="第二版手册", by="李编辑", at=AT)
    third = book(hello="早上好", thanks="多谢", ask="请问")
    assert await offered(store, third) == {"wordings/thanks": "changed", "wordings/ask": "added"}
    await store.merge_handbook(third, by="王编辑", at=AT)
    assert await says(store, draft=True) == {"hello": "侬好", "bye": "再见", "thanks": "多谢", "ask": "请问"}


async def test_a_newer_bundle_also_meets_a_draft_that_holds_an_unpublished_merge(store: KnowledgeStore) -> None:
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    third = book(hello="晚上好", thanks="谢谢")
    assert await offered(store, third) == {"wordings/hello": "changed"}
    await store.merge_handbook(third, by="王编辑", at=AT)
    assert await says(store, draft=True) == {"hello": "晚上好", "bye": "再见", "thanks": "谢谢"}


async def test_what_staff_wrote_into_the_draft_counts_as_theirs_before_and_after_a_merge(store: KnowledgeStore) -> None:
    await store.set_catalogue(book(hello="侬好"), by="王编辑", at=AT)
    assert await offered(store, SECOND) == {"wordings/hello": "conflict", "wordings/thanks": "added"}
    await store.choose_handbook(SECOND, {"wordings/hello": Take.NEW}, by="王编辑", at=AT)
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    await store.set_catalogue(book(hello="大家好", thanks="谢谢"), by="王编辑", at=AT)
    assert await store.handbook_upgrade(SECOND) is None
    assert (await says(store, draft=True))["hello"] == "大家好"


async def test_a_merge_that_only_ends_where_the_release_is_leaves_no_draft(store: KnowledgeStore) -> None:
    await store.set_catalogue(book(hello="早上好", thanks="谢谢", bye="再见"), by="王编辑", at=AT)
    await store.publish(note="自己先改了", by="李编辑", at=AT)
    upgrade = await store.handbook_upgrade(SECOND)
    assert upgrade is not None
    assert (upgrade.items, upgrade.is_offered) == ((), False)


async def test_a_discarded_draft_is_offered_again_with_the_choices_made(store: KnowledgeStore) -> None:
    await store.choose_handbook(SECOND, {"wordings/thanks": Take.STAFF}, by="王编辑", at=AT)
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    await store.discard_draft()
    upgrade = await store.handbook_upgrade(SECOND)
    assert upgrade is not None
    assert {item.entry: item.take for item in upgrade.items} == {"wordings/hello": Take.NEW, "wordings/thanks": Take.STAFF}
    assert (upgrade.is_offered, upgrade.in_draft) == (True, False)


async def test_rolling_back_before_a_merge_brings_the_offer_back(store: KnowledgeStore) -> None:
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    await store.publish(note="新版手册", by="李编辑", at=AT)
    await store.rollback(1, by="李编辑", at=LATER)
    assert await offered(store, SECOND) == {"wordings/hello": "changed", "wordings/thanks": "added"}


async def test_documents_in_the_draft_stay_when_the_handbook_is_merged(store: KnowledgeStore) -> None:
    await store.import_upload("通知.txt", NOTICE.encode(), by="王编辑", at=AT)
    await store.merge_handbook(SECOND, by="王编辑", at=AT)
    assert len((await store.draft()).changes) == 2


async def test_a_merge_that_gives_no_usable_handbook_changes_nothing(store: KnowledgeStore) -> None:
    empty = to_json({"wordings.yaml": {}, "other.yaml": 1})
    await store.choose_handbook(empty, {"other": Take.STAFF}, by="王编辑", at=AT)
    with pytest.raises(KnowledgeError, match=r"一本通内容有误：wordings\.yaml is empty"):
        await store.merge_handbook(empty, by="王编辑", at=AT)
    assert (await store.draft()).is_empty


async def test_choices_about_what_is_not_offered_are_refused_with_an_example(store: KnowledgeStore) -> None:
    with pytest.raises(HandbookUpgradeError, match=r"没有“wordings/x”.*wordings/hello"):
        await store.choose_handbook(SECOND, {"wordings/x": Take.NEW}, by="王编辑", at=AT)
    with pytest.raises(HandbookUpgradeError, match="没有新内容"):
        await store.choose_handbook(FIRST, {}, by="王编辑", at=AT)
    with pytest.raises(HandbookUpgradeError, match="没有新内容"):
        await store.merge_handbook(FIRST, by="王编辑", at=AT)


async def test_choices_made_on_a_page_that_is_out_of_date_are_not_kept(store: KnowledgeStore) -> None:
    upgrade = await store.handbook_upgrade(SECOND)
    assert upgrade is not None
    await staff_publish(store, hello="侬好")
    with pytest.raises(HandbookUpgradeError, match="手册又有变化"):
        await store.choose_handbook(SECOND, {"wordings/hello": Take.NEW}, by="王编辑", at=AT, seen=upgrade.seen)


async def test_an_empty_database_has_nothing_to_merge_into(engine: AsyncEngine) -> None:
    empty = KnowledgeStore(async_sessionmaker(engine, expire_on_commit=False), read_catalogue=PlainBook.read)
    assert await empty.handbook_upgrade(SECOND) is None
    with pytest.raises(EmptyDraftError):
        await empty.approve(by="李编辑", at=AT)


def test_releases_from_before_count_as_founded_on_the_handbook_of_release_1(tmp_path: Path) -> None:
    settings = configuration(sqlite_url(tmp_path))
    command.upgrade(settings, "0002")
    database = sqlite3.connect(tmp_path / "test.sqlite3")
    database.executemany("INSERT INTO kept_text VALUES (?, ?)", [("a", "{}"), ("b", "{1}"), ("s", "")])
    database.executemany(
        "INSERT INTO knowledge_release "
        "(number, content_hash, catalogue_digest, succession_digest, note, published_by, published_at) "
        "VALUES (?, 'h', ?, 's', '', 'x', '2026-11-20 00:00:00')",
        [(1, "a"), (2, "b"), (3, "b")],
    )
    database.commit()
    database.close()
    command.upgrade(settings, "head")
    found = sqlite3.connect(tmp_path / "test.sqlite3")
    assert found.execute("SELECT DISTINCT bundle_digest FROM knowledge_release").fetchall() == [("a",)]
    found.close()


async def test_the_real_handbook_of_an_older_program_is_brought_up_to_date(engine: AsyncEngine) -> None:
    older = from_json(bundled_text())
    del older["processes.yaml"]
    older["programmes/dibao.yaml"]["sections"][0]["lines"].pop()
    older["parameters/dibao.yaml"]["dibao.standard"]["values"].pop(0)
    store = KnowledgeStore(async_sessionmaker(engine, expire_on_commit=False))
    await store.ensure_first_release(Catalogue(older), AT)
    new = bundled_text()
    await store.merge_handbook(new, by="王编辑", at=AT)
    catalogue = (await store.load_draft()).catalogue
    assert catalogue.content() == new
    assert "修改一本通内容" in (await store.draft()).changes[0].words
