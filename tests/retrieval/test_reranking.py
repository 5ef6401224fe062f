"""Re-ranking: the port, the order it makes, and the cross-encoder behind it."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from retrieval.cross_encoder import CrossEncoderReranker
from retrieval.reranking import RerankingError, open_reranker, reordered


def test_the_first_places_are_ordered_anew_and_scores_still_fall() -> None:
    fresh = np.array([0.1, 0.9, 0.5], np.float32)
    assert reordered([0.8, 0.7, 0.6, 0.5], fresh) == [(1, 0.8), (2, 0.7), (0, 0.6), (3, 0.5)]


def test_equal_scores_keep_the_old_order() -> None:
    assert reordered([0.8, 0.7, 0.6], np.ones(3, np.float32)) == [(0, 0.8), (1, 0.7), (2, 0.6)]


def test_nothing_reranked_changes_nothing() -> None:
    assert reordered([0.8, 0.7], np.zeros(0, np.float32)) == [(0, 0.8), (1, 0.7)]
    assert reordered([], np.zeros(0, np.float32)) == []


def test_none_opens_no_reranker() -> None:
    assert open_reranker(" none ") is None


@pytest.mark.parametrize("setting", ["", "  ", "https://example.invalid/rerank"])
def test_a_setting_that_cannot_be_meant_is_quoted_with_an_example(setting: str) -> None:
    with pytest.raises(RerankingError, match=r"YIBENTONG_RERANKER is .* e\.g\. /srv/models"):
        open_reranker(setting)


def test_a_missing_extra_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(RerankingError, match=r"pip install 'yibentong\[transformers\]'"):
        open_reranker("/srv/models/bge-reranker-base")


# --- what we use of the library, over texts' lengths ---------------------------------------------------------------------


class SmallCrossEncoder:
    """Scores a pair by how many characters its two texts share. Named "two-labels", it gives two numbers; "broken", it fails."""

    def __init__(self, model: str, *, device: str, max_length: int) -> None:
        if "missing" in model:
            raise OSError(f"{model} is not cached")
        self.model = model

    def predict(self, pairs: Sequence[tuple[str, str]], *, batch_size: int, show_progress_bar: bool) -> np.ndarray:
        assert not show_progress_bar
        if self.model == "broken":
            raise RuntimeError("out of memory")
        scores = np.array([len(set(question) & set(text)) for question, text in pairs], np.float64)
        return np.stack([scores, scores], axis=1) if self.model == "two-labels" else scores


@pytest.fixture
def _library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "")        # so that what the code sets is taken back after the test
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(CrossEncoder=SmallCrossEncoder))


@pytest.mark.usefixtures("_library")
def test_each_text_is_scored_with_the_question_and_nothing_calls_out() -> None:
    import os

    reranker = open_reranker("bge-reranker")
    assert reranker is not None
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    scores = reranker.scores("低保", ["低保标准", "医疗救助", "低"])
    assert (scores.dtype, scores.tolist()) == (np.float32, [2.0, 0.0, 1.0])
    assert reranker.scores("低保", []).shape == (0,)
    assert reranker.name == "bge-reranker"


@pytest.mark.usefixtures("_library")
def test_a_model_that_is_not_there_is_quoted() -> None:
    with pytest.raises(RerankingError, match="'missing-model' cannot be opened"):
        open_reranker("missing-model")


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(("model", "said"), [("two-labels", "one finite number a text"), ("broken", "out of memory")])
def test_a_model_that_scores_otherwise_is_explained(model: str, said: str) -> None:
    with pytest.raises(RerankingError, match=said):
        CrossEncoderReranker(model).scores("低保", ["低保标准"])


# --- the library itself, with a model of a few numbers -------------------------------------------------------------------


def make_tiny_model(folder: Path) -> None:
    """A cross-encoder of one layer with random weights and the vocabulary of a few characters."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"低保标准医疗救助申请"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(1)
    config = BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                        intermediate_size=16, num_labels=1, max_position_embeddings=512)
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"]


@pytest.mark.skipif(importlib.util.find_spec("sentence_transformers") is None,
                    reason="needs the extra transformers: pip install 'yibentong[transformers]'")
@pytest.mark.filterwarnings("default")              # the libraries' own, of each other
def test_a_real_cross_encoder_scores_repeatably(tmp_path: Path) -> None:
    make_tiny_model(tmp_path)
    reranker = CrossEncoderReranker(str(tmp_path))
    texts = ["低保标准", "医疗救助", "申请"]
    assert reranker.scores("低保", texts).shape == (3,)
    assert np.allclose(reranker.scores("低保", texts), reranker.scores("低保", texts))
