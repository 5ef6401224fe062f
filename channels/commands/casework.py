"""case list | show | export: the queue from the command line, for operators."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.casework.cases import Case, CaseNotFoundError
from bot.staff import Role, Staff
from channels.commands.opening import fail, opened_product, print_json, run

app = typer.Typer(help="个案：列出、查看、导出")
OPERATOR = Staff("operator", frozenset({Role.ADMIN}))
AsJson = Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON")]


@app.command("list")
def list_cases(
    state: Annotated[str, typer.Option(help="waiting、open、closed 之一")] = "waiting", as_json: AsJson = False
) -> None:
    """列出个案。例：yibentong case list --state waiting"""
    run(_list(state, as_json))


async def _list(state: str, as_json: bool) -> None:
    async with opened_product() as product:
        summaries = await product.cases.list_cases(OPERATOR, state=state, limit=500)
        if as_json:
            print_json({"cases": [_plain(summary) for summary in summaries]})
            return
        for s in summaries:
            typer.echo(f"{s.case_id}  {s.priority:<2}  {s.state:<8} {s.owner or '-':<10} {s.subdistrict or '-'}  {s.wish[:40]}")


@app.command()
def show(case_id: str, as_json: AsJson = False) -> None:
    """一个个案的受理单和经过。例：yibentong case show 1f2e3d4c5b6a7988"""
    run(_show(case_id, as_json))


@app.command()
def export(case_id: str) -> None:
    """一个个案的全部内容，JSON。例：yibentong case export 1f2e3d4c5b6a7988 > 个案.json"""
    run(_show(case_id, as_json=True))


async def _show(case_id: str, as_json: bool) -> None:
    async with opened_product() as product:
        try:
            case = await product.cases.case(case_id, OPERATOR)
        except CaseNotFoundError:
            fail(f"没有编号为“{case_id}”的个案；用 yibentong case list 看有哪些")
        if as_json:
            print_json(_whole(case))
            return
        typer.echo(f"{case.summary.priority}  {case.summary.state}  {case.summary.wish}")
        for line in case.record["facts"]:
            typer.echo(f"  {line['label']}：{line['value_text']}（“{line['words']}”）")
        for event in case.events:
            typer.echo(f"  {event.at:%Y-%m-%d %H:%M} {event.kind} {event.by}")


def _plain(summary: Any) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in summary.__slots__}


def _whole(case: Case) -> dict[str, Any]:
    return {
        **_plain(case.summary),
        "record": case.record,
        "events": [{"number": e.number, "kind": e.kind, "at": e.at.isoformat(), "by": e.by, "data": e.data} for e in case.events],
        "transcript": [{"author": line.author, "text": line.text, "at": line.at.isoformat()} for line in case.transcript],
    }
