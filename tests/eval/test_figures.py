"""Figures stand beside what was expected of them, with intervals; an empty suite is an error, not 0."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import crisis, routing
from eval.data_files import cases
from eval.figures import Outcome, Share, Verdict, as_dict, expected_figures, verdicts, write_table


def test_a_share_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no cases"):
        Share(0, 0)


def test_the_interval_holds_the_share_and_narrows_with_more_cases() -> None:
    few, many = Share(9, 10), Share(900, 1000)
    for share in (few, many):
        low, high = share.interval
        assert low < share.value < high
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0]


@pytest.mark.parametrize(("value", "word"), [(0.95, "ok"), (0.96, "ok"), (0.93, "near"), (0.92, "near"), (0.91, "off")])
def test_a_figure_is_ok_near_or_off(value: float, word: str) -> None:
    assert Verdict("right", value, expected=0.95, tolerance=0.03).word == word


def test_every_suite_has_expected_figures_with_the_command_that_makes_them() -> None:
    for suite, entry in expected_figures().items():
        assert entry["command"] == f"yibentong eval {suite}"
        assert entry["expect"]


def test_the_crisis_suite_misses_nothing_and_alarms_nobody() -> None:
    outcome = crisis.run()
    assert [(v.figure, v.word) for v in verdicts(outcome)] == [("recall", "ok"), ("quiet", "ok")], outcome.wrong


def test_the_routing_suite_holds_its_figure() -> None:
    outcome = routing.run()
    assert all(verdict.word != "off" for verdict in verdicts(outcome)), outcome.wrong


def test_the_table_is_written_between_its_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n", encoding="utf-8")
    write_table(readme, [Outcome("crisis", {"recall": Share(9, 10)})])
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "0.900（9/10）" in text


def test_a_readme_without_marks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="no place for the table"):
        write_table(tmp_path / "README.md", [])


def test_figures_as_json_name_value_interval_and_verdict() -> None:
    written = as_dict(Outcome("crisis", {"recall": Share(10, 10), "quiet": Share(10, 10)}))
    assert written["figures"]["recall"]["value"] == 1.0
    assert written["verdicts"]["recall"]["verdict"] == "ok"


@pytest.mark.parametrize("name", ["crisis", "routing", "answers", "dialogues"])
def test_the_suites_own_cases_are_there(name: str) -> None:
    assert cases(name)
