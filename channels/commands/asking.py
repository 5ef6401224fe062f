"""ask, chat, search, assess: what a resident would get."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from bot.assembly import Product, today
from bot.clock import SHANGHAI
from bot.eligibility.assessments import assess_all
from bot.eligibility.explanations import explained
from bot.eligibility.next_question import asked_together, next_question
from bot.messages import Ask, Channel, InboundMessage, Reply
from bot.situation import Situation
from bot.situation_files import SituationFileError, read_situation, write_situation
from channels.commands.opening import WRONG_USAGE, day, fail, json_lines, opened_product, print_json, readable_file, run
from knowledge.parameters import Reference
from retrieval.searcher import Passage

app = typer.Typer()

AsOf = Annotated[str | None, typer.Option("--as-of", help="按哪一天的政策，例如 2026-07-01")]
Region = Annotated[str | None, typer.Option("--region", help="按哪个地区，例如 上海市长宁区")]
AsJson = Annotated[bool, typer.Option("--json", help="标准输出只有一个 JSON")]


@app.command()
def ask(question: str, as_of: AsOf = None, region: Region = None, as_json: AsJson = False) -> None:
    """问一句。例：yibentong ask "低保审批一般要多久？"；问题写 - 时逐行读 {"id","text"}。"""
    run(_ask(question, day(as_of), region, as_json))


async def _ask(question: str, on: date | None, region: str | None, as_json: bool) -> None:
    async with opened_product() as product:
        if question != "-":
            reply = await product.consultations.ask(question, on=on, region=region)
            print_json(reply.as_dict()) if as_json else _print_reply(reply)
            return
        for item in json_lines():
            reply = await product.consultations.ask(
                str(item.get("text", "")), on=day(item.get("as_of")) or on, region=item.get("region") or region
            )
            print_json({"id": item.get("id"), **reply.as_dict()})


def _print_reply(reply: Reply) -> None:
    typer.echo(reply.text)
    for number, citation in enumerate(reply.citations, start=1):
        since = f"，{citation.in_force_from} 起" if citation.in_force_from else ""
        typer.echo(f"  [{number}] 《{citation.document}》{citation.article}{since}：{citation.quote}")


@app.command()
def chat(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """连续对话。例：yibentong chat；加 --json 时从标准输入逐行读 {"conversation","text"}。"""
    run(_chat(day(as_of), as_json))


async def _chat(on: date | None, as_json: bool) -> None:
    async with opened_product() as product:
        session = secrets.token_hex(8)
        if as_json or not sys.stdin.isatty():
            for item in json_lines():
                name = str(item.get("conversation", ""))
                reply, situation = await _turn(product, f"{session}:{name}", str(item.get("text", "")), on)
                written = reply.as_dict() if reply else {"status": "silent"}
                print_json({"conversation": name, **written, "facts": write_situation(situation)})
            return
        typer.echo(product.office.knowledge.catalogue.wording("answered_greeting"))
        while (text := typer.prompt("您", default="", show_default=False)) not in ("", "exit"):
            reply, _ = await _turn(product, session, text, on)
            if reply:
                _print_reply(reply)


async def _turn(product: Product, sender: str, text: str, on: date | None) -> tuple[Reply | None, Situation]:
    at = product.now() if on is None else datetime.combine(on, time(12), SHANGHAI).astimezone(UTC)
    receipt = await product.consultations.receive(
        InboundMessage(Channel.CLI, sender, text, dedupe_key=secrets.token_hex(8), received_at=at)
    )
    reply = await product.consultations.respond(receipt.inbox_id)
    return reply, (await product.consultations.state(receipt.conversation_id)).situation


@app.command()
def search(
    query: str,
    k: Annotated[int, typer.Option("-k", min=1, max=200, help="要几条")] = 10,
    as_of: AsOf = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """找条款。例：yibentong search "人户分离" -k 5；写 - 时逐行读 {"id","text"}。"""
    run(_search(query, k, day(as_of), region, as_json))


async def _search(query: str, k: int, on: date | None, region: str | None, as_json: bool) -> None:
    async with opened_product() as product:
        if query == "-":
            for item in json_lines():
                hits = _hits(product, str(item.get("text", "")), k, day(item.get("as_of")) or on, item.get("region") or region)
                print_json({"id": item.get("id"), "hits": [_hit(p) for p in hits]})
            return
        hits = _hits(product, query, k, on, region)
        if as_json:
            print_json({"hits": [_hit(passage) for passage in hits]})
            return
        for number, passage in enumerate(hits, start=1):
            clause = passage.clause
            typer.echo(f"{number}. {passage.score:.3f} 《{clause.document.title}》{clause.article}  {clause.text[:80]}")


def _hits(product: Product, query: str, k: int, on: date | None, region: str | None) -> list[Passage]:
    office = product.office
    return list(office.searcher.search(query, on=on or today(product), region=region or office.region, limit=k))


def _hit(passage: Passage) -> dict[str, Any]:
    clause, document = passage.clause, passage.clause.document
    return {
        "clause_id": clause.clause_id,
        "score": round(passage.score, 6),
        "document": document.title,
        "number": document.number,
        "article": clause.article,
        "text": clause.text,
        "in_force_from": document.in_force_from,
        "in_force_until": clause.in_force_until or document.in_force_until,
        "rank": document.rank.value,
        "kind": document.kind.value,
        "region": document.region,
        "why": {name: round(value, 6) for name, value in passage.why.items()},
    }


@app.command()
def assess(file: str, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """一份家庭情况的资格预判。例：yibentong assess 家庭.yaml；写 - 时逐行读 {"id","situation":{…}}。"""
    run(_assess(file, day(as_of), as_json))


async def _assess(file: str, on: date | None, as_json: bool) -> None:
    async with opened_product() as product:
        if file == "-":
            for item in json_lines():
                outcome = _assessed(product, item.get("situation"), on, f"id {item.get('id')!r}")
                print_json({"id": item.get("id"), **outcome})
            return
        text = readable_file(Path(file)).read_text(encoding="utf-8")
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            fail(f"“{file}” 不是 YAML 或 JSON：{error}", WRONG_USAGE)
        outcome = _assessed(product, content, on, file)
        if as_json:
            print_json(outcome)
            return
        for assessment in outcome["assessments"]:
            typer.echo(assessment["explained"])
        for asked in outcome["asked_together"]:
            typer.echo(asked["text"])


def _assessed(product: Product, content: Any, on: date | None, where: str) -> dict[str, Any]:
    """where: the file, or the line's id, for whoever has to correct it."""
    knowledge = product.office.knowledge
    try:
        file = read_situation(content, knowledge.catalogue.facts)
    except SituationFileError as error:
        fail(f"{where}: {error}")
    situation, as_of = file.situation, on or file.as_of or today(product)

    def clause_id(reference: Reference) -> str | None:
        clause = knowledge.resolve(reference, as_of)
        return clause.clause_id if clause else None

    assessments = assess_all(situation, knowledge.catalogue, as_of, clause_id)
    asked = next_question(situation, knowledge.catalogue, as_of, assessments)
    together = asked_together(asked, situation, knowledge.catalogue, assessments) if asked else ()
    facts = knowledge.catalogue.facts
    return {
        "as_of": as_of.isoformat(),
        "release": knowledge.release,
        "assessments": [
            {**a.as_dict(), "trace": [r.as_dict() for r in a.trace], "explained": explained(a, facts, situation.refused)}
            for a in assessments
        ],
        "next_question": None if asked is None else _asked(asked),
        "asked_together": [_asked(one) for one in together],
    }


def _asked(ask: Ask) -> dict[str, Any]:
    return {"fact": ask.fact, "text": ask.text, "options": [{"value": v, "label": label} for v, label in ask.options]}
