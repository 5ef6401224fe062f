"""The built-in model computes what the weights say, in the vocabulary that is left, and appears whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from retrieval.builtin_model import build_graph, build_tokenizer, ensure_builtin_model, is_kept, kept_pieces, model_digest
from retrieval.embedding import BuiltinEmbedder
from retrieval.wheel_weights import BuiltinModelError, WheelWeights, read_weights
from tests.retrieval import tiny_weights


@pytest.fixture
def weights(tmp_path: Path) -> WheelWeights:
    tiny_weights.write(tmp_path / "tiny.bin")
    return read_weights(tmp_path / "tiny.bin", sha256=None)


@pytest.mark.parametrize("piece", ["低保", "▁医", "疗", "▁query", "▁passage", ":", "20", "abcd", "é", "、", "▁", "％"])
def test_pieces_of_chinese_and_short_latin_stay(piece: str) -> None:
    assert is_kept(piece)


@pytest.mark.parametrize("piece", ["كتاب", "abcde", "ünlü", "Straße", "привет", "かな"])
def test_pieces_of_other_languages_go(piece: str) -> None:
    assert not is_kept(piece)


def test_special_pieces_stay_whatever_they_look_like(weights: WheelWeights) -> None:
    kept = kept_pieces(weights.vocabulary)
    assert [weights.vocabulary.pieces[i] for i in kept[:4]] == ["<s>", "<pad>", "</s>", "<unk>"]


def test_the_tokenizer_marks_begin_and_end_and_cuts_by_the_pieces_that_are_left(weights: WheelWeights) -> None:
    tokenizer = build_tokenizer(weights.vocabulary, kept_pieces(weights.vocabulary))
    assert tokenizer.encode("query: 低保").tokens == ["<s>", "▁query", ":", "▁", "低保", "</s>"]


def test_the_graph_computes_what_the_weights_say(tmp_path: Path) -> None:
    seen = tiny_weights.write(tmp_path / "tiny.bin")
    weights = read_weights(tmp_path / "tiny.bin", sha256=None)
    everything = np.arange(len(tiny_weights.PIECES))
    graph = build_graph(weights, everything).SerializeToString()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    short, long = [0, 7, 2], [0, 8, 9, 4, 7, 2]
    ids = np.array([[*short, 1, 1, 1], long], np.int64)
    mask = np.array([[1, 1, 1, 0, 0, 0], [1] * 6], np.int64)
    (vectors,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    assert np.allclose(vectors, [tiny_weights.embed(seen, short), tiny_weights.embed(seen, long)], atol=1e-4)


def made_in(data_dir: Path, weights: WheelWeights) -> BuiltinEmbedder:
    return BuiltinEmbedder(ensure_builtin_model(data_dir, weights=weights.path, sha256=None), threads=1)


def test_a_made_model_embeds_and_is_not_made_again(tmp_path: Path, weights: WheelWeights) -> None:
    first = made_in(tmp_path, weights)
    vectors = first.embed_passages(["低保", "医疗、低保"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    weights.path.unlink()                   # making it again would now fail
    assert np.array_equal(made_in(tmp_path, weights).embed_passages(["低保", "医疗、低保"]), vectors)


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json", "manifest.json"])
def test_a_damaged_folder_is_made_again(tmp_path: Path, weights: WheelWeights, name: str) -> None:
    folder = ensure_builtin_model(tmp_path, weights=weights.path, sha256=None)
    (folder.path / name).write_bytes(b"{")
    again = ensure_builtin_model(tmp_path, weights=weights.path, sha256=None)
    assert json.loads((again.path / "manifest.json").read_text(encoding="utf-8"))["sizes"]
    assert BuiltinEmbedder(again).dimension == tiny_weights.HIDDEN
    assert [path.name for path in again.path.parent.iterdir()] == [again.path.name]


def test_weights_that_cannot_be_read_leave_no_folder(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"E5S1")
    with pytest.raises(BuiltinModelError):
        ensure_builtin_model(tmp_path / "data", weights=tmp_path / "x.bin", sha256=None)
    assert list((tmp_path / "data" / "models").iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, weights: WheelWeights) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(BuiltinModelError, match=r"cannot write .*YIBENTONG_DATA_DIR"):
        ensure_builtin_model(tmp_path / "file", weights=weights.path, sha256=None)


def test_other_weights_get_another_folder() -> None:
    assert model_digest("a" * 64) != model_digest("b" * 64)
