"""What every command shares: settings, the opened product or library, one way to print and one way to fail."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.assembly import Product, open_product
from bot.clock import now
from bot.settings import Settings
from knowledge.catalogue import Catalogue
from knowledge.database import Sessions, open_engine
from knowledge.storage import KnowledgeStore
from migrations.running import upgrade

ERRORS = Console(stderr=True, highlight=False)
T = TypeVar("T")

FAILED, WRONG_USAGE = 1, 2


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Ends the command with a message on stderr: code 1, the thing asked failed; 2, wrong usage."""
    ERRORS.print(message, style="red", markup=False)
    raise typer.Exit(code)


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"YIBENTONG_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']} ({e['input']!r})" for e in error.errors()
        )
        fail(f"settings are wrong: {wrong}", WRONG_USAGE)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def day(text: str | None) -> date | None:
    """A day given on the command line, as 2026-07-01."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"“{text}” 不是日期；要写成 年-月-日，例如 2026-07-01", WRONG_USAGE)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A callback (done, total) that draws a bar on stderr, in a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@asynccontextmanager
async def opened_product(settings: Settings | None = None) -> AsyncIterator[Product]:
    """The whole product, migrated and with its index."""
    settings = settings or read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(upgrade, settings.database)
    with progress_bar("建索引") as progress:
        product = await open_product(settings, progress=progress)
    try:
        yield product
    finally:
        await product.close()


@asynccontextmanager
async def opened_library() -> AsyncIterator[KnowledgeStore]:
    """The knowledge base alone: no model, no index."""
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(upgrade, settings.database)
    engine = open_engine(settings.database)
    try:
        store = KnowledgeStore(Sessions(engine))
        await store.ensure_first_release(Catalogue.bundled(), now())
        yield store
    finally:
        await engine.dispose()


def print_json(value: Any) -> None:
    """Exactly one JSON value on stdout, on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def json_lines() -> Iterator[dict[str, Any]]:
    """Objects from stdin, one a line; a line that is none ends the command and is quoted."""
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError:
            value = None
        if not isinstance(value, dict):
            fail(f'第 {number} 行不是 JSON 对象：“{line.strip()[:80]}”；例如 {{"id": "1", "text": "低保怎么申请"}}', WRONG_USAGE)
        yield value


def readable_file(path: Path) -> Path:
    if not path.exists():
        fail(f"没有这个文件或文件夹：“{path}”", WRONG_USAGE)
    return path
