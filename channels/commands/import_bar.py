"""The bar of an import: which file, which page, how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from channels.commands.opening import ERRORS
from knowledge.releases import ImportEntry


@dataclass
class ImportBar:
    """Told of each page and each file; draws on stderr. A file whose format tells no pages counts as one."""

    bar: Progress
    started: float = field(default_factory=time.monotonic)
    pages: int = 0
    pages_of_file: int = 0

    def __post_init__(self) -> None:
        self.task = self.bar.add_task("读文件", total=None)

    def page_done(self, file: Path, done: int, of: int) -> None:
        self.pages_of_file = done
        self.bar.update(self.task, description=f"{file.name} 第 {done}/{of} 页 {self._rate(done):.1f} 页/秒")

    def file_done(self, entry: ImportEntry, done: int, total: int) -> None:
        self.pages += max(1, self.pages_of_file)
        self.pages_of_file = 0
        name = Path(entry.path).name
        self.bar.update(self.task, completed=done, total=total, description=f"{name} {self._rate(0):.1f} 页/秒")

    def _rate(self, more: int) -> float:
        return (self.pages + more) / max(time.monotonic() - self.started, 0.001)


@contextmanager
def import_bar() -> Iterator[ImportBar]:
    """The bar, in a terminal only; nothing stays of it afterwards."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as bar:
        yield ImportBar(bar)
