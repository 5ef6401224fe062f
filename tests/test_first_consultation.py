"""The whole line on the real documents: import, publish, ask; what is cited, and what never is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.assembly import Product, open_product
from bot.messages import Reply, Status
from knowledge.database import Base, open_engine
from knowledge.manifest import load_manifest
from knowledge.policy_documents import ENTITLEMENT_KINDS
from knowledge.releases import Outcome
from tests.product import NOON, Clock, settings_for

SHARED = Path(__file__).parent.parent.parent / "shared"
CORPUS = SHARED / "corpus"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the sibling folder of real documents is not there: {CORPUS.name}"),
]
MEASURE = "关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施"
LAW = "中华人民共和国社会救助法"


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with asyncio.Runner() as runner:
        yield runner.get_loop()


@pytest.fixture(scope="module")
def product(loop: asyncio.AbstractEventLoop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """All documents of the corpus imported and published, with the built-in embedder."""

    async def prepare() -> Product:
        settings = settings_for(tmp_path_factory.mktemp("first"), embedding="builtin")
        engine = open_engine(settings.database)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await engine.dispose()
        product = await open_product(settings, now=Clock())
        manifest = load_manifest(CORPUS / "manifest.yaml")
        report = await product.knowledge.import_paths([CORPUS], manifest=manifest, by="test", at=NOON)
        assert report.count(Outcome.FAILED) == 0
        assert report.count(Outcome.CREATED) == 33
        await product.knowledge.publish(note="all", by="second person", at=NOON)
        await product.refresh()
        return product

    product = loop.run_until_complete(prepare())
    yield product
    loop.run_until_complete(product.close())


Ask = Callable[..., Reply]


@pytest.fixture
def ask(loop: asyncio.AbstractEventLoop, product: Product) -> Ask:
    def ask(question: str, on: date | None = None) -> Reply:
        return loop.run_until_complete(product.consultations.ask(question, on=on))

    return ask


def questions() -> list[str]:
    """Residents' questions of the neighbours' files: they are asked here, not answered by heart."""
    colloquial = yaml.safe_load((SHARED / "facts" / "colloquial_questions.yaml").read_text(encoding="utf-8"))
    lines = (SHARED / "bench" / "policy_qa" / "questions.dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [q["question"] for q in colloquial] + [json.loads(line)["question"] for line in lines]


def test_how_long_cites_the_district_measure_and_the_law_in_force(ask: Ask) -> None:
    reply = ask("低保审批一般要多久？")
    cited = {(c.document, c.article) for c in reply.citations}
    assert (MEASURE, "五、1.") in cited
    assert any(document == LAW for document, _ in cited)
    assert not any("暂行办法" in document for document, _ in cited)
    assert "20个工作日" in reply.text
    assert "45个工作日" in reply.text


def test_of_two_versions_of_the_regulation_only_the_one_in_force_is_cited(ask: Ask) -> None:
    reply = ask("低保没批下来怎么办")
    versions = {c.clause_id.split("#")[0] for c in reply.citations if c.document == "上海市社会救助条例"}
    assert versions <= {"上海市社会救助条例(2024-12-31)"}


def test_the_small_grant_cites_the_district_measure(ask: Ask) -> None:
    reply = ask("急需用钱，能不能先给一点？")
    assert "500元" in reply.text
    assert "街镇" in reply.text
    assert any(c.document == MEASURE and c.article == "五、3." for c in reply.citations)


def test_another_city_is_referred(ask: Ask) -> None:
    reply = ask("杭州的低保怎么办")
    assert reply.status is Status.REFUSED_OTHER_REGION
    assert reply.citations == ()


def test_no_answer_to_a_resident_rests_on_another_province_or_on_a_report(ask: Ask, product: Product) -> None:
    wrong = []
    for question in questions():
        for citation in ask(question).citations:
            clause = product.clause(citation.clause_id, date(2026, 11, 21))
            assert clause is not None
            elsewhere = clause.document.region not in ("", "上海市", "上海市长宁区")
            report = clause.document.kind not in ENTITLEMENT_KINDS
            if elsewhere or (report and not any(word in question for word in ("工作要点", "总结", "落实情况", "汇报", "报道"))):
                wrong.append((question, citation.clause_id))
    assert not wrong


def test_every_quote_stands_in_its_clause_and_every_answer_has_one(ask: Ask, product: Product) -> None:
    for question in questions():
        reply = ask(question)
        for citation in reply.citations:
            clause = product.clause(citation.clause_id, date(2026, 11, 21))
            assert clause is not None
            assert citation.quote in clause.text
        if reply.status in (Status.ANSWERED, Status.ANSWERED_PARTIAL, Status.ANSWERED_ASSESSMENT):
            assert reply.citations, question


def test_nothing_out_of_force_is_cited_on_any_day(ask: Ask, product: Product) -> None:
    for on in (date(2024, 6, 1), date(2025, 6, 1), date(2026, 6, 30), date(2026, 7, 1)):
        for question in ("低保没批下来怎么办", "什么是特困人员", "临时救助能给几个月", "没批要不要书面告诉我"):
            for citation in ask(question, on).citations:
                clause = product.clause(citation.clause_id, on)
                assert clause is not None
                assert clause.in_force(on), (on, citation.clause_id)
