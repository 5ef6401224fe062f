"""Edition (版本): which release a printed or shown handbook says, published when, and for which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.clock import shanghai_day
from knowledge.storage import KnowledgeStore


@dataclass(frozen=True, slots=True)
class Edition:
    """release: its number, 0: the draft. published_on: Shanghai day, None for the draft. on: the day whose policies it says."""

    release: int
    published_on: date | None
    on: date


async def edition_of(store: KnowledgeStore, release: int, on: date) -> Edition:
    published = {info.number: shanghai_day(info.published_at) for info in await store.releases()}
    return Edition(release, published.get(release), on)
