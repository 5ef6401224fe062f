"""The vector index: exact, filtered before ranking, one place per owner."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.vectors import VectorIndex


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


EAST, NORTH, NORTH_EAST = unit(1, 0), unit(0, 1), unit(1, 1)
ALL = np.ones(3, np.bool_)


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex(np.stack([EAST, NORTH, NORTH_EAST, EAST]), np.array([0, 1, 2, 2], np.int32))


def test_the_nearest_comes_first_and_an_owner_counts_by_its_best_vector(index: VectorIndex) -> None:
    nearest = index.nearest(EAST, ALL, 3)
    assert list(nearest) == [0, 2, 1]
    assert nearest[2] == pytest.approx(1.0)


def test_what_is_not_allowed_never_takes_a_place(index: VectorIndex) -> None:
    assert list(index.nearest(EAST, np.array([False, True, True]), 1)) == [2]
    assert index.nearest(EAST, np.array([False, False, False]), 3) == {}


def test_limit_counts_owners(index: VectorIndex) -> None:
    assert len(index.nearest(EAST, ALL, 2)) == 2


def test_the_cosine_of_one_owner_can_be_asked_for(index: VectorIndex) -> None:
    assert index.cosine(EAST, 2) == pytest.approx(1.0)
    assert index.cosine(NORTH, 0) == pytest.approx(0.0)
    assert index.cosine(NORTH, 9) is None


def test_filtering_agrees_with_a_complete_comparison() -> None:
    random = np.random.default_rng(7)
    vectors = random.normal(size=(300, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = np.sort(random.integers(0, 100, 300)).astype(np.int32)
    allowed = random.random(100) < 0.3
    index = VectorIndex(vectors, owners)
    question = vectors[0]
    best = {o: float((vectors[owners == o] @ question).max()) for o in np.unique(owners).tolist() if allowed[o]}
    expected = sorted(best, key=lambda owner: -best[owner])[:10]
    assert list(index.nearest(question, allowed, 10)) == expected


def test_an_index_without_vectors_finds_nothing() -> None:
    empty = VectorIndex(np.zeros((0, 0), np.float32), np.zeros(0, np.int32))
    assert empty.nearest(np.zeros(0, np.float32), np.zeros(0, np.bool_), 5) == {}
    assert empty.usual(np.zeros(0, np.float32)) == (0.0, 1.0)


def test_what_is_usual_agrees_with_the_cosines_themselves() -> None:
    random = np.random.default_rng(11)
    vectors = random.normal(1, 1, (50, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors[3]
    mean, spread = VectorIndex(vectors, np.arange(50, dtype=np.int32)).usual(vectors[3])
    assert (mean, spread) == (pytest.approx(float(cosines.mean()), abs=1e-5), pytest.approx(float(cosines.std()), abs=1e-5))


def test_an_index_of_one_vector_has_some_spread() -> None:
    assert VectorIndex(EAST[None], np.array([0], np.int32)).usual(EAST)[1] > 0


def test_vectors_and_owners_must_pair() -> None:
    with pytest.raises(ValueError, match="2 vectors but 1 owners"):
        VectorIndex(np.stack([EAST, NORTH]), np.array([0], np.int32))


# --- many vectors, many owners ------------------------------------------------------------------------------------------


def scattered(count: int, owners: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Random unit vectors of a few numbers, and an owner for each."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), random.integers(0, owners, count).astype(np.int32)


def test_cosines_of_several_owners_come_in_the_order_asked_for(index: VectorIndex) -> None:
    cosines = index.cosines(NORTH, [2, 9, 0, 2])
    assert cosines[[0, 2, 3]].tolist() == pytest.approx([2**-0.5, 0.0, 2**-0.5])
    assert np.isnan(cosines[1])
    assert index.cosines(NORTH, []).shape == (0,)


def test_cosines_agree_with_a_complete_comparison() -> None:
    vectors, owners = scattered(400, 60)
    cosines = VectorIndex(vectors, owners).cosines(vectors[5], range(60))
    for owner in range(60):
        mine = vectors[owners == owner] @ vectors[5]
        assert (np.isnan(cosines[owner]) and not len(mine)) or cosines[owner] == pytest.approx(float(mine.max()), abs=1e-6)


def test_answers_do_not_depend_on_the_order_of_arrival() -> None:
    vectors, owners = scattered(300, 80)
    shuffled = np.random.default_rng(1).permutation(300)
    allowed = np.ones(80, np.bool_)
    first = VectorIndex(vectors, owners).nearest(vectors[0], allowed, 20)
    second = VectorIndex(vectors[shuffled], owners[shuffled]).nearest(vectors[0], allowed, 20)
    assert list(first) == list(second)


def test_of_equals_at_the_cut_the_first_owners_are_given() -> None:
    vectors = np.stack([NORTH_EAST, *[EAST] * 30, NORTH])
    owners = np.arange(len(vectors), dtype=np.int32)[::-1].copy()
    assert list(VectorIndex(vectors, owners).nearest(EAST, np.ones(len(vectors), np.bool_), 4)) == [1, 2, 3, 4]


def test_an_owner_with_very_many_vectors_does_not_push_the_others_out() -> None:
    vectors = np.stack([*[EAST] * 50, NORTH_EAST, NORTH])
    owners = np.array([*[0] * 50, 1, 2], np.int32)
    assert list(VectorIndex(vectors, owners).nearest(EAST, ALL, 3)) == [0, 1, 2]


@pytest.mark.parametrize("share", [1.0, 0.5, 0.02])
def test_above_the_exact_size_a_graph_finds_nearly_the_same(share: float) -> None:
    vectors, owners = scattered(3000, 3000)
    allowed = np.random.default_rng(2).random(3000) < share
    exact, graph = VectorIndex(vectors, owners), VectorIndex(vectors, owners, exact_up_to=1000)
    common = sum(len(set(exact.nearest(v, allowed, 10)) & set(graph.nearest(v, allowed, 10))) for v in vectors[:50])
    assert common >= 0.97 * sum(len(exact.nearest(v, allowed, 10)) for v in vectors[:50])
    assert all(allowed[owner] for owner in graph.nearest(vectors[0], allowed, 10))


def test_the_graph_gives_the_same_answers_when_built_again() -> None:
    vectors, owners = scattered(2000, 2000)
    allowed = np.ones(2000, np.bool_)
    built = [VectorIndex(vectors, owners, exact_up_to=0).nearest(vectors[7], allowed, 30) for _ in range(2)]
    assert built[0] == built[1]
