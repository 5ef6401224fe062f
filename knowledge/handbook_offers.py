"""A newer bundled handbook offered to the staff: what it would change, what was chosen, and the merged handbook in the draft.

Steps of the transactions that storage.py opens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import release_contents
from knowledge.catalogue_files import from_json, to_json
from knowledge.errors import HandbookUpgradeError
from knowledge.handbook_tree import content_of, tree_of
from knowledge.handbook_upgrade import Choice, HandbookUpgrade, Take, UpgradeItem, upgrade_of
from knowledge.handbook_words import title_of
from knowledge.releases import text_digest
from knowledge.tables import DraftCatalogueRow, HandbookChoiceRow


@dataclass(frozen=True, slots=True)
class _Sides:
    """Digests of what is compared. in_draft: the draft holds these two merged already."""

    base: str
    staff: str
    in_draft: bool = False


async def offered_upgrade(session: AsyncSession, bundle: str) -> HandbookUpgrade | None:
    """bundle: the handbook of this program, as Catalogue.content() gives it. None: it is the one merged last, or there is no
    release yet."""
    sides = await _sides(session, text_digest(bundle))
    if sides is None:
        return None
    base, staff = [await release_contents.kept_text(session, digest) for digest in (sides.base, sides.staff)]
    choices = await _choices(session)
    # A tenth of a second of work for a whole handbook: aside, for residents are being answered meanwhile.
    return await asyncio.to_thread(_compared, base, staff, bundle, choices, sides.in_draft)


def _compared(base: str, staff: str, bundle: str, choices: Mapping[str, Choice], in_draft: bool) -> HandbookUpgrade:
    trees = [tree_of(from_json(text)) for text in (base, staff, bundle)]
    return upgrade_of(trees[0], trees[1], trees[2], choices, in_draft=in_draft)


async def _sides(session: AsyncSession, bundle_digest: str) -> _Sides | None:
    drafted = await session.get(DraftCatalogueRow, 1)
    content = await release_contents.draft_content(session)
    if content.catalogue_digest is None or content.bundle_digest is None:
        return None
    if content.bundle_digest != bundle_digest:
        return _Sides(content.bundle_digest, content.catalogue_digest)
    if drafted is None or drafted.staff_digest is None or drafted.staff_bundle_digest is None:
        return None
    return _Sides(drafted.staff_bundle_digest, drafted.staff_digest, in_draft=True)


async def _choices(session: AsyncSession) -> dict[str, Choice]:
    rows = (await session.scalars(select(HandbookChoiceRow))).all()
    return {row.entry: Choice(row.entry, row.value, Take(row.take), row.chosen_by, row.chosen_at) for row in rows}


async def keep_choices(
    session: AsyncSession, upgrade: HandbookUpgrade, takes: Mapping[str, Take], by: str, at: datetime, seen: str | None
) -> None:
    """takes: by entry of an item. seen: what the chooser saw (HandbookUpgrade.seen); None: what is there now. Raises
    HandbookUpgradeError for an entry that the upgrade does not have, or when something changed since."""
    if seen is not None and seen != upgrade.seen:
        raise HandbookUpgradeError("handbook.stale")
    items = {item.entry: item for item in upgrade.items}
    for entry, take in takes.items():
        item = items.get(entry)
        if item is None:
            raise unknown_entry(entry, upgrade)
        if item.take is not take:
            await _keep(session, item, take, by, at)
    await session.flush()


async def _keep(session: AsyncSession, item: UpgradeItem, take: Take, by: str, at: datetime) -> None:
    value = item.rests_on(take)
    await session.merge(HandbookChoiceRow(entry=item.entry, value=value, take=take.value, chosen_by=by, chosen_at=at))


def unknown_entry(entry: str, upgrade: HandbookUpgrade) -> HandbookUpgradeError:
    example = upgrade.items[0].entry if upgrade.items else "all"
    return HandbookUpgradeError("handbook.unknown_entry", entry=entry[:80], example=example)


async def merge_into_draft(
    session: AsyncSession, bundle: str, checked: Callable[[str], str], by: str, at: datetime
) -> HandbookUpgrade:
    """The draft's handbook becomes the staff's with what is taken from the bundle. checked: gives the canonical content, raises
    KnowledgeError for one that is no handbook. Merging again with other choices starts from the staff's handbook again.

    Raises HandbookUpgradeError: nothing is offered, a conflict is undecided, or nothing would change."""
    upgrade = await offered_upgrade(session, bundle)
    if upgrade is None:
        raise HandbookUpgradeError("handbook.nothing_newer")
    if upgrade.undecided:
        first = upgrade.undecided[0]
        raise HandbookUpgradeError(
            "handbook.undecided", count=len(upgrade.undecided), first=title_of(first, upgrade), entry=first.entry
        )
    await _put(session, bundle, checked(to_json(content_of(upgrade.merged()))), by, at)
    merged = await offered_upgrade(session, bundle)
    return merged or upgrade


async def _put(session: AsyncSession, bundle: str, merged: str, by: str, at: datetime) -> None:
    bundle_digest = await release_contents.keep_text(session, bundle)
    sides = await _sides(session, bundle_digest)
    digest = await release_contents.keep_text(session, merged)
    if sides is None or (digest == sides.staff and not sides.in_draft):
        raise HandbookUpgradeError("handbook.nothing_to_merge")
    drafted = await session.get(DraftCatalogueRow, 1)
    if drafted is not None and drafted.catalogue_digest == digest and sides.in_draft:
        # Merged with the same choices before: one draft, and still the work of whoever made it.
        return
    await session.execute(delete(DraftCatalogueRow))
    current = await release_contents.content_of(session, None)
    if digest != current.catalogue_digest:
        session.add(DraftCatalogueRow(
            id=1, catalogue_digest=digest, bundle_digest=bundle_digest, staff_digest=sides.staff,
            staff_bundle_digest=sides.base, changed_by=by, changed_at=at,
        ))
    await session.flush()
