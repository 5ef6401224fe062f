"""Words of texts are kept by content: the same words come out, and only what changed is cut."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from knowledge.lexicon import Term, TermKind
from retrieval.kept_cuts import KEPT_FILES, KeptCuts, remembered_cuts
from retrieval.words import Words

TEXTS = ["最低生活保障的审核", "医疗救助按比例给予", "ＡＢ　12.5%", "", "低保 低保"]


class Cutter:
    """Cuts into characters and counts how often it was asked."""

    def __init__(self) -> None:
        self.cut = 0

    def __call__(self, plain: str) -> list[str]:
        self.cut += 1
        return list(plain)


def test_the_words_are_the_same_with_and_without_what_was_kept(tmp_path: Path) -> None:
    words = Words()
    plain = [(words.tokens(text), words.informative(text)) for text in TEXTS]
    for _ in range(2):
        with remembered_cuts(words, tmp_path):
            assert [(words.tokens(text), words.informative(text)) for text in TEXTS] == plain
    assert [words.tokens(text) for text in TEXTS] == [tokens for tokens, _ in plain]


def test_a_text_is_cut_once_whichever_release_it_appears_in(tmp_path: Path) -> None:
    cutter = Cutter()
    for release in (["甲乙", "丙丁", "甲乙"], ["甲乙", "戊己"]):
        cuts = KeptCuts(tmp_path / "w.json")
        assert [cuts.of(text, cutter) for text in release] == [list(text) for text in release]
        cuts.keep()
    assert cutter.cut == 3


def test_old_texts_are_dropped_when_they_are_many(tmp_path: Path) -> None:
    for texts in ([f"旧{n}" for n in range(20)], ["新"]):
        cuts = KeptCuts(tmp_path / "w.json")
        for text in texts:
            cuts.of(text, list)
        cuts.keep()
    cutter = Cutter()
    KeptCuts(tmp_path / "w.json").of("旧1", cutter)
    assert cutter.cut == 1


@pytest.mark.parametrize("content", [b"{broken", b"[1]", b'{"a": 1}', b"\xff"])
def test_a_damaged_file_is_cut_again_with_a_warning(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "w.json").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert KeptCuts(tmp_path / "w.json").of("甲", list) == ["甲"]
    assert "cut again" in caplog.text


def test_a_place_that_cannot_be_written_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cuts").write_text("in the way", encoding="utf-8")
    words = Words()
    with caplog.at_level(logging.WARNING), remembered_cuts(words, tmp_path):
        assert "低保" in words.tokens("低保")
    assert "cannot be kept" in caplog.text


def test_another_lexicon_cuts_anew_and_the_files_stay_few(tmp_path: Path) -> None:
    for number in range(KEPT_FILES + 2):
        words = Words([Term("大病卡" + "甲乙丙丁"[number], "医疗救助证", TermKind.FOLK)])
        with remembered_cuts(words, tmp_path):
            words.tokens("大病卡")
    assert len(list((tmp_path / "cuts").iterdir())) == KEPT_FILES


def test_nothing_is_kept_when_the_building_fails(tmp_path: Path) -> None:
    words = Words()

    def build() -> None:
        with remembered_cuts(words, tmp_path):
            words.tokens("低保")
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        build()
    assert not (tmp_path / "cuts").exists()
    assert words.tokens("低保")
