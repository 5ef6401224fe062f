"""The knowledge base by command: diff, check, publish with override, withdraw, and --as-of everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from channels.cli import build

NOTICE = "关于办理时限的通知\n\n某民〔2024〕1号\n\n一、时限\n\n应当自受理之日起20日内办结。\n\n二、要求\n\n认真落实各项要求。\n"
ID = "某民〔2024〕1号"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YIBENTONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), list(words))


def as_json(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def publish(folder: Path, text: str) -> int:
    (folder / "通知.txt").write_text(text, encoding="utf-8")
    assert run("import", str(folder / "通知.txt")).exit_code == 0
    return int(as_json("publish", "--note", "x")["release"])


def test_two_releases_are_compared_in_words_and_as_json(folder: Path) -> None:
    assert [publish(folder, NOTICE), publish(folder, NOTICE.replace("20日", "15日"))] == [2, 3]
    lines = run("diff", "2", "3").stdout.splitlines()
    assert lines[0] == "发布版 2 → 发布版 3"
    assert any(line.strip() == "~ 一、 改：20日 → 15日" for line in lines)
    found = as_json("diff", "2", "3")
    assert [c["words"] for c in found["documents"][0]["clauses"]] == ["一、 改：20日 → 15日"]
    assert (found["before"], found["after"], found["parameters"]) == (2, 3, [])
    assert "内容相同" in run("diff", "3", "draft").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"), [(("0", "1"), 2, "“0”"), (("1", "x"), 2, "“x”"), (("1", "9"), 1, "没有第 9 版")]
)
def test_a_release_that_is_none_is_quoted(folder: Path, words: tuple[str, str], code: int, said: str) -> None:
    result = run("diff", *words)
    assert (result.exit_code, said in result.stderr) == (code, True)


def test_an_installation_with_one_operator_publishes_and_the_release_says_so(folder: Path) -> None:
    publish(folder, NOTICE)
    assert "由操作员一人发布" in as_json("releases")["releases"][0]["override"]


def test_with_two_editors_the_operator_needs_a_reason(folder: Path) -> None:
    for name in ("王编辑", "李编辑"):
        assert run("user", "add", name, "--role", "editor").exit_code == 0
    (folder / "通知.txt").write_text(NOTICE, encoding="utf-8")
    run("import", str(folder / "通知.txt"))
    refused = run("publish", "--note", "x")
    assert (refused.exit_code, "还没有第二个人复核" in refused.stderr) == (1, True)
    assert as_json("publish", "--note", "x", "--override", "两位编辑都不在")["override"] == "两位编辑都不在"


def test_check_says_what_is_wrong_and_ends_with_1_only_for_severe_findings(folder: Path) -> None:
    wrong = NOTICE.replace("认真落实各项要求。", "按照本通知第九条执行。") + "\n第三条 甲。\n\n第四条 乙。\n"
    (folder / "通知.txt").write_text(wrong, encoding="utf-8")
    run("import", str(folder / "通知.txt"))
    found = as_json("check", "--draft")
    assert found["severe"] == 0
    assert all(finding["place"] and finding["what"] and finding["mend"] for finding in found["findings"])
    manifest = folder / "清单.yaml"
    manifest.write_text("- {path: 通知.txt, in_force_from: 2025-01-01, in_force_until: 2024-01-01}\n", encoding="utf-8")
    run("import", str(folder / "通知.txt"), "--manifest", str(manifest))
    result = run("check", "--draft")
    assert result.exit_code == 1
    assert "严重  《关于办理时限的通知》" in result.stdout
    assert run("check").exit_code == 0
    refused = run("publish", "--note", "x")
    assert (refused.exit_code, "1 处严重问题" in refused.stderr) == (1, True)


def test_a_document_is_withdrawn_at_once(folder: Path) -> None:
    publish(folder, NOTICE)
    assert as_json("withdraw", ID, "--note", "标准有误") == {"release": 3, "withdraws": ID}
    assert as_json("documents")["documents"] == []
    again = run("withdraw", ID)
    assert (again.exit_code, f"没有文件“{ID}”" in again.stderr) == (1, True)


def test_the_draft_names_each_clause_and_who_must_look(folder: Path) -> None:
    publish(folder, NOTICE)
    (folder / "通知.txt").write_text(NOTICE.replace("20日", "15日"), encoding="utf-8")
    run("import", str(folder / "通知.txt"))
    out = run("draft").stdout
    assert "一、 改：20日 → 15日" in out
    assert "最后由 operator 改动，要由另一个人复核" in out
    assert as_json("draft")["changes"][0]["clauses"][0]["words"] == "一、 改：20日 → 15日"


def test_clauses_and_programmes_are_those_of_the_day(folder: Path) -> None:
    (folder / "清单.yaml").write_text("- {path: 通知.txt, in_force_from: 2024-08-01}\n", encoding="utf-8")
    (folder / "通知.txt").write_text(NOTICE, encoding="utf-8")
    run("import", str(folder / "通知.txt"), "--manifest", str(folder / "清单.yaml"))
    run("publish")
    counts = [len(as_json("clauses", ID, "--as-of", day)["clauses"]) for day in ("2024-07-31", "2024-08-01")]
    assert counts == [0, 2]
    assert as_json("programmes", "--as-of", "1990-01-01")["programmes"] == []
    assert len(as_json("programmes", "--as-of", "2026-11-21")["programmes"]) > 10
