"""The adaptation adds exactly what it holds to exactly the weights it was trained for, and anything else is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from retrieval.adaptation import CHANGES, MANIFEST, Adaptation, AdaptationError, Reference, read_adaptation, write_adaptation
from retrieval.builtin_model import ensure_builtin_model, model_digest
from retrieval.embedding import BuiltinEmbedder
from retrieval.wheel_weights import file_sha256, read_weights
from tests.retrieval import tiny_weights
from tests.retrieval.tiny_weights import HIDDEN, INNER

RANK = 2
TEXTS = ["低保", "医疗、低保"]


def changes(seed: int = 5, size: float = 0.2) -> dict[str, np.ndarray]:
    """Changes of two matrices of the tiny model."""
    random = np.random.default_rng(seed)
    shapes = {"l0.q.w.A": (HIDDEN, RANK), "l0.q.w.B": (RANK, HIDDEN), "l1.fi.w.A": (INNER, RANK), "l1.fi.w.B": (RANK, HIDDEN)}
    return {name: random.normal(0, size, shape).astype(np.float16) for name, shape in shapes.items()}


def written(folder: Path, *, strength: float = 0.5, own: Mapping[str, np.ndarray] | None = None) -> Adaptation:
    """An adaptation for whatever tiny weights lie in the folder, written and read again."""
    digest = file_sha256(weights_file(folder))
    write_adaptation(folder / "adapted", own or changes(), strength=strength, training={"pairs": {"asked_as": 7}},
                     references=(Reference("query", "低保", (0.5, 0.25)),), weights_sha256=digest)
    return read_adaptation(folder / "adapted", weights_sha256=digest)


def weights_file(folder: Path) -> Path:
    path = folder / "tiny.bin"
    if not path.exists():
        tiny_weights.write(path)
    return path


def test_the_named_tensors_gain_the_product_times_the_strength_and_all_others_stay(tmp_path: Path) -> None:
    plain = read_weights(weights_file(tmp_path), sha256=None)
    adapted = written(tmp_path, strength=0.5).applied(plain)
    for name, seen in tiny_weights.tensors().items():
        before, after = plain.tensor(name, *seen.shape), adapted.tensor(name, *seen.shape)
        if name in ("l0.q.w", "l1.fi.w"):
            a, b = (changes()[f"{name}.{half}"].astype(np.float32) for half in "AB")
            assert np.array_equal(after, before + np.float32(0.5) * (a @ b))
        else:
            assert np.array_equal(after, before)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    adaptation = written(tmp_path)
    assert adaptation.references == (Reference("query", "低保", (0.5, 0.25)),)
    assert adaptation.training == {"pairs": {"asked_as": 7}}
    assert np.array_equal(adaptation.changes["l1.fi.w"][0], changes()["l1.fi.w.A"])


def test_an_adapted_model_gives_other_vectors_and_the_plain_one_its_old(tmp_path: Path) -> None:
    path, data = weights_file(tmp_path), tmp_path / "data"
    before = BuiltinEmbedder(ensure_builtin_model(data, weights=path, sha256=None)).embed_passages(TEXTS)
    adapted = BuiltinEmbedder(ensure_builtin_model(data, written(tmp_path), weights=path, sha256=None))
    assert not np.allclose(adapted.embed_passages(TEXTS), before, atol=1e-3)
    again = BuiltinEmbedder(ensure_builtin_model(data, weights=path, sha256=None))
    assert np.array_equal(again.embed_passages(TEXTS), before)
    assert adapted.digest != again.digest


def test_the_adapted_model_is_the_same_each_time_it_is_made(tmp_path: Path) -> None:
    folders = [ensure_builtin_model(tmp_path / name, written(tmp_path), weights=weights_file(tmp_path), sha256=None)
               for name in ("first", "second")]
    assert file_sha256(folders[0].model) == file_sha256(folders[1].model)


def test_strength_none_is_the_plain_model(tmp_path: Path) -> None:
    plain = read_weights(weights_file(tmp_path), sha256=None)
    none = written(tmp_path).at(0.0).applied(plain)
    assert np.array_equal(none.tensor("l0.q.w", HIDDEN, HIDDEN), plain.tensor("l0.q.w", HIDDEN, HIDDEN))


def test_another_file_or_strength_is_another_model_and_none_keeps_the_old_name(tmp_path: Path) -> None:
    adaptation = written(tmp_path)
    other = written(tmp_path, own=changes(seed=6))
    names = {model_digest(), model_digest(adaptation=adaptation), model_digest(adaptation=adaptation.at(0.25)),
             model_digest(adaptation=other)}
    assert len(names) == 4
    assert model_digest(adaptation=None) == model_digest()


def test_a_changed_file_is_refused_with_both_digests(tmp_path: Path) -> None:
    written(tmp_path)
    wanted = json.loads((tmp_path / "adapted" / MANIFEST).read_text(encoding="utf-8"))["changes_sha256"]
    (tmp_path / "adapted" / CHANGES).write_bytes(b"other")
    with pytest.raises(AdaptationError, match=rf"its manifest says {wanted}.*builtin-plain"):
        read_adaptation(tmp_path / "adapted", weights_sha256=file_sha256(weights_file(tmp_path)))


def test_an_adaptation_for_other_weights_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(AdaptationError, match="wanted form 1 for weights ffff"):
        read_adaptation(tmp_path / "adapted", weights_sha256="ffff")


@pytest.mark.parametrize(("text", "said"), [
    (None, "cannot be read"), ("{", "cannot be read"), ("[]", "no JSON object"), ("{}", "KeyError"),
])
def test_a_missing_or_broken_manifest_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    written(tmp_path)
    manifest = tmp_path / "adapted" / MANIFEST
    manifest.unlink() if text is None else manifest.write_text(text, encoding="utf-8")
    with pytest.raises(AdaptationError, match=said):
        read_adaptation(tmp_path / "adapted")


@pytest.mark.parametrize(("broken", "said"), [
    ({"l0.q.w.A": np.zeros((HIDDEN, RANK), np.float16)}, "has .* and nothing"),
    ({"l0.q.w.A": np.zeros((HIDDEN, 3)), "l0.q.w.B": np.zeros((2, HIDDEN))}, "rank × inputs"),
    ({"l0.q.w.A": np.full((HIDDEN, 1), np.nan), "l0.q.w.B": np.zeros((1, HIDDEN))}, "no numbers"),
    ({}, "holds no changes"),
])
def test_halves_that_do_not_fit_are_never_written(tmp_path: Path, broken: dict[str, np.ndarray], said: str) -> None:
    with pytest.raises(AdaptationError, match=said):
        write_adaptation(tmp_path / "adapted", broken, strength=1.0, references=(), training={})
    assert not (tmp_path / "adapted").exists()


@pytest.mark.parametrize(("name", "shape", "said"), [
    ("l7.q.w", (HIDDEN, HIDDEN), "'l7.q.w', which .* does not hold"),
    ("l0.q.w", (HIDDEN, 5), "as 32 × 5, the weights have it as 32 × 32"),
])
def test_a_foreign_tensor_or_shape_is_quoted(tmp_path: Path, name: str, shape: tuple[int, int], said: str) -> None:
    own = {f"{name}.A": np.ones((shape[0], 1), np.float16), f"{name}.B": np.ones((1, shape[1]), np.float16)}
    adaptation = written(tmp_path, own=own)
    with pytest.raises(AdaptationError, match=said):
        ensure_builtin_model(tmp_path / "data", adaptation, weights=weights_file(tmp_path), sha256=None)
    assert list((tmp_path / "data" / "models").iterdir()) == []
