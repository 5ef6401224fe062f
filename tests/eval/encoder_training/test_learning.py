"""The torch encoder is the built-in one, learns only its changes, and a training that was stopped ends as if it had not been."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from eval.encoder_training.batches import Plan
from eval.encoder_training.pairs import Pair
from retrieval.adaptation import Adaptation, halves_by_name
from retrieval.builtin_model import build_graph, build_tokenizer, kept_pieces
from retrieval.wheel_weights import WheelWeights, read_weights
from tests.retrieval import tiny_weights

torch = pytest.importorskip("torch", reason="training is an extra: pip install 'yibentong[transformers]'")

from eval.encoder_training.encoder import Encoder  # noqa: E402 - needs torch
from eval.encoder_training.loop import TrainingError, batch_loss, train  # noqa: E402 - needs torch

PAIRS = [Pair("低保", "医疗", "asked_as", ("低",), frozenset({"医疗"})), Pair("医", "保", "asked_as", (), frozenset({"保"})),
         Pair("20", "低保、", "stard", ("疗",), frozenset({"低保、"})), Pair("疗", "abcd", "stard", (), frozenset({"abcd"}))]
PLAN = Plan(epochs=3, batch=2, rank=2, learning_rate=0.02, temperature=0.1, longest=16, weights={})


@pytest.fixture
def weights(tmp_path: Path) -> WheelWeights:
    tiny_weights.write(tmp_path / "tiny.bin")
    return read_weights(tmp_path / "tiny.bin", sha256=None)


def encoder_of(weights: WheelWeights) -> Encoder:
    return Encoder(weights, PLAN.rank, seed=1, longest=16)


def vectors_of_graph(weights: WheelWeights, texts: list[str]) -> np.ndarray:
    kept = kept_pieces(weights.vocabulary)
    session = onnxruntime.InferenceSession(build_graph(weights, kept).SerializeToString(), providers=["CPUExecutionProvider"])
    encoded = build_tokenizer(weights.vocabulary, kept).encode_batch(texts)
    inputs = {"input_ids": np.array([t.ids for t in encoded]), "attention_mask": np.array([t.attention_mask for t in encoded])}
    found: np.ndarray = session.run(None, inputs)[0]
    return found


def test_an_untrained_encoder_gives_the_vectors_of_the_built_in_model(weights: WheelWeights) -> None:
    texts = ["query: 低保", "passage: 医疗、20"]
    with torch.no_grad():
        found = encoder_of(weights)(texts).numpy()
    assert (found * vectors_of_graph(weights, texts)).sum(axis=1) == pytest.approx([1, 1], abs=5e-3)    # bfloat16 against float32


def test_training_lowers_the_loss_and_its_changes_give_the_built_in_model_the_same_vectors(
    weights: WheelWeights, tmp_path: Path
) -> None:
    encoder, batch = encoder_of(weights), [(pair, None) for pair in PAIRS]
    before = batch_loss(encoder, batch, PLAN.temperature).item()
    train(encoder, PAIRS, PLAN, tmp_path / "state.pt", lambda *_: None)
    assert batch_loss(encoder, batch, PLAN.temperature).item() < before
    adapted = Adaptation(halves_by_name(encoder.changes(), tmp_path), 1.0, "own", "own").applied(weights)
    texts = ["query: 低保", "passage: 医疗"]
    with torch.no_grad():
        found = encoder(texts).numpy()
    assert (found * vectors_of_graph(adapted, texts)).sum(axis=1) == pytest.approx([1, 1], abs=5e-3)


def test_a_training_that_was_stopped_ends_as_if_it_had_not_been(weights: WheelWeights, tmp_path: Path) -> None:
    whole = encoder_of(weights)
    train(whole, PAIRS, PLAN, tmp_path / "whole.pt", lambda *_: None)

    def stop(step: int, _steps: int, _loss: float) -> None:
        if step == 4:
            raise KeyboardInterrupt

    stopped = encoder_of(weights)
    with pytest.raises(KeyboardInterrupt):
        train(stopped, PAIRS, PLAN, tmp_path / "part.pt", stop, keep_every=2)
    seen: list[int] = []
    again = encoder_of(weights)
    train(again, PAIRS, PLAN, tmp_path / "part.pt", lambda step, *_: seen.append(step), keep_every=2)
    assert seen == [3, 4, 5, 6]
    for name, matrix in whole.changes().items():
        assert np.array_equal(matrix, again.changes()[name]), name


def test_the_state_of_another_training_is_not_taken_up(weights: WheelWeights, tmp_path: Path) -> None:
    train(encoder_of(weights), PAIRS, PLAN, tmp_path / "state.pt", lambda *_: None)
    with pytest.raises(TrainingError, match="another training"):
        train(encoder_of(weights), PAIRS[:2], PLAN, tmp_path / "state.pt", lambda *_: None)


def test_a_text_known_to_answer_is_not_counted_against_the_question() -> None:
    both = frozenset({"甲", "乙"})
    known = [(Pair("问", "甲", "s", (), both), "乙"), (Pair("另问", "丙", "s", (), frozenset({"丙"})), None)]
    unknown = [(Pair("问", "甲", "s", (), frozenset({"甲"})), "乙"), known[1]]

    def vectors(texts: list[str]) -> torch.Tensor:
        return torch.nn.functional.normalize(torch.tensor([[1.0 + len(t), float(sum(map(ord, t)) % 7)] for t in texts]), dim=1)

    assert batch_loss(vectors, known, 0.1) < batch_loss(vectors, unknown, 0.1)


def test_the_written_out_step_back_is_the_one_that_torch_would_derive(weights: WheelWeights) -> None:
    encoder = encoder_of(weights)
    chance = torch.Generator().manual_seed(2)
    for matrix in encoder.up.values():
        matrix.data.normal_(0, 0.1, generator=chance)
    value = torch.randn(3, 5, tiny_weights.HIDDEN, generator=chance)
    plain, bias = encoder._frozen["l0.q.w"].float(), encoder._frozen["l0.q.b"].float()
    up, down = encoder.up["l0_q"], encoder.down["l0_q"]
    derived = torch.nn.functional.linear(value, plain + encoder.scale * (up @ down), bias).square().sum()
    wanted = torch.autograd.grad(derived, [up, down])
    found = torch.autograd.grad(encoder._linear("l0.q", value.bfloat16()).float().square().sum(), [up, down])
    for ours, theirs in zip(found, wanted, strict=True):
        assert torch.nn.functional.cosine_similarity(ours.flatten(), theirs.flatten(), dim=0) > 0.999
