"""Which share of the dense score is best, chosen by cross-validation: a grid per set, and what each fold would have chosen.

python -m eval.fusion_grid --dataset DIR [--dataset DIR …]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from eval.beir import Dataset, DatasetError, read_beir
from eval.metrics import ndcg_at
from retrieval.embedding import Embedder, EmbeddingError, open_embedder
from retrieval.embedding_store import EmbeddingStore
from retrieval.found import Found
from retrieval.hybrid import HybridIndex
from retrieval.words import Words

SHARES = tuple(round(0.1 * step, 1) for step in range(11))
FOLDS = 5
EVERY_LIST = 400        # every text that any of the four lists brought up


@dataclass(frozen=True, slots=True)
class Grid:
    """nDCG@10 by share, for a whole set and fold by fold; chosen: the share that the other folds would choose for each fold.

    held_out: nDCG@10 of all questions, each under the share chosen without its fold.
    """

    dataset: str
    questions: int
    whole: Mapping[float, float]
    by_fold: Sequence[Mapping[float, float]]
    chosen: Sequence[float]
    held_out: float


def grid(dataset: Dataset, embedder: Embedder, data_dir: Path, *, folds: int = FOLDS, seed: int = 20261121) -> Grid:
    """The grid of one set. Raises DatasetError for fewer questions than folds."""
    if len(dataset.questions) < folds:
        raise DatasetError(f"'{dataset.name}' has {len(dataset.questions)} questions: {folds} folds want at least {folds}")
    store = EmbeddingStore(embedder, data_dir)
    index = HybridIndex.build(dataset.entries, Words(), embedder, store.embed)
    everything = np.ones(len(dataset.entries), np.bool_)
    # One search a question; its two parts are then joined in every share.
    scores = np.array([_of_question(dataset, key, index.find(text, everything, 0.5, depth=EVERY_LIST))
                       for key, text in dataset.questions.items()])
    return chosen_by_folds(dataset.name, scores, folds=folds, seed=seed)


def chosen_by_folds(name: str, scores: NDArray[np.float64], *, folds: int = FOLDS, seed: int = 20261121) -> Grid:
    """scores: one row a question, one column for each of SHARES. Of equal shares the smaller is chosen."""
    fold = np.random.default_rng(seed).permutation(len(scores)) % folds
    picks = [int(scores[fold != number].mean(axis=0).argmax()) for number in range(folds)]
    held_out = float(np.mean([scores[row, picks[number]] for row, number in enumerate(fold)]))
    return Grid(name, len(scores), _named(scores), [_named(scores[fold == number]) for number in range(folds)],
                [SHARES[pick] for pick in picks], held_out)


def _named(scores: NDArray[np.float64]) -> dict[float, float]:
    return dict(zip(SHARES, scores.mean(axis=0).tolist(), strict=True))


def _of_question(dataset: Dataset, key: str, found: Found) -> list[float]:
    figures = []
    for share in SHARES:
        order = np.lexsort((found.positions, -((1 - share) * found.lexical + share * found.dense)))[:10]
        figures.append(ndcg_at(10, [dataset.ids[position] for position in found.positions[order]], dataset.judged[key]))
    return figures


def show(made: Grid, console: Console) -> None:
    table = Table("dense share", "all", *(f"fold {n + 1}" for n in range(len(made.by_fold))),
                  title=f"{made.dataset}: nDCG@10 of {made.questions} questions")
    for share in SHARES:
        table.add_row(f"{share}", f"{made.whole[share] * 100:.1f}", *(f"{fold[share] * 100:.1f}" for fold in made.by_fold))
    console.print(table)
    console.print(f"chosen by the other folds: {', '.join(map(str, made.chosen))}; so measured: {made.held_out * 100:.1f}")


def main(
    dataset: Annotated[list[Path], typer.Option(help="folder in BEIR form; may be given several times")],
    split: Annotated[str | None, typer.Option(help="which judgements, e.g. dev")] = None,
) -> None:
    """Example: python -m eval.fusion_grid --dataset ../shared/bench/ncp_passage"""
    settings, console = Settings(), Console()
    try:
        embedder = open_embedder(settings.embedding, settings.data_dir, settings.embedding_threads)
        for folder in dataset:
            show(grid(read_beir(folder, split=split), embedder, settings.data_dir), console)
    except (DatasetError, EmbeddingError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
