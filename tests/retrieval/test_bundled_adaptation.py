"""The adaptation in the package is whole, used by default, and gives here the vectors it gave where it was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.adaptation import Reference, bundled_adaptation
from retrieval.embedding import BuiltinEmbedder, open_embedder

MEGABYTES_AT_MOST = 4


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def adapted(data: Path) -> BuiltinEmbedder:
    embedder = open_embedder("builtin", data)
    assert isinstance(embedder, BuiltinEmbedder)
    return embedder


@pytest.fixture(scope="module")
def plain(data: Path) -> BuiltinEmbedder:
    embedder = open_embedder("builtin-plain", data)
    assert isinstance(embedder, BuiltinEmbedder)
    return embedder


def test_the_made_model_gives_the_vectors_kept_in_the_manifest(adapted: BuiltinEmbedder, plain: BuiltinEmbedder) -> None:
    for reference in bundled_adaptation().references:
        assert cosine(adapted, reference) > 0.98
        assert cosine(plain, reference) < cosine(adapted, reference)


def cosine(embedder: BuiltinEmbedder, reference: Reference) -> float:
    embed = embedder.embed_queries if reference.role == "query" else embedder.embed_passages
    return float(embed([reference.text])[0] @ np.array(reference.vector, np.float32))


def test_default_and_plain_are_told_apart_by_name_and_identity(adapted: BuiltinEmbedder, plain: BuiltinEmbedder) -> None:
    assert adapted.digest != plain.digest
    assert "adapted" in adapted.name
    assert "adapted" not in plain.name


def test_the_adaptation_changes_every_layer_and_stays_small() -> None:
    adaptation = bundled_adaptation()
    assert {name.split(".")[0] for name in adaptation.changes} == {f"l{layer}" for layer in range(12)}
    assert sum(half.nbytes for pair in adaptation.changes.values() for half in pair) < MEGABYTES_AT_MOST * 2**20
    assert 0 < adaptation.strength <= 1
