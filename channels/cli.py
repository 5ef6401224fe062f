"""The console script yibentong: all commands in one place, each defined in channels/commands or by an installed plug-in."""

from __future__ import annotations

import warnings
from importlib.metadata import entry_points

import typer

from channels.commands import asking, casework, handbook, library, screening, serving, staff
from retrieval.embedding import EmbeddingError
from retrieval.reranking import RerankingError
from retrieval.searcher import SearchError

COMMANDS = "yibentong.commands"
"""Entry point group of further commands: evaluation, benchmarks and the WeChat phone live in eval, which nothing may import."""


def build() -> typer.Typer:
    app = typer.Typer(
        name="yibentong",
        help="一本通：长宁区社会救助咨询助手",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for group in (serving.app, asking.app, screening.app, library.app):
        app.add_typer(group)
    app.add_typer(handbook.app, name="handbook")
    app.add_typer(casework.app, name="case")
    app.add_typer(staff.app, name="user")
    for point in sorted(entry_points(group=COMMANDS), key=lambda point: point.name):
        app.add_typer(point.load())
    return app


def main() -> None:
    # Libraries warn developers about their own futures; operators reading a terminal can do nothing about it.
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        build()()
    except (EmbeddingError, RerankingError, SearchError) as error:
        # What a setting names cannot be opened or reached: one sentence for the operator, who can mend it.
        typer.echo(str(error), err=True)
        raise SystemExit(1) from error
