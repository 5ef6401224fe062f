"""Trains the ranking stage and writes its model.

python -m eval.ranking_training --questions FILE --corpus DIR [--dataset DIR …] [--out FILE]
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from eval.beir import DatasetError, read_beir
from eval.policy_questions import corpus_knowledge, read_policy_questions
from eval.ranking_training.examples import CONDITIONS, Example, PolicyExamples, of_dataset
from eval.ranking_training.questions_left_out import ForgetfulIndex
from eval.ranking_training.training import Comparison, as_data, compared, trained
from retrieval.embedding import BUILTIN_PLAIN, Embedder, EmbeddingError, open_embedder
from retrieval.embedding_store import EmbeddingStore
from retrieval.hybrid import HybridIndex, embedded_texts
from retrieval.index import entries_of
from retrieval.ranking import MODEL_FILE
from retrieval.words import Words

ASKED = 300             # questions people ask, drawn for each condition
MEASURED = 400          # questions of each further set
SEED = 20261121
HEAD = "# Weight of each feature of retrieval/ranking_features.py. Made by python -m eval.ranking_training, never by hand.\n"


def main(
    questions: Annotated[Path, typer.Option(help="residents' questions with their articles (policy_qa, JSON lines)")],
    corpus: Annotated[Path, typer.Option(help="folder of the real documents, with manifest.yaml")],
    dataset: Annotated[list[Path] | None, typer.Option(help="further folders in BEIR form, to measure on; several times")] = None,
    embedding: Annotated[str, typer.Option(help="as YIBENTONG_EMBEDDING")] = BUILTIN_PLAIN,
    on: Annotated[str, typer.Option(help="the day on which the questions people ask are asked")] = "2026-11-21",
    out: Annotated[Path, typer.Option(help="file for the model")] = Path("retrieval") / MODEL_FILE,
) -> None:
    """Example: python -m eval.ranking_training --questions policy_qa/questions.dev.jsonl --corpus corpus"""
    said = Console(stderr=True)
    settings = Settings()
    try:
        if not (corpus / "manifest.yaml").is_file():
            raise DatasetError(f"'{corpus}' holds no manifest.yaml: give the folder of the real documents, e.g. corpus")
        if not questions.is_file():
            raise DatasetError(f"'{questions}' is no file: give the questions, e.g. policy_qa/questions.dev.jsonl")
        embedder = open_embedder(embedding, settings.data_dir, settings.embedding_threads)
        with said.status("examples"):
            examples = _policy_examples(questions, corpus, embedder, settings, date.fromisoformat(on))
            for folder in dataset or ():
                examples += _dataset_examples(folder, embedder, settings.data_dir)
        with said.status("folds"):
            comparisons = compared(examples)
            model = trained(examples)
    except (DatasetError, EmbeddingError, ValueError) as error:
        said.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    data = as_data(model, examples, comparisons, embedder.name)
    out.write_text(HEAD + yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    _show(comparisons)


def _policy_examples(questions: Path, corpus: Path, embedder: Embedder, settings: Settings, on: date) -> list[Example]:
    knowledge = corpus_knowledge(corpus)
    entries = entries_of(knowledge)
    vectors = EmbeddingStore(embedder, settings.data_dir).embed(embedded_texts(entries))
    forgetful = ForgetfulIndex(entries, Words(knowledge.catalogue.lexicon), embedder, vectors)
    making = PolicyExamples(knowledge, forgetful, settings.region, SEED)
    asked = read_policy_questions(questions)
    return [example for condition in CONDITIONS
            for example in (*making.of_questions(asked, condition), *making.of_asked(ASKED, on, condition))]


def _dataset_examples(folder: Path, embedder: Embedder, data_dir: Path) -> list[Example]:
    read = read_beir(folder, limit=MEASURED)
    store = EmbeddingStore(embedder, data_dir)
    return of_dataset(read, HybridIndex.build(read.entries, Words(), embedder, store.embed), MEASURED)


def _show(comparisons: Sequence[Comparison]) -> None:
    table = Table("examples", *(figure.name for figure in comparisons[0].fused), title="fused → ranked, by cross-validation")
    for each in comparisons:
        cells = (f"{before.value * 100:.1f} → {after.value * 100:.1f} [{after.low * 100:.0f}–{after.high * 100:.0f}]"
                 for before, after in zip(each.fused, each.ranked, strict=True))
        table.add_row(each.source, *cells)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
