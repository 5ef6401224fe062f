"""handbook: the whole handbook as one HTML file and, where the machine has a browser, as a PDF; `upgrade` stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import now, shanghai_day
from channels.commands import handbook_upgrade
from channels.commands.opening import ERRORS, WRONG_USAGE, day, fail, opened_library, print_json, run
from channels.handbook.bound import bound_html
from channels.handbook.edition import Edition, edition_of
from channels.handbook.printing import PrintingError, browser_of_machine, print_pdf
from knowledge.book import Book
from knowledge.errors import KnowledgeError
from knowledge.flow_charts import PAPER, flow_chart

app = typer.Typer()
app.add_typer(handbook_upgrade.app)

HTML, PDF, CHARTS = "handbook.html", "handbook.pdf", "flow-charts"
NO_BROWSER = (
    "这台机器上没有 Chromium 或 Chrome，只写了网页版。装一个（例如 apt-get install chromium），"
    "或用 --browser 指出它在哪里，再运行一次就有 PDF。"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that the command wrote. pages: of a PDF."""

    path: Path
    kind: str
    pages: int | None = None

    def as_dict(self) -> dict[str, Any]:
        found = {"path": str(self.path), "kind": self.kind, "bytes": self.path.stat().st_size}
        return found if self.pages is None else {**found, "pages": self.pages}


@app.callback(invoke_without_command=True)
def handbook(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="写到哪个文件夹；没有就建一个")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="按哪一天的政策，例如 2026-07-01；默认今天")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="写草稿，不写当前发布版")] = False,
    charts: Annotated[bool, typer.Option("--charts", help="每个项目的工作流程图另存一份 SVG")] = False,
    browser: Annotated[str | None, typer.Option(help="打印 PDF 用的 Chromium 或 Chrome；默认在机器上找")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON")] = False,
) -> None:
    """把整本一本通写成一个网页文件和一份 PDF；upgrade 合并新版手册。例：yibentong handbook --out 一本通"""
    if context.invoked_subcommand is not None:
        return
    if out is None:
        fail("没有写 --out：写到哪个文件夹？例如 yibentong handbook --out 一本通", WRONG_USAGE)
    if out.exists() and not out.is_dir():
        fail(f"“{out}” 是一个文件；要给一个文件夹，例如 --out 一本通", WRONG_USAGE)
    if browser is not None and not Path(browser).is_file():
        fail(f"没有这个浏览器：“{browser}”；要给程序的完整路径，例如 --browser /usr/bin/chromium", WRONG_USAGE)
    book, edition = run(_open(day(as_of), draft))
    out.mkdir(parents=True, exist_ok=True)
    written = [_html(book, edition, out), *(_charts(book, out) if charts else [])]
    found = browser or browser_of_machine()
    if found is None:
        ERRORS.print(NO_BROWSER, style="yellow", markup=False)
    else:
        written.insert(1, _pdf(book, edition, out, found))
    _report(book, edition, written, as_json)


async def _open(on: date | None, draft: bool) -> tuple[Book, Edition]:
    async with opened_library() as store:
        try:
            knowledge = await store.load_draft() if draft else await store.load()
        except KnowledgeError as error:
            fail(str(error))
        book = Book(knowledge, on or shanghai_day(now()))
        return book, await edition_of(store, 0 if draft else knowledge.release, book.on)


def _html(book: Book, edition: Edition, out: Path) -> Written:
    path = out / HTML
    path.write_text(bound_html(book, edition), encoding="utf-8")
    return Written(path, "html")


def _pdf(book: Book, edition: Edition, out: Path, browser: str) -> Written:
    """Printed twice: the first print tells on which pages the chapters begin, the second has them in its contents."""
    path, sheet = out / PDF, out / f".{HTML}.print.html"
    try:
        sheet.write_text(bound_html(book, edition), encoding="utf-8")
        first = print_pdf(sheet, path, browser)
        sheet.write_text(bound_html(book, edition, first.begins), encoding="utf-8")
        return Written(path, "pdf", print_pdf(sheet, path, browser).pages)
    except PrintingError as error:
        fail(f"网页版写好了，PDF 没有写成：{error}")
    finally:
        sheet.unlink(missing_ok=True)


def _charts(book: Book, out: Path) -> list[Written]:
    folder = out / CHARTS
    folder.mkdir(exist_ok=True)
    written = []
    for programme in book.programmes():
        page = book.programme(programme.id)
        if page is not None:
            path = folder / f"{programme.id}.svg"
            path.write_text(flow_chart(page.flow, PAPER), encoding="utf-8")
            written.append(Written(path, "svg"))
    return written


def _report(book: Book, edition: Edition, written: list[Written], as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "files": [file.as_dict() for file in written],
                "release": edition.release,
                "published_on": edition.published_on,
                "as_of": edition.on,
                "programmes": len(book.programmes()),
            }
        )
        return
    for file in written:
        typer.echo(f"{file.path}" + (f"  {file.pages} 页" if file.pages else ""))
