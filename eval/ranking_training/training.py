"""Training the ranking stage: examples, figures by cross-validation, and the model with the record of how it came about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics import Figure, hit_at, mean_with_interval, ndcg_at, recall_at
from eval.ranking_training.examples import NOT_JUDGED, Example
from eval.ranking_training.fitting import fit
from retrieval.lexical import Floats
from retrieval.ranking import RankingModel
from retrieval.ranking_features import FEATURES

SHARES = {"policy_qa all": 4.0, "policy_qa gold": 1.0, "asked all": 0.5, "asked gold": 0.5, "asked half": 0.5}
"""What each source of examples counts. Sets that come for evaluation only are measured and never trained on."""

RIDGE = 0.5
FOLDS = 5

Scores = Callable[[Example], Floats]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of one source, before (fused score) and after (the model, fitted without the question's own fold)."""

    source: str
    fused: Sequence[Figure]
    ranked: Sequence[Figure]


def trained(examples: Sequence[Example]) -> RankingModel:
    """The model of all examples whose source has a share."""
    return fit(examples, SHARES, RIDGE)


def compared(examples: Sequence[Example], *, folds: int = FOLDS, seed: int = 20261121) -> list[Comparison]:
    """One comparison a source. Examples that answer with the same texts never stand on both sides of a fold."""
    groups = sorted({example.group for example in examples})
    fold = dict(zip(groups, (np.random.default_rng(seed).permutation(len(groups)) % folds).tolist(), strict=True))
    models = [fit([e for e in examples if fold[e.group] != number], SHARES, RIDGE) for number in range(folds)]

    def by_model(example: Example) -> Floats:
        model: RankingModel = models[fold[example.group]]
        return model.scores(example.features)

    sources = dict.fromkeys(example.source for example in examples)
    return [Comparison(source, _figures([e for e in examples if e.source == source], _by_fused),
                       _figures([e for e in examples if e.source == source], by_model)) for source in sources]


def _by_fused(example: Example) -> Floats:
    fused: Floats = example.features[:, FEATURES.index("fused")]
    return fused


def _figures(examples: Sequence[Example], scores: Scores) -> list[Figure]:
    pairs = [(_ranking(example, scores(example)), example.judged) for example in examples]
    return [
        mean_with_interval("hit@1", [hit_at(1, ranking, judged) for ranking, judged in pairs]),
        mean_with_interval("recall@1", [recall_at(1, ranking, judged) for ranking, judged in pairs]),
        mean_with_interval("recall@5", [recall_at(5, ranking, judged) for ranking, judged in pairs]),
        mean_with_interval("ndcg@10", [ndcg_at(10, ranking, judged) for ranking, judged in pairs]),
    ]


def _ranking(example: Example, scores: Floats) -> list[str]:
    """Names of the judged texts, best first under the policy weights, each once."""
    order = np.argsort(-scores * example.weights, kind="stable")
    return list(dict.fromkeys(example.names[row] for row in order if example.grades[row] != NOT_JUDGED))


def as_data(
    model: RankingModel, examples: Sequence[Example], comparisons: Sequence[Comparison], embedder: str
) -> Mapping[str, object]:
    """The content of the model's file: weights by feature, and how it was trained."""
    counts = {source: sum(example.source == source for example in examples) for source in SHARES}
    return {
        "weights": {name: round(float(weight), 5) for name, weight in zip(FEATURES, model.weights, strict=True)},
        "trained": {
            "command": "python -m eval.ranking_training", "embedder": embedder, "ridge": RIDGE, "folds": FOLDS,
            "shares": dict(SHARES), "examples": counts,
            "figures": {c.source: {figure.name: {"fused": round(before.value, 3), "ranked": round(figure.value, 3)}
                                   for before, figure in zip(c.fused, c.ranked, strict=True)} for c in comparisons},
        },
    }
