"""The difference between two releases, or a release and the draft, read from the database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import release_contents
from knowledge.catalogue import Catalogue
from knowledge.catalogue_files import from_json
from knowledge.differences import (
    ChangeKind,
    Difference,
    DraftChange,
    EntryChange,
    compared,
    file_changes,
    parameter_changes,
    programme_changes,
)
from knowledge.errors import UnknownReleaseError
from knowledge.kept_versions import version_content
from knowledge.release_contents import Content
from knowledge.wording import say


async def difference_between(
    session: AsyncSession, old: Content, new: Content, read_catalogue: Callable[[str], Catalogue]
) -> Difference:
    documents = await _document_changes(session, old, new)
    before, after = [await catalogue_text(session, content) for content in (old, new)]
    tables = [await release_contents.succession_text(session, content) for content in (old, new)]
    others: tuple[EntryChange, ...] = ()
    if tables[0] != tables[1]:
        others = (EntryChange(ChangeKind.CHANGED, "succession.yaml", say("change.succession"), ()),)
    if before == after:
        return Difference(old.number, new.number, documents, others=others)
    one, other = read_catalogue(before), read_catalogue(after)
    files = file_changes(from_json(before), from_json(after))
    return Difference(
        old.number, new.number, documents, parameter_changes(one, other), programme_changes(one, other), (*files, *others)
    )


async def catalogue_text(session: AsyncSession, content: Content) -> str:
    """Raises UnknownReleaseError while nothing was ever published."""
    if content.catalogue_digest is None:
        raise UnknownReleaseError("release.none")
    return await release_contents.kept_text(session, content.catalogue_digest)


async def _document_changes(session: AsyncSession, old: Content, new: Content) -> tuple[DraftChange, ...]:
    changes = []
    for document_id in sorted(old.versions.keys() | new.versions.keys()):
        digests = old.versions.get(document_id), new.versions.get(document_id)
        if digests[0] != digests[1]:
            before, after = [await version_content(session, digest) for digest in digests]
            changes.append(compared(before, after, document_id))
    return tuple(sorted(changes, key=lambda change: (change.title, change.document_id or "")))
