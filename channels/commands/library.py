"""import, documents, clauses, programmes, parameters, draft, diff, check, publish, releases, rollback, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import now, shanghai_day
from channels.commands.import_bar import import_bar
from channels.commands.opening import WRONG_USAGE, day, fail, opened_library, print_json, readable_file, run
from channels.commands.release_text import difference_lines, finding_lines
from channels.commands.staff import opened_staff
from channels.sign_in import STUDIO_ROLES
from knowledge.clauses import Clause
from knowledge.differences import document_change_dict
from knowledge.errors import KnowledgeError
from knowledge.findings import Severity
from knowledge.knowledge_base import KnowledgeBase
from knowledge.manifest import load_manifest
from knowledge.parameters import Confidence, UnknownValueError
from knowledge.policy_documents import PolicyDocument
from knowledge.release_contents import Which
from knowledge.releases import Draft, ImportReport, ListedDocument, Outcome
from knowledge.storage import KnowledgeStore
from knowledge.wording import say

app = typer.Typer()
OPERATOR = "operator"

AsJson = Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON")]
InDraft = Annotated[bool, typer.Option("--draft", help="看草稿，不看当前发布版")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="按哪一天，例如 2026-07-01")]


# ---- bring in ---------------------------------------------------------------------------------------------------------


@app.command("import")
def import_files(
    paths: list[Path],
    manifest: Annotated[Path | None, typer.Option(help="清单：每份文件的标题、文号、日期、地区、种类")] = None,
    as_json: AsJson = False,
) -> None:
    """文件或文件夹读进草稿。例：yibentong import 文件夹 --manifest 文件夹/manifest.yaml"""
    for path in paths:
        readable_file(path)
    run(_import(paths, manifest, as_json))


async def _import(paths: Sequence[Path], manifest: Path | None, as_json: bool) -> None:
    try:
        listed = load_manifest(readable_file(manifest)) if manifest else None
        async with opened_library() as store:
            with import_bar() as bar:
                report = await store.import_paths(
                    paths, manifest=listed, by=OPERATOR, at=now(), progress=bar.file_done, pages=bar.page_done
                )
    except KnowledgeError as error:
        fail(str(error))
    print_json(report.as_dict()) if as_json else _print_report(report)
    if report.count(Outcome.FAILED):
        raise typer.Exit(1)


_OUTCOMES = {Outcome.CREATED: "新", Outcome.UPDATED: "改", Outcome.UNCHANGED: "同", Outcome.FAILED: "失败"}


def _print_report(report: ImportReport) -> None:
    for entry in report.entries:
        tail = entry.reason or f"{entry.clauses} 条" + (f"；{'；'.join(entry.remarks)}" if entry.remarks else "")
        typer.echo(f"{_OUTCOMES[entry.outcome]}  {entry.title or entry.path}  {tail}")
    counts = "，".join(f"{word} {report.count(outcome)}" for outcome, word in _OUTCOMES.items())
    typer.echo(f"{len(report.entries)} 份文件：{counts}")


# ---- look ---------------------------------------------------------------------------------------------------------------


@app.command()
def documents(draft: InDraft = False, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """列出政策文件。例：yibentong documents --as-of 2026-06-30"""
    run(_documents(draft, day(as_of), as_json))


async def _documents(draft: bool, on: date | None, as_json: bool) -> None:
    async with opened_library() as store:
        listed = await store.document_list("draft" if draft else None)
    if on is not None:
        listed = tuple(item for item in listed if item.document.in_force(on))
    if as_json:
        print_json({"documents": [_document(item) for item in listed]})
        return
    for item in listed:
        document = item.document
        typer.echo(
            f"{document.document_id}  {document.kind.value}  {document.region or '全国'}  "
            f"{document.in_force_from or '-'}  {item.clauses} 条"
            + (f"  {document.displaced_from} 起以《{document.displaced_by}》为准" if _is_displaced(document, on) else "")
        )


def _is_displaced(document: PolicyDocument, on: date | None) -> bool:
    return document.displaced(on) if on is not None else document.displaced_from is not None


def _document(item: ListedDocument) -> dict[str, Any]:
    document = item.document
    return {
        "document_id": document.document_id,
        "title": document.title,
        "number": document.number,
        "kind": document.kind.value,
        "rank": document.rank.value,
        "region": document.region,
        "issuer": document.issuer,
        "issued_on": document.issued_on,
        "in_force_from": document.in_force_from,
        "in_force_until": document.in_force_until,
        "displaced_from": document.displaced_from,
        "displaced_by": document.displaced_by,
        "clauses": item.clauses,
    }


@app.command()
def clauses(document: str, draft: InDraft = False, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """一份文件的条款。例：yibentong clauses "上海市社会救助条例(2024-12-31)" --as-of 2025-06-01"""
    run(_clauses(document, draft, day(as_of), as_json))


async def _clauses(document: str, draft: bool, on: date | None, as_json: bool) -> None:
    async with opened_library() as store:
        try:
            knowledge = await _knowledge(store, draft)
            found = knowledge.clauses_of(document) or await store.clauses(document, "draft" if draft else None)
        except KnowledgeError as error:
            fail(str(error))
    if on is not None:
        found = tuple(knowledge.clause(clause.clause_id, on) or clause for clause in found if clause.in_force(on))
    if as_json:
        print_json({"clauses": [_clause(clause) for clause in found]})
        return
    for clause in found:
        typer.echo(f"【{clause.article}】{clause.text}\n")


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "clause_id": clause.clause_id,
        "article": clause.article,
        "heading_path": list(clause.heading_path),
        "text": clause.text,
        "in_force_from": clause.document.in_force_from,
        "in_force_until": clause.in_force_until or clause.document.in_force_until,
        "displaced_from": clause.displaced_from or (None if clause.stands else clause.document.displaced_from),
        "displaced_by": clause.displaced_by or (None if clause.stands else clause.document.displaced_by),
        "place": clause.place,
        "confidence": clause.confidence,
    }


@app.command()
def programmes(draft: InDraft = False, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """列出救助项目。例：yibentong programmes --as-of 2026-07-01"""
    run(_programmes(draft, day(as_of), as_json))


async def _programmes(draft: bool, on: date | None, as_json: bool) -> None:
    async with opened_library() as store:
        catalogue = (await _knowledge(store, draft)).catalogue
    rows = [
        {
            "id": p.id,
            "name": p.name,
            "authority": p.authority,
            "region": p.region,
            "in_force_from": p.in_force_from,
            "in_force_until": p.in_force_until,
            "assessed": p.conditions is not None,
            "sections": [s.need.value for s in p.sections],
        }
        for p in catalogue.programmes.values()
        if on is None or (p.in_force_from <= on and (p.in_force_until is None or on < p.in_force_until))
    ]
    if as_json:
        print_json({"programmes": rows})
        return
    for row in rows:
        typer.echo(f"{row['id']:<16} {row['name']}  {'可预判' if row['assessed'] else ''}")


@app.command()
def parameters(draft: InDraft = False, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """列出政策数字。例：yibentong parameters --as-of 2025-07-01"""
    run(_parameters(draft, day(as_of) or shanghai_day(now()), as_json))


async def _parameters(draft: bool, on: date, as_json: bool) -> None:
    async with opened_library() as store:
        catalogue = (await _knowledge(store, draft)).catalogue
    rows = []
    for parameter in catalogue.parameters.values():
        try:
            entry = parameter.value_on(on)
        except UnknownValueError:
            continue
        hidden = entry.confidence is Confidence.UNVERIFIED or entry.value is None
        rows.append(
            {
                "name": parameter.name,
                "description": parameter.description,
                "unit": parameter.unit,
                "value": None if hidden else f"{entry.value.normalize():f}" if entry.value is not None else None,
                "since": entry.since,
                "confidence": entry.confidence.value,
                "document": entry.reference.document,
                "article": entry.reference.article,
                "last_checked_on": parameter.last_checked_on,
            }
        )
    if as_json:
        print_json({"as_of": on.isoformat(), "parameters": rows})
        return
    for row in rows:
        typer.echo(f"{row['name']:<36} {row['value'] or '待核':<8} {row['unit']:<20} {row['since']} 起  {row['confidence']}")


async def _knowledge(store: KnowledgeStore, draft: bool) -> KnowledgeBase:
    return await store.load_draft() if draft else await store.load()


# ---- draft and releases -----------------------------------------------------------------------------------------------------


@app.command()
def draft(as_json: AsJson = False) -> None:
    """草稿与当前发布版差在哪里，一条一条列出。例：yibentong draft"""
    run(_draft(as_json))


async def _draft(as_json: bool) -> None:
    async with opened_library() as store:
        changes = await store.draft()
        difference = await store.difference(None, "draft")
    if as_json:
        print_json(_draft_dict(changes))
        return
    for line in difference_lines(difference):
        typer.echo(line)
    typer.echo(f"共 {len(changes.changes)} 处改动，基于发布版 {changes.based_on}")
    if changes.approved_by:
        typer.echo(f"{changes.approved_by}已复核")
    elif not changes.is_empty:
        typer.echo(f"最后由 {changes.last_changed_by} 改动，要由另一个人复核")


def _draft_dict(changes: Draft) -> dict[str, Any]:
    return {
        "based_on": changes.based_on,
        "last_changed_by": changes.last_changed_by,
        "approved_by": changes.approved_by,
        "changes": [document_change_dict(change) for change in changes.changes],
    }


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="发布版编号，或 draft")],
    after: Annotated[str, typer.Argument(help="发布版编号，或 draft")],
    as_json: AsJson = False,
) -> None:
    """两个发布版差在哪里：文件、条款、数字、项目。例：yibentong diff 1 2"""
    run(_diff(_which(before), _which(after), as_json))


def _which(given: str) -> Which:
    if given == "draft":
        return "draft"
    if not given.isdecimal() or int(given) < 1:
        fail(f"“{given}” 不是发布版的编号；编号从 1 起，草稿写 draft，例如 yibentong diff 1 2", WRONG_USAGE)
    return int(given)


async def _diff(before: Which, after: Which, as_json: bool) -> None:
    async with opened_library() as store:
        try:
            difference = await store.difference(before, after)
        except KnowledgeError as error:
            fail(str(error))
    if as_json:
        print_json(difference.as_dict())
        return
    for line in difference_lines(difference):
        typer.echo(line)


@app.command()
def check(draft: InDraft = False, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """检查当前发布版或草稿，写明毛病在哪里、怎么改；有严重问题时退出码为 1。例：yibentong check --draft"""
    run(_check(draft, day(as_of) or shanghai_day(now()), as_json))


async def _check(draft: bool, on: date, as_json: bool) -> None:
    async with opened_library() as store:
        found = await store.findings("draft" if draft else None, on=on)
    severe = sum(finding.severity is Severity.SEVERE for finding in found)
    if as_json:
        print_json({"as_of": on, "severe": severe, "findings": [finding.as_dict() for finding in found]})
    else:
        for line in finding_lines(found):
            typer.echo(line)
    if severe:
        raise typer.Exit(1)


@app.command()
def publish(
    note: Annotated[str, typer.Option(help="这一版改了什么")] = "",
    override: Annotated[str, typer.Option(help="没有第二个人复核、或检查有严重问题时仍要发布的理由，会记下来")] = "",
    as_json: AsJson = False,
) -> None:
    """草稿变成新的发布版；有两名以上编辑时，要先由另一个人复核。例：yibentong publish --note "第一批文件" """
    run(_publish(note, override, as_json))


async def _publish(note: str, override: str, as_json: bool) -> None:
    # The rule of the second person holds as soon as there is one: a new installation has only its operator.
    alone = say("release.alone") if await _editors() < 2 else ""
    async with opened_library() as store:
        try:
            info = await store.publish(note=note, by=OPERATOR, at=now(), override=override, unreviewed=alone)
        except KnowledgeError as error:
            fail(str(error))
    print_json(
        {"release": info.number, "content_hash": info.content_hash, "documents": info.documents, "override": info.override}
    ) if as_json else typer.echo(f"发布版 {info.number}：{info.documents} 份文件")


async def _editors() -> int:
    async with opened_staff() as staff:
        accounts = await staff.list()
    return sum(any(role in STUDIO_ROLES for role in account.roles) for account in accounts)


@app.command()
def releases(as_json: AsJson = False) -> None:
    """列出发布版。例：yibentong releases"""
    run(_releases(as_json))


async def _releases(as_json: bool) -> None:
    async with opened_library() as store:
        infos = await store.releases()
    if as_json:
        print_json({"releases": [info.as_dict() for info in infos]})
        return
    for info in infos:
        typer.echo(
            f"{info.number:>4}  {info.published_at:%Y-%m-%d %H:%M}  {info.documents:>3} 份  {info.published_by}  {info.note}"
            + (f"（{info.override}）" if info.override else "")
        )


@app.command()
def rollback(number: int, as_json: AsJson = False) -> None:
    """把旧的发布版再发布一次。例：yibentong rollback 1"""
    run(_rollback(number, as_json))


async def _rollback(number: int, as_json: bool) -> None:
    if number < 1:
        fail(f"“{number}” 不是发布版的编号；编号从 1 起，用 yibentong releases 看有哪些", WRONG_USAGE)
    async with opened_library() as store:
        try:
            info = await store.rollback(number, by=OPERATOR, at=now())
        except KnowledgeError as error:
            fail(str(error))
    print_json({"release": info.number, "restores": number}) if as_json else typer.echo(
        f"发布版 {info.number}：内容同发布版 {number}"
    )


@app.command()
def withdraw(
    document: str,
    note: Annotated[str, typer.Option(help="为什么撤下")] = "",
    as_json: AsJson = False,
) -> None:
    """立刻发布不含这份文件的新版，草稿不变。例：yibentong withdraw 某民〔2024〕1号 --note "标准有误" """
    run(_withdraw(document, note, as_json))


async def _withdraw(document: str, note: str, as_json: bool) -> None:
    async with opened_library() as store:
        try:
            info = await store.withdraw(document, note=note, by=OPERATOR, at=now())
        except KnowledgeError as error:
            fail(str(error))
    print_json({"release": info.number, "withdraws": document}) if as_json else typer.echo(
        f"发布版 {info.number}：不再有 {document}"
    )
