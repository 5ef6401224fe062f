"""screen: whole files of households against the programmes, two days or releases compared, and the cliffs of one household."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
import yaml

from bot.clock import now, shanghai_day
from bot.screening.cliff import Cliff, cliff
from bot.screening.cliff_plot import draw_cliff, drop_words, flat_words, lost_words
from bot.screening.columns_read import Reject
from bot.screening.comparison import Side
from bot.screening.fields import Fields
from bot.screening.household_files import HouseholdFile
from bot.screening.lists import reject_heads, reject_line, reject_sentences
from bot.screening.mapping import ColumnMapping, read_mapping
from bot.screening.member_files import read_members
from bot.screening.report import ComparisonReport, Read, Reading, ScreeningReport
from bot.screening.result_files import result_file
from bot.screening.screening import ALL, Screening, chosen_programmes, headline
from bot.screening.tables import open_table
from bot.screening.wording import ScreeningError, say
from bot.screening.written_lists import write_comparison, write_screening
from bot.situation_files import SituationFileError, read_situation
from channels.commands.opening import FAILED, WRONG_USAGE, day, fail, opened_library, print_json, progress_bar, readable_file, run
from channels.drawings import NoFontError, png_of, svg_of
from knowledge.catalogue import Catalogue
from knowledge.errors import KnowledgeError

app = typer.Typer()

REJECTS_PRINTED = 10
AsJson = Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON")]


@app.command()
def screen(
    file: Annotated[Path | None, typer.Argument(help="一户一行的 .csv、.xlsx 或 .parquet")] = None,
    programme: Annotated[str, typer.Option(help="项目代号或名称，几个用逗号隔开；all：全部")] = ALL,
    as_of: Annotated[str | None, typer.Option("--as-of", help="按哪一天的政策，例如 2026-07-01；默认今天")] = None,
    mapping: Annotated[Path | None, typer.Option(help="列名对照（YAML）：别人的列名、单位、写法")] = None,
    members: Annotated[Path | None, typer.Option(help="成员表：一人一行，用户编号对上")] = None,
    near: Annotated[str | None, typer.Option(help="离标准百分之几以内算只差一点；默认按各项目规则")] = None,
    out: Annotated[Path | None, typer.Option(help="名单写到 .xlsx、.csv 或 .parquet")] = None,
    limit: Annotated[int, typer.Option(min=0, help="JSON 里每个名单最多几户")] = 1000,
    compare_to: Annotated[str | None, typer.Option("--compare-to", help="和哪一天比，例如 2026-07-01")] = None,
    release: Annotated[list[int] | None, typer.Option("--release", help="发布版编号；写两次就比较两个版本")] = None,
    columns: Annotated[bool, typer.Option("--columns", help="列出能用的列名")] = False,
    cliff_file: Annotated[Path | None, typer.Option("--cliff", help="一份家庭情况：看收入增加时补助怎么变")] = None,
    low: Annotated[int, typer.Option("--from", help="--cliff：从月收入几元起")] = 0,
    high: Annotated[int, typer.Option("--to", help="--cliff：到月收入几元")] = 8000,
    step: Annotated[int, typer.Option("--step", help="--cliff：每步几元")] = 50,
    plot: Annotated[Path | None, typer.Option(help="--cliff：画成 .svg 或 .png")] = None,
    as_json: AsJson = False,
) -> None:
    """一批家庭里找谁可能符合。例：yibentong screen 家庭.csv --programme dibao --out 名单.xlsx"""
    try:
        if columns:
            run(_columns(as_json))
        elif cliff_file is not None:
            run(_cliff(cliff_file, day(as_of), range(low, high + 1, max(1, step)), plot, as_json))
        elif file is None:
            fail("要给一份家庭表，例如 yibentong screen 家庭.csv；用 --columns 看列名", WRONG_USAGE)
        else:
            files = _Files(readable_file(file), mapping, members, out, limit, as_json)
            run(_screen(files, programme, day(as_of), _percent(near), day(compare_to), release or []))
    except ScreeningError as error:
        fail(str(error), WRONG_USAGE)


@dataclass(frozen=True, slots=True)
class _Files:
    households: Path
    mapping: Path | None
    members: Path | None
    out: Path | None
    limit: int
    as_json: bool

    def read_mapping(self, fields: Fields) -> ColumnMapping:
        if self.mapping is None:
            return ColumnMapping()
        return read_mapping(self.mapping.name, readable_file(self.mapping).read_text(encoding="utf-8"), fields)

    def opened(self, stream: BinaryIO, catalogue: Catalogue) -> HouseholdFile:
        fields = Fields(catalogue.facts)
        mapping = self.read_mapping(fields)
        members = None
        if self.members is not None:
            with readable_file(self.members).open("rb") as people:
                members = read_members(self.members.name, people, fields, mapping)
        return HouseholdFile(open_table(self.households.name, stream), catalogue, mapping, members)


def _percent(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        percent = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        percent = Decimal(-1)
    if not 0 <= percent <= 100:
        fail(f"“{text}” 不是百分数；要写 0 到 100 的数，例如 --near 10", WRONG_USAGE)
    return percent


async def _catalogue(release: int | None) -> tuple[Catalogue, int]:
    try:
        async with opened_library() as store:
            knowledge = await store.load(release)
    except KnowledgeError as error:
        fail(str(error))
    return knowledge.catalogue, knowledge.release


async def _columns(as_json: bool) -> None:
    catalogue, _ = await _catalogue(None)
    listed = list(Fields(catalogue.facts).listed())
    if as_json:
        print_json({"columns": listed})
        return
    for one in listed:
        values = "、".join(f"{value['value']}（{value['label']}）" for value in one["values"])
        tail = "  ".join(filter(None, (one["unit"], values or one["example"], one["about"])))
        typer.echo(f"{one['name']}  {one['label']}  {tail}")


# ---- screening and comparing ----------------------------------------------------------------------------------------


async def _screen(
    files: _Files, programme: str, on: date | None, near: Decimal | None, compare_to: date | None, releases: Sequence[int]
) -> None:
    if len(releases) > 2:
        fail("--release 最多写两次，例如 --release 3 --release 4", WRONG_USAGE)
    today = on or shanghai_day(now())
    catalogue, number = await _catalogue(releases[0] if releases else None)
    before = Side(catalogue, today, number)
    if compare_to is None and len(releases) < 2:
        _print_screening(files, before, _screened(files, before, programme, near), near)
        return
    after_catalogue, after_number = (catalogue, number) if len(releases) < 2 else await _catalogue(releases[1])
    after = Side(after_catalogue, compare_to or today, after_number)
    _print_comparison(files, _compared(files, before, after, programme))


def _screened(files: _Files, side: Side, programme: str, near: Decimal | None) -> ScreeningReport:
    screening = Screening(side.catalogue, side.on, chosen_programmes(programme, side.catalogue, side.on), near)
    with _reading(files, side.catalogue) as reading:
        return write_screening(reading, screening, side.catalogue.facts, limit=files.limit, out=files.out)


def _compared(files: _Files, before: Side, after: Side, programme: str) -> ComparisonReport:
    with _reading(files, before.catalogue) as reading:
        return write_comparison(reading, before, after, programme, limit=files.limit, out=files.out)


@contextlib.contextmanager
def _reading(files: _Files, catalogue: Catalogue) -> Iterator[Reading]:
    """The file being read, with a bar; rejected rows go to a list beside the result."""
    if files.out is not None and not files.out.parent.is_dir():
        fail(f"没有这个文件夹：“{files.out.parent}”；请先建好，或换一个地方，例如 --out 名单.xlsx", WRONG_USAGE)
    beside = None if files.out is None else files.out.with_name(f"{files.out.stem}.rejects.csv")
    with files.households.open("rb") as stream, progress_bar(files.households.name) as progress:
        file = files.opened(stream, catalogue)
        with _rejects(beside) as on_reject:
            yield Reading(file, on_reject, progress)


@contextlib.contextmanager
def _rejects(path: Path | None) -> Iterator[Callable[[Reject], None]]:
    """Where rejected rows go: a CSV that only appears when there is one."""
    if path is None:
        yield lambda reject: None
        return
    count = 0
    with result_file(path, say("sheet_rejects"), reject_heads()) as result:

        def add(reject: Reject) -> None:
            nonlocal count
            count += 1
            result.add(reject_line(reject))

        yield add
    if not count:
        path.unlink()


def _print_screening(files: _Files, side: Side, report: ScreeningReport, near: Decimal | None) -> None:
    blocks = report.programmes()
    if files.as_json:
        head = {
            **side.as_dict(), **report.read.as_dict(), "near_percent": None if near is None else float(near),
            "out": None if files.out is None else str(files.out),
        }
        print_json({**head, **blocks[0]} if len(blocks) == 1 else {**head, "programmes": blocks})
    else:
        _print_read(report.read)
        for tally in report.screening.tallies.values():
            typer.echo(headline(tally))
            for fact, households in tally.missing.most_common(3):
                definition = side.catalogue.facts.get(fact)
                typer.echo(f"    还缺“{definition.label if definition else fact}”：{households} 户")
    _end(report.read)


def _print_comparison(files: _Files, report: ComparisonReport) -> None:
    blocks = report.programmes()
    if files.as_json:
        head = {
            "before": report.before.as_dict(), "after": report.after.as_dict(), **report.read.as_dict(),
            "out": None if files.out is None else str(files.out),
        }
        print_json({**head, **blocks[0]} if len(blocks) == 1 else {**head, "programmes": blocks})
    else:
        _print_read(report.read)
        for tally in report.comparison.tallies.values():
            counts = "，".join(f"{say(kind)} {number} 户" for kind, number in tally.as_dict()["counts"].items())
            typer.echo(f"{tally.name}：{counts}")
    _end(report.read)


def _print_read(read: Read) -> None:
    typer.echo(f"读了 {read.rows} 行，{read.households} 户；没读进 {read.rejected} 行")
    if read.ignored:
        typer.echo(f"没有用到的列：{'、'.join(read.ignored)}")


def _end(read: Read) -> None:
    """Rejected rows are named on stderr; a file of which no row could be read is a failure."""
    for sentence in reject_sentences(read.rejects, REJECTS_PRINTED):
        typer.echo(sentence, err=True)
    if read.wrong_cells > REJECTS_PRINTED:
        typer.echo(f"还有 {read.wrong_cells - REJECTS_PRINTED} 处", err=True)
    if not read.households:
        fail("一户也没读进来；请按上面说的改好再试", FAILED)


# ---- cliffs ----------------------------------------------------------------------------------------------------------


async def _cliff(file: Path, on: date | None, incomes: Sequence[int], plot: Path | None, as_json: bool) -> None:
    if plot is not None and plot.suffix.lower() not in (".svg", ".png"):
        fail(f"“{plot}” 画不了；要以 .svg 或 .png 结尾，例如 --plot 悬崖.svg", WRONG_USAGE)
    catalogue, release = await _catalogue(None)
    try:
        content: Any = yaml.safe_load(readable_file(file).read_text(encoding="utf-8"))
        told = read_situation(content, catalogue.facts)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        fail(f"“{file}” 不是 YAML 或 JSON：{error}", WRONG_USAGE)
    except SituationFileError as error:
        fail(f"“{file}”：{error}")
    found = cliff(told.situation, catalogue, on or told.as_of or shanghai_day(now()), incomes)
    if plot is not None:
        _draw(found, plot)
    if as_json:
        print_json({"release": release, **found.as_dict(), "plot": None if plot is None else str(plot)})
        return
    for words in drop_words(found, found.drops) or [say("cliff_none")]:
        typer.echo(words)
    for words in (*flat_words(found), *lost_words(found)):
        typer.echo(words)


def _draw(found: Cliff, plot: Path) -> None:
    drawing = draw_cliff(found)
    try:
        content = svg_of(drawing).encode() if plot.suffix.lower() == ".svg" else png_of(drawing)
    except NoFontError:
        fail("这台机器上没有中文字体，画不了 PNG；请装一个（例如 apt-get install fonts-noto-cjk），或改画 .svg")
    plot.write_bytes(content)
