"""A newer handbook by command: shown, chosen part by part, merged into the draft; bad input is quoted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from knowledge.catalogue import Catalogue
from knowledge.catalogue_files import bundled_text, from_json
from knowledge.database import Sessions, open_engine
from knowledge.storage import KnowledgeStore
from migrations.running import upgrade
from tests.channels.test_library_commands import as_json, folder, run
from tests.knowledge.small_catalogue import AT

__all__ = ["folder"]

GREETING, WHO = "wordings/greeting", "programmes/dibao/sections/who/lines"


def older_handbook() -> dict[str, Any]:
    """The bundled handbook as an older program brought it: one line and one wording were others, one word was not there."""
    content = from_json(bundled_text())
    content["programmes/dibao.yaml"]["sections"][1]["lines"].pop()
    content["wordings.yaml"]["greeting"] = "您好。回复“人工”找顾问。"
    content["lexicon.yaml"] = [term for term in content["lexicon.yaml"] if term["term"] != "吃低保"]
    return content


@pytest.fixture
def older(folder: Path) -> Path:
    """An installation whose release 2 has a greeting of the staff's own."""
    staff = older_handbook()
    staff["wordings.yaml"]["greeting"] = "侬好。回复“人工”找顾问。"

    async def found() -> None:
        url = f"sqlite+aiosqlite:///{folder / 'data' / 'yibentong.sqlite3'}"
        await asyncio.to_thread(upgrade, url)
        engine = open_engine(url)
        store = KnowledgeStore(Sessions(engine))
        await store.ensure_first_release(Catalogue(older_handbook()), AT)
        await store.set_catalogue(Catalogue(staff).content(), by="王编辑", at=AT)
        await store.publish(note="自己的问候", by="李编辑", at=AT)
        await engine.dispose()

    asyncio.run(found())
    return folder


def kinds(record: Any) -> dict[str, str]:
    return {item["entry"]: item["kind"] for item in record["items"]}


def test_a_new_installation_has_nothing_to_merge(folder: Path) -> None:
    assert "没有新内容可以合并" in run("handbook", "upgrade").stdout
    assert as_json("handbook", "upgrade")["offered"] is False
    refused = run("handbook", "upgrade", "--merge")
    assert (refused.exit_code, "没有新内容" in refused.stderr) == (1, True)


def test_what_is_new_is_shown_with_the_sides_of_a_conflict(older: Path) -> None:
    record = as_json("handbook", "upgrade")
    assert kinds(record) == {GREETING: "conflict", WHO: "changed", "lexicon/吃低保": "added"}
    assert (record["offered"], record["undecided"]) == (True, 1)
    out = run("handbook", "upgrade").stdout
    assert "冲突  固定用语 · greeting  〔还没有决定〕" in out
    assert "侬好。回复“人工”找顾问。" in out
    assert "救助项目 · 最低生活保障 · 谁能申请 · 正文" in out
    assert "还有 1 处冲突要决定" in out


def test_conflicts_are_decided_and_the_draft_is_made_and_published(older: Path) -> None:
    refused = run("handbook", "upgrade", "--merge")
    assert (refused.exit_code, "还有 1 处冲突没有决定" in refused.stderr) == (1, True)
    assert as_json("draft")["changes"] == []
    record = as_json("handbook", "upgrade", "--take", "staff", "wordings", "--merge")
    assert (record["in_draft"], record["undecided"]) == (True, 0)
    assert "修改一本通内容" in as_json("draft")["changes"][0]["words"]
    assert run("publish", "--note", "新版手册").exit_code == 0
    assert as_json("handbook", "upgrade")["items"] == []


def test_keeping_everything_for_good_ends_the_offer(older: Path) -> None:
    record = as_json("handbook", "upgrade", "--take", "staff", "all")
    assert (record["offered"], {item["take"] for item in record["items"]}) == (False, {"staff"})
    assert "继续用现在的" in run("handbook", "upgrade").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--take", "mine", "all"), 2, "“mine”不是可以选的，应为 new"),
        (("--take", "new"), 2, "要写明哪一边、哪几项，例如"),
        (("programmes/dibao",), 2, "要写明哪一边、哪几项，例如"),
        (("--take", "new", "programmes/nowhere"), 1, "没有“programmes/nowhere”"),
    ],
)
def test_what_cannot_be_meant_is_quoted_with_an_example(older: Path, words: tuple[str, ...], code: int, said: str) -> None:
    result = run("handbook", "upgrade", *words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr


def test_the_book_is_still_written_by_the_same_command(folder: Path) -> None:
    missing = run("handbook")
    assert (missing.exit_code, "--out 一本通" in missing.stderr) == (2, True)
    done = run("handbook", "--out", "书", "--json", "--browser", "/nowhere")
    assert (done.exit_code, "没有这个浏览器" in done.stderr) == (2, True)
