"""A made folder appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.kept_folder import keep_folder


def whole(folder: Path) -> bool:
    return (folder / "done").is_file()


def fill(folder: Path) -> None:
    (folder / "done").write_text("yes", encoding="utf-8")


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_it_is_made_once(tmp_path: Path) -> None:
    made: list[Path] = []

    def counted(folder: Path) -> None:
        made.append(folder)
        fill(folder)

    for _ in range(2):
        assert keep_folder(tmp_path / "a", counted, whole) == tmp_path / "a"
    assert len(made) == 1
    assert leftovers(tmp_path) == []


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        keep_folder(tmp_path / "a", fails, whole)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "half").touch()
    keep_folder(tmp_path / "a", fill, whole)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["done"]
    assert leftovers(tmp_path) == []


def test_when_two_make_it_at_once_the_first_to_finish_wins(tmp_path: Path) -> None:
    def slower(folder: Path) -> None:
        keep_folder(tmp_path / "a", fill, whole)        # somebody else starts later and finishes first
        (folder / "done").write_text("late", encoding="utf-8")

    keep_folder(tmp_path / "a", slower, whole)
    assert (tmp_path / "a" / "done").read_text(encoding="utf-8") == "yes"
    assert leftovers(tmp_path) == []
