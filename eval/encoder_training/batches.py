"""What one step learns from: a plan of the training, and its pairs in batches that are hard to tell apart."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from eval.encoder_training.pairs import Pair

Batch = list[tuple[Pair, str | None]]
"""Pairs, each with a text that looks right and is not, or with none."""

SOURCE_WEIGHTS: Mapping[str, float] = {"asked_as": 0.7, "sister": 0.15, "policy_qa": 3.0, "district_hay": 2.0, "ncp_answer": 0.6}
"""Copies of a source's pairs in one epoch; 1 for a source not named. What residents ask counts more than what is plentiful."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a training apart from its pairs. weights: as SOURCE_WEIGHTS.

    temperature: cosines are divided by it. longest: tokens of a text, the rest is cut.
    """

    epochs: int = 3
    batch: int = 64
    rank: int = 16
    learning_rate: float = 5e-4
    temperature: float = 0.02
    longest: int = 128
    seed: int = 20261122
    weights: Mapping[str, float] = field(default_factory=lambda: dict(SOURCE_WEIGHTS))


def epoch_batches(pairs: Sequence[Pair], plan: Plan, epoch: int) -> list[Batch]:
    """Batches of one source each, in random order; the epoch's number decides the chance.

    Pairs of one passage and passages of one document stay side by side: what else a batch holds is then hard to tell apart, and
    a passage asked after by five questions is computed once. One negative is drawn for each passage.
    """
    chance = random.Random(f"{plan.seed} {epoch}")
    batches: list[Batch] = []
    for source in sorted({pair.source for pair in pairs}):
        own = _copies([pair for pair in pairs if pair.source == source], plan.weights.get(source, 1.0), chance)
        ordered = _side_by_side(own, chance)
        parts = (ordered[at:at + plan.batch] for at in range(0, len(ordered), plan.batch))
        batches += [_drawn(part, chance) for part in parts if len(part) > 1]
    chance.shuffle(batches)
    return batches


def _side_by_side(pairs: Sequence[Pair], chance: random.Random) -> list[Pair]:
    groups: dict[str, dict[str, list[Pair]]] = {}
    for pair in pairs:
        groups.setdefault(min(pair.documents, default=""), {}).setdefault(pair.passage, []).append(pair)
    ordered: list[Pair] = []
    for document in chance.sample(sorted(groups), len(groups)):
        passages = groups[document]
        for passage in chance.sample(sorted(passages), len(passages)):
            ordered += chance.sample(passages[passage], len(passages[passage]))
    return ordered


def _drawn(pairs: Sequence[Pair], chance: random.Random) -> Batch:
    seen: set[str] = set()
    batch: Batch = []
    for pair in pairs:
        negative = chance.choice(pair.negatives) if pair.negatives and pair.passage not in seen else None
        seen.add(pair.passage)
        batch.append((pair, negative))
    return batch


def _copies(pairs: Sequence[Pair], weight: float, chance: random.Random) -> list[Pair]:
    whole = int(weight)
    return [*pairs] * whole + chance.sample(list(pairs), round((weight - whole) * len(pairs)))


def identity(pairs: Sequence[Pair], plan: Plan) -> str:
    """Names a training by its plan and pairs, so that a state is taken up only by the same one."""
    digest = hashlib.sha256(repr(sorted(asdict(plan).items(), key=lambda item: item[0])).encode())
    for pair in pairs:
        digest.update(repr((pair.question, pair.passage, pair.source, pair.negatives)).encode())
    return digest.hexdigest()
