"""A handbook of one sentence, and stores that keep it, for tests of documents and releases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, cast

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.directory import Department, Hotline
from knowledge.parameters import Parameter
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from knowledge.processes import Processes
from knowledge.programmes import Programme
from knowledge.resources import Resources
from knowledge.storage import KnowledgeStore

AT = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # 21 November in Shanghai
LATER = AT + timedelta(days=1)

NOTICE = "关于做好救助工作的通知\n\n一、对象\n\n本区户籍困难居民可以申请救助。\n\n二、要求\n\n认真落实各项救助政策。\n"


@dataclass(frozen=True)
class SmallCatalogue:
    """A handbook of one sentence, with what the store and the knowledge base ask of a catalogue."""

    sentence: str
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    programmes: ClassVar[Mapping[str, Programme]] = {}
    processes: ClassVar[Processes] = Processes()
    resources: ClassVar[Resources] = Resources()
    departments: ClassVar[tuple[Department, ...]] = ()
    hotlines: ClassVar[Mapping[str, Hotline]] = {}
    wordings: ClassVar[Mapping[str, str]] = {}

    def content(self) -> str:
        return json.dumps({"handbook.yaml": self.sentence}, ensure_ascii=False)

    @classmethod
    def from_content(cls, text: str) -> SmallCatalogue:
        return cls(json.loads(text)["handbook.yaml"])

    def clauses(self, on: date) -> tuple[Clause, ...]:
        document = PolicyDocument("一本通", "一本通", Kind.HANDBOOK, Rank.HANDBOOK)
        return (Clause("一本通#一", document, "一", f"{self.sentence}（{on}）"),)

    def clause(self, clause_id: str, on: date) -> Clause | None:
        return next((c for c in self.clauses(on) if c.clause_id == clause_id), None)


def catalogue(sentence: str = "可以申请低保。") -> Catalogue:
    return cast(Catalogue, SmallCatalogue(sentence))


def read_catalogue(text: str) -> Catalogue:
    try:
        return cast(Catalogue, SmallCatalogue.from_content(text))
    except KeyError as error:
        raise ValueError(f"no {error}") from error


def store_of(engine: AsyncEngine, **settings: int) -> KnowledgeStore:
    return KnowledgeStore(async_sessionmaker(engine, expire_on_commit=False), read_catalogue=read_catalogue, **settings)
