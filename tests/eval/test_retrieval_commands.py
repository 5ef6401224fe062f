"""`yibentong eval retrieval` on the command line: options, exit codes, one JSON object on stdout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.commands import app
from tests.eval.test_retrieval import write_set


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YIBENTONG_EMBEDDING", "none")
    monkeypatch.setenv("YIBENTONG_DATA_DIR", str(tmp_path / "data"))


def test_without_a_folder_it_is_wrong_usage() -> None:
    outcome = CliRunner().invoke(app, ["eval", "retrieval"])
    assert outcome.exit_code == 2
    assert "--dataset" in outcome.stderr


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set")
    outcome = CliRunner().invoke(app, ["eval", "retrieval", "--dataset", str(folder), "--limit", "1", "--json"])
    assert outcome.exit_code == 0, outcome.stderr
    report = json.loads(outcome.stdout)
    assert (report["dataset"], report["questions"]) == ("set", 1)


def test_a_split_is_chosen_by_name(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", zipped=True, id_name="id", lines=("q1 0 d1 1", "q2 0 d2 2"))
    write_set(folder, judgements="qrels/dev.tsv", lines=("q1\td3\t1",), zipped=True)
    outcome = CliRunner().invoke(app, ["eval", "retrieval", "--dataset", str(folder), "--split", "dev", "--json"])
    assert json.loads(outcome.stdout)["questions"] == 1


def test_a_person_reads_a_table(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["eval", "retrieval", "--dataset", str(write_set(tmp_path / "set"))])
    assert outcome.exit_code == 0
    assert "ndcg@10" in outcome.stdout


def test_a_folder_that_is_none_fails_with_one_sentence(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["eval", "retrieval", "--dataset", str(tmp_path / "nowhere"), "--json"])
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "is no folder" in outcome.stderr
