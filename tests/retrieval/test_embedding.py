"""Embedders: the built-in one agrees with the wheel's engine, falls back to it, and every wrong setting is explained."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from retrieval import embedding
from retrieval.embedding import BuiltinEmbedder, EmbeddingError, NoEmbedder, WheelEmbedder, batches, open_embedder
from retrieval.wheel_weights import BuiltinModelError

QUESTIONS = [
    "低保审批一般要多久？", "家里急用钱，能不能先给一点", "残疾人护理补贴 怎么申请", "我妈72岁，一个人住，退休金一个月900块",
]
PASSAGES = [
    "街道办事处、乡镇人民政府应当自受理申请之日起二十个工作日内完成审核，特殊情况不超过四十五个工作日。",
    "对生活无着的流浪、乞讨人员，救助管理站提供食物、住处，并联系亲属。",
    "医疗救助对象的住院费用，经基本医疗保险、大病保险支付后，剩余部分按比例救助（不低于70%）。",
    "第十八条　有下列情形之一的：（一）无劳动能力；（二）无生活来源；（三）无法定赡养、抚养、扶养义务人。",
]


@pytest.fixture(scope="module")
def builtin(tmp_path_factory: pytest.TempPathFactory) -> BuiltinEmbedder:
    embedder = open_embedder("builtin-plain", tmp_path_factory.mktemp("data"), threads=2)
    assert isinstance(embedder, BuiltinEmbedder)
    return embedder


@pytest.fixture(scope="module")
def engine() -> WheelEmbedder:
    return WheelEmbedder(threads=2)


def test_the_built_in_model_agrees_with_the_wheels_own_engine(builtin: BuiltinEmbedder, engine: WheelEmbedder) -> None:
    for ours, theirs in (
        (builtin.embed_queries(QUESTIONS), engine.embed_queries(QUESTIONS)),
        (builtin.embed_passages(PASSAGES), engine.embed_passages(PASSAGES)),
    ):
        assert ours.shape == theirs.shape == (4, 384)
        assert ((ours * theirs).sum(axis=1) >= 0.99).all()


def test_vectors_have_length_one_and_lie_in_the_order_of_the_texts(builtin: BuiltinEmbedder) -> None:
    together = builtin.embed_passages(PASSAGES * 3)
    alone = np.concatenate([builtin.embed_passages([text]) for text in PASSAGES])
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    # 8-bit activations are scaled per batch, so the last decimals depend on the neighbours.
    assert ((together[:4] * alone).sum(axis=1) > 0.98).all()


def test_a_question_lies_nearest_to_the_passage_that_answers_it(builtin: BuiltinEmbedder) -> None:
    cosines = builtin.embed_passages(PASSAGES) @ builtin.embed_queries(["低保审批一般要多久？"])[0]
    assert int(cosines.argmax()) == 0


@pytest.mark.parametrize("text", ["", " ", "字" * 3000, "\x00\u200b", "🙏 ok", "한국어 текст"])
def test_any_text_gets_a_vector(builtin: BuiltinEmbedder, text: str) -> None:
    assert np.isfinite(builtin.embed_passages([text])).all()
    assert np.isfinite(builtin.embed_queries([text])).all()


def test_no_texts_give_no_rows(builtin: BuiltinEmbedder) -> None:
    assert builtin.embed_queries([]).shape == builtin.embed_passages([]).shape == (0, 384)


def test_several_threads_get_the_same_vectors(builtin: BuiltinEmbedder) -> None:
    expected = [builtin.embed_passages([text]) for text in PASSAGES]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: builtin.embed_passages([text]), PASSAGES * 3))
    assert all(np.array_equal(vector, expected[i % 4]) for i, vector in enumerate(found))


def test_when_the_model_cannot_be_made_the_wheels_engine_answers_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_data_dir: Path, _adaptation: object) -> None:
        raise BuiltinModelError("disk full")

    monkeypatch.setattr(embedding, "ensure_builtin_model", fails)
    with caplog.at_level(logging.WARNING):
        embedder = open_embedder("builtin", tmp_path)
    assert isinstance(embedder, WheelEmbedder)
    assert "disk full" in caplog.text


def test_none_gives_vectors_of_no_size(tmp_path: Path) -> None:
    embedder = open_embedder("none", tmp_path)
    assert isinstance(embedder, NoEmbedder)
    assert embedder.embed_queries(["低保"]).shape == (1, 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("setting", ["", "  "])
def test_a_setting_that_cannot_be_meant_is_quoted_with_an_example(tmp_path: Path, setting: str) -> None:
    with pytest.raises(EmbeddingError, match=r"e\.g\. /srv/models"):
        open_embedder(setting, tmp_path)


def test_a_missing_extra_is_named_with_the_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EmbeddingError, match=r"pip install 'yibentong\[transformers\]'"):
        open_embedder("/srv/models/bge-small-zh", tmp_path)


class SmallTransformer:
    """What we use of sentence-transformers, over texts' lengths."""

    opened_with: dict[str, str] | None = None

    def __init__(self, model: str, prompts: dict[str, str] | None, device: str) -> None:
        if "missing" in model:
            raise OSError(f"{model} is not cached")
        type(self).opened_with = prompts

    def encode_query(self, texts: Sequence[str], *, normalize_embeddings: bool, show_progress_bar: bool) -> np.ndarray:
        assert normalize_embeddings
        assert not show_progress_bar
        return np.array([[1.0, 0.0] for _ in texts])

    def encode_document(self, texts: Sequence[str], *, normalize_embeddings: bool, show_progress_bar: bool) -> np.ndarray:
        return np.array([[0.6, 0.8] for _ in texts])


@pytest.fixture
def _transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "")        # so that what the code sets is taken back after the test
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=SmallTransformer))


@pytest.mark.usefixtures("_transformers")
def test_another_model_embeds_questions_and_passages_each_in_its_way_and_never_calls_out(tmp_path: Path) -> None:
    import os

    embedder = open_embedder(str(tmp_path / "bge"), tmp_path)
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert embedder.dimension == 2
    assert embedder.embed_queries(["a"]).tolist() == [[1.0, 0.0]]
    assert embedder.embed_passages(["a", "b"]).dtype == np.float32
    assert embedder.embed_passages([]).shape == (0, 2)
    assert SmallTransformer.opened_with is None


@pytest.mark.usefixtures("_transformers")
def test_a_model_of_the_e5_family_gets_its_words_in_front(tmp_path: Path) -> None:
    open_embedder("models/my-e5-small", tmp_path)
    assert SmallTransformer.opened_with == {"query": "query: ", "document": "passage: "}


@pytest.mark.usefixtures("_transformers")
def test_a_model_that_is_not_there_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match="'missing-model' cannot be opened"):
        open_embedder("missing-model", tmp_path)


@pytest.mark.usefixtures("_transformers")
def test_a_model_trained_again_in_place_counts_as_another(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_bytes(b"1")
    before = open_embedder(str(tmp_path / "model"), tmp_path).digest
    (tmp_path / "model" / "weights").write_bytes(b"22")
    assert open_embedder(str(tmp_path / "model"), tmp_path).digest != before


def test_batches_hold_every_text_once_and_stay_small() -> None:
    lengths = [5, 400, 30, 2000, 7, *([20] * 100)]
    groups = list(batches(lengths))
    assert sorted(position for group in groups for position in group) == list(range(len(lengths)))
    assert max(map(len, groups)) <= embedding.BATCH_TEXTS
    for group in groups:
        longest = min(embedding.LONGEST_TEXT_TOKENS, max(lengths[i] for i in group) * 0.75)
        assert len(group) * longest <= embedding.BATCH_TOKENS


def test_a_question_asked_again_is_not_computed_again(builtin: BuiltinEmbedder) -> None:
    first = builtin.embed_queries(["刚才问过的问题"])[0]
    calls: list[str] = []
    remembered = embedding.RememberedQueries(lambda text: calls.append(text) or np.ones(2, np.float32), size=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        remembered(text)
    assert calls == ["a", "b", "c", "b"]        # b was the longest unused when c came
    assert np.array_equal(builtin.embed_queries(["刚才问过的问题"])[0], first)
