"""Assembly: the whole product below the channels, put together once from the settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.casework.case_storage import StoredCases
from bot.clock import now as system_now
from bot.clock import shanghai_day
from bot.consultation import Office
from bot.consultation_service import ConsultationService
from bot.outbox import Outbox
from bot.privacy import FieldCipher
from bot.settings import Settings
from bot.situation_files import MORE_FACTS
from bot.staff_storage import StaffStore
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.database import Sessions, open_engine
from knowledge.knowledge_base import KnowledgeBase
from knowledge.storage import KnowledgeStore
from retrieval.backends import Indexes, open_indexes
from retrieval.cache import open_searcher
from retrieval.embedding import Embedder, open_embedder
from retrieval.embedding_store import Progress
from retrieval.reranking import Reranker, open_reranker

LOG = logging.getLogger("bot.assembly")


@dataclass
class Product:
    """Everything a channel or command may use. office: the release in use, swapped as a whole when another is published."""

    settings: Settings
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    cipher: FieldCipher
    knowledge: KnowledgeStore
    staff: StaffStore
    cases: StoredCases
    outbox: Outbox
    embedder: Embedder
    indexes: Indexes
    reranker: Reranker | None
    now: Callable[[], datetime]
    office: Office = field(init=False)
    consultations: ConsultationService = field(init=False)
    _swap: asyncio.Lock = field(default_factory=asyncio.Lock)

    def clause(self, clause_id: str, on: date) -> Clause | None:
        return self.office.knowledge.clause(clause_id, on)

    def fact_label(self, name: str) -> str | None:
        """The label of a fact in the release in use; None for a name its dictionary does not have."""
        definition = {**MORE_FACTS, **self.office.knowledge.catalogue.facts}.get(name)
        return definition.label if definition else None

    async def refresh(self, progress: Progress | None = None) -> None:
        """Brings the newest release into use if it is not yet. The index is made aside first."""
        async with self._swap:
            number = await self.knowledge.current_number()
            if number == self.office.knowledge.release:
                return
            self.office = await self._office(progress)
            LOG.info("release %s in use", number)

    async def office_for(self, knowledge: KnowledgeBase, progress: Progress | None = None) -> Office:
        """A release or draft with its index. Its conflicts are worked out here, aside, and not in the first answer."""
        await asyncio.to_thread(lambda: knowledge.conflicts)
        searcher = await asyncio.to_thread(
            open_searcher,
            knowledge,
            self.embedder,
            self.settings.data_dir,
            dense_weight=self.settings.dense_weight,
            progress=progress,
            indexes=self.indexes,
            reranker=self.reranker,
        )
        return Office(knowledge, searcher, self.settings.region, self.settings.max_question_chars)

    async def _office(self, progress: Progress | None) -> Office:
        return await self.office_for(await self.knowledge.load(), progress)

    async def close(self) -> None:
        await asyncio.to_thread(self.indexes.close)
        await self.engine.dispose()


async def open_product(
    settings: Settings,
    *,
    now: Callable[[], datetime] = system_now,
    progress: Progress | None = None,
    embedder: Embedder | None = None,
) -> Product:
    """The product, ready to answer: the database must have been migrated; an empty one gets the bundled handbook as release 1;
    model and index are made when they are not there yet."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    sessions = Sessions(engine)
    cipher = FieldCipher(settings.kept_secret("field_key"))
    opened = await asyncio.to_thread(embedder_of, settings) if embedder is None else embedder
    product = Product(
        settings=settings,
        engine=engine,
        sessions=sessions,
        cipher=cipher,
        knowledge=KnowledgeStore(sessions),
        staff=StaffStore(sessions),
        cases=StoredCases(sessions, cipher, now),
        outbox=Outbox(sessions, cipher),
        embedder=opened,
        reranker=await asyncio.to_thread(open_reranker, settings.reranker),
        indexes=await asyncio.to_thread(open_indexes, settings.retrieval, opened, settings.data_dir, settings.database),
        now=now,
    )
    await product.knowledge.ensure_first_release(Catalogue.bundled(), now())
    product.office = await product._office(progress)
    product.consultations = ConsultationService(sessions, cipher, product.cases, lambda: product.office, now)
    return product


def embedder_of(settings: Settings) -> Embedder:
    """The embedder the settings name. Raises EmbeddingError."""
    return open_embedder(settings.embedding, settings.data_dir, settings.embedding_threads, api_key=settings.embedding_api_key,
                         timeout_seconds=settings.embedding_timeout_seconds)


def today(product: Product) -> date:
    """The Shanghai day whose rules count as today's."""
    return shanghai_day(product.now())
