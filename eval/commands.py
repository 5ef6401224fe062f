"""Commands that eval adds to the command line: eval, bench, wechat simulate."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.assembly import Product, open_product
from bot.settings import Settings
from eval import (
    answer_speed,
    answers,
    assess_speed,
    crisis,
    dialogue_length,
    dialogues,
    facts_read,
    retrieval_speed,
    routing,
    screening_speed,
)
from eval.beir import DatasetError
from eval.figures import Outcome, as_dict, verdicts, write_table
from eval.retrieval import main as retrieval_run
from eval.wechat_phone import simulate
from migrations.running import upgrade
from retrieval.embedding import EmbeddingError

app = typer.Typer()
wechat = typer.Typer(help="微信：模拟居民的手机")
wechat.command("simulate")(simulate)
app.add_typer(wechat, name="wechat")

SUITES = ("crisis", "routing", "facts", "answers", "dialogues", "dialogue-length")
BENCHES = ("answers", "assess", "screening", "retrieval")
AsJson = Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON")]


@app.command("eval")
def run_suite(
    suite: Annotated[str, typer.Argument(help="crisis、routing、facts、answers、dialogues、dialogue-length、retrieval 或 all")],
    dataset: Annotated[Path | None, typer.Option(help="retrieval：BEIR 形式的文件夹，或居民问题（policy_qa）的文件夹")] = None,
    corpus: Annotated[Path | None, typer.Option(help="retrieval：居民问题所问的政策文件，带 manifest.yaml")] = None,
    split: Annotated[str | None, typer.Option(help="retrieval：用哪一份判定，例如 dev")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="retrieval：只问前面几个")] = None,
    noise: Annotated[float, typer.Option(min=0, max=1, help="retrieval：问题里多少比例的字写错、听错，例如 0.1")] = 0.0,
    unseen: Annotated[bool, typer.Option("--unseen", help="retrieval：居民问题，当作答案所在的文件没有配过问法")] = False,
    readme: Annotated[Path | None, typer.Option(help="把结果表写进这个 README")] = None,
    as_json: AsJson = False,
) -> None:
    """跑评测。例：yibentong eval all；yibentong eval retrieval --dataset 文件夹"""
    if suite == "retrieval":
        if dataset is None:
            typer.echo("eval retrieval 需要 --dataset 文件夹（BEIR 形式：corpus.jsonl、queries.jsonl、qrels）", err=True)
            raise typer.Exit(2)
        retrieval_run(dataset, corpus, split, limit, noise, unseen, as_json)
        return
    if suite != "all" and suite not in SUITES:
        typer.echo(f"没有“{suite}”这个套件；可选：{'、'.join((*SUITES, 'retrieval', 'all'))}", err=True)
        raise typer.Exit(2)
    outcomes = asyncio.run(_outcomes(SUITES if suite == "all" else (suite,)))
    if readme is not None:
        write_table(readme, outcomes)
    if as_json:
        _print({"suites": [as_dict(outcome) for outcome in outcomes]}, as_json)
    else:
        for outcome in outcomes:
            _print_outcome(outcome)
    if any(verdict.word == "off" for outcome in outcomes for verdict in verdicts(outcome)):
        raise typer.Exit(1)


async def _outcomes(suites: tuple[str, ...]) -> list[Outcome]:
    outcomes = []
    async with scratch_product() as product:
        for suite in suites:
            match suite:
                case "crisis":
                    outcomes.append(crisis.run())
                case "routing":
                    outcomes.append(routing.run())
                case "facts":
                    outcomes.append(facts_read.run())
                case "answers":
                    outcomes.append(await answers.run(product))
                case "dialogue-length":
                    outcomes.append(dialogue_length.run())
                case _:
                    outcomes.append(await dialogues.run(product))
    return outcomes


@asynccontextmanager
async def scratch_product() -> AsyncIterator[Product]:
    """A product with the bundled handbook and a database of its own; models and embeddings are those of the settings' folder."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        scratch = settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{folder}/eval.sqlite3"})
        await asyncio.to_thread(upgrade, scratch.database)
        product = await open_product(scratch)
        try:
            yield product
        finally:
            await product.close()


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="、".join(BENCHES))] = "answers",
    households: Annotated[int, typer.Option(min=1000, help="screening：多少户")] = 1_000_000,
    openfisca_python: Annotated[
        str | None, typer.Option("--openfisca-python", help="screening：装有 openfisca-core 的另一个 Python")
    ] = None,
    sizes: Annotated[str, typer.Option(help="retrieval：多少条文本，逗号隔开")] = "5000,62000",
    dataset: Annotated[Path | None, typer.Option(help="retrieval：BEIR 形式的文件夹；不给：一本通和它的问法")] = None,
    filler: Annotated[Path | None, typer.Option(help="retrieval：用来凑数的文本，BEIR 形式；不给：用一本通的句子拼")] = None,
    as_json: AsJson = False,
) -> None:
    """跑基准。例：yibentong bench answers --json；yibentong bench retrieval --sizes 5000"""
    if name not in BENCHES:
        typer.echo(f"没有“{name}”这个基准；可选：{'、'.join(BENCHES)}", err=True)
        raise typer.Exit(2)
    if name == "screening":
        _print(screening_speed.run(households, openfisca_python=openfisca_python), as_json)
        return
    if name == "retrieval":
        _bench_retrieval(sizes, dataset, filler, as_json)
        return
    _print(assess_speed.run() if name == "assess" else asyncio.run(_bench()), as_json)


async def _bench() -> dict[str, Any]:
    async with scratch_product() as product:
        return await answer_speed.run(product)


def _bench_retrieval(sizes: str, dataset: Path | None, filler: Path | None, as_json: bool) -> None:
    try:
        with Console(stderr=True).status("…") as status:
            report = retrieval_speed.run(retrieval_speed.sizes_of(sizes), dataset=dataset, filler=filler, said=status.update)
    except (DatasetError, EmbeddingError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        _print(report, as_json)
    else:
        retrieval_speed.show(report, Console())


def _print(figures: dict[str, Any], as_json: bool) -> None:
    typer.echo(json.dumps(figures, ensure_ascii=False, indent=None if as_json else 2))


def _print_outcome(outcome: Outcome) -> None:
    words = {verdict.figure: verdict.word for verdict in verdicts(outcome)}
    for name, share in outcome.shares.items():
        low, high = share.interval
        typer.echo(
            f"{outcome.suite:<10} {name:<12} {share.value:.3f} ({share.right}/{share.total}; {low:.3f}–{high:.3f}) "
            f"{words.get(name, '')}"
        )
    for name, figure in outcome.notes.get("by_fact", {}).items():
        low, high = figure["interval"]
        typer.echo(f"    {name:<32} {figure['value']:.3f} ({figure['right']}/{figure['total']}; {low:.3f}–{high:.3f})")
    for fault in outcome.wrong:
        typer.echo(f"    {fault}")
