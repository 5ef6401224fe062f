"""handbook upgrade: what the handbook of a newer program would change, what to take of it, and the merge into the draft."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from bot.clock import now
from channels.commands.library import OPERATOR, AsJson
from channels.commands.opening import WRONG_USAGE, fail, opened_library, print_json, run
from knowledge.catalogue_files import bundled_text
from knowledge.errors import KnowledgeError
from knowledge.handbook_offers import unknown_entry
from knowledge.handbook_upgrade import HandbookUpgrade, Take, UpgradeItem, UpgradeKind
from knowledge.handbook_words import change_of, kind_of, lines_of, title_of, upgrade_record
from knowledge.storage import KnowledgeStore
from knowledge.wording import say

app = typer.Typer()
COLOURS = {UpgradeKind.ADDED: "green", UpgradeKind.CHANGED: "yellow", UpgradeKind.REMOVED: "red", UpgradeKind.CONFLICT: "magenta"}
INDENT = "      "
NOTHING = {
    "offered": False, "in_draft": False, "undecided": 0, "counts": {kind.value: 0 for kind in UpgradeKind}, "items": [],
}


@app.command()
def upgrade(
    entries: Annotated[list[str] | None, typer.Argument(help="和 --take 一起用：哪几项，如 programmes/dibao；all 是全部")] = None,
    take: Annotated[str | None, typer.Option(help="这几项用哪一边：new 用新版，staff 保留现在的")] = None,
    merge: Annotated[bool, typer.Option("--merge", help="合并进草稿；冲突要先全部决定")] = False,
    as_json: AsJson = False,
) -> None:
    """随软件来的新版手册和现在用的差在哪里，逐项选，合并进草稿。例：yibentong handbook upgrade --take staff all --merge"""
    if take is not None and take not in tuple(Take):
        fail(say("handbook.no_choice", given=take), WRONG_USAGE)
    if (take is None) != (not entries):
        fail(say("handbook.take_what"), WRONG_USAGE)
    found = run(_upgrade(tuple(entries or ()), Take(take) if take else None, merge))
    if as_json:
        print_json(NOTHING if found is None else upgrade_record(found))
        return
    for line in _lines(found):
        typer.echo(line)


async def _upgrade(entries: tuple[str, ...], take: Take | None, merge: bool) -> HandbookUpgrade | None:
    bundle = bundled_text()
    async with opened_library() as store:
        try:
            found = await store.handbook_upgrade(bundle)
            if take is not None:
                found = await _choose(store, bundle, found, entries, take)
            return await store.merge_handbook(bundle, by=OPERATOR, at=now()) if merge else found
        except KnowledgeError as error:
            fail(str(error))


async def _choose(
    store: KnowledgeStore, bundle: str, found: HandbookUpgrade | None, entries: tuple[str, ...], take: Take
) -> HandbookUpgrade:
    """Every item at or below the entries."""
    takes: dict[str, Take] = {}
    for entry in entries:
        items = found.matching(entry) if found is not None else ()
        if found is not None and not items:
            raise unknown_entry(entry, found)
        takes |= {item.entry: take for item in items}
    return await store.choose_handbook(bundle, takes, by=OPERATOR, at=now())


# ---- as text ------------------------------------------------------------------------------------------------------------


def _lines(found: HandbookUpgrade | None) -> Iterator[str]:
    if found is None or not found.items:
        yield say("handbook.nothing_newer")
        return
    for item in found.items:
        yield from _item(item, found)
    counts = "，".join(f"{say(f'handbook_kind.{kind.value}')} {found.count(kind)}" for kind in UpgradeKind)
    yield counts
    if found.in_draft:
        yield say("handbook.in_draft")
    elif found.undecided:
        first = found.undecided[0]
        yield say("handbook.to_decide", count=len(found.undecided), entry=first.entry)
    elif found.is_offered:
        yield say("handbook.to_merge")
    else:
        yield say("handbook.all_kept")


def _item(item: UpgradeItem, found: HandbookUpgrade) -> Iterator[str]:
    taken = say(f"handbook_take.{item.take.value if item.take else 'none'}")
    yield f"{typer.style(kind_of(item), fg=COLOURS[item.kind])}  {title_of(item, found)}  〔{taken}〕"
    yield f"{INDENT}{item.entry}"
    if item.kind is not UpgradeKind.CONFLICT:
        for line in (change_of(item),) if item.kind is UpgradeKind.CHANGED else lines_of(item.new or item.before):
            yield f"{INDENT}{line}"
        return
    for side in ("before", "staff", "new"):
        yield f"{INDENT}{say(f'handbook_side.{side}')}："
        for line in lines_of(getattr(item, side)):
            yield f"{INDENT}    {line}"
