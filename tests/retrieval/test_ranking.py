"""The learned stage: a linear model over named features, read from data, that keeps scores between 0 and 1."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge.policy_documents import Kind, Rank
from retrieval.embedding import Embedder, NoEmbedder
from retrieval.entries import Entry
from retrieval.found import Found
from retrieval.hybrid import HybridIndex
from retrieval.index import ClauseSearcher
from retrieval.ranking import RANKED, Ranker, RankingModel, RankingModelError, bundled_model, spread_out
from retrieval.ranking_features import FEATURES, FeatureTable
from retrieval.words import Words
from tests.retrieval.small_release import LEXICON, REGION, LetterEmbedder, clause, document, found, searcher

ENTRIES = (
    Entry("社会救助法", "最低生活保障的审核应当在二十个工作日内完成", ("审核",), "第二条", ("低保审批要等多少天",)),
    Entry("社会救助法", "医疗救助由医疗保障部门负责", ("救助",), "第三条"),
    Entry("慈善法", "慈善组织开展募捐应当办理备案", (), "第九条"),
)


def index(embedder: Embedder | None = None, entries: tuple[Entry, ...] = ENTRIES) -> HybridIndex:
    return HybridIndex.build(entries, Words(LEXICON), embedder or LetterEmbedder())


def find(question: str, of: HybridIndex | None = None) -> Found:
    chosen = of or index()
    return chosen.find(question, np.ones(len(chosen.entries), np.bool_), 0.45)


def feature(question: str, name: str, of: HybridIndex | None = None) -> dict[int, float]:
    """Value by position of the entry."""
    chosen = of or index()
    result = find(question, chosen)
    column = FeatureTable(chosen.entries).of(result)[:, FEATURES.index(name)]
    return {int(p): float(v) for p, v in zip(result.positions, column, strict=True)}


def test_the_bundled_model_names_every_feature() -> None:
    assert bundled_model().weights.shape == (len(FEATURES),)


@pytest.mark.parametrize(
    ("data", "said"),
    [({}, "train it again"), ({"weights": [1, 2]}, "train it again"), ({"weights": {"fused": 1.0}}, "differ in the features"),
     ({"weights": dict.fromkeys((*FEATURES, "luck"), 0.0)}, "luck")],
)
def test_a_model_for_other_features_is_refused(data: dict[str, object], said: str) -> None:
    with pytest.raises(RankingModelError, match=said):
        RankingModel.of(data)


def test_every_feature_is_a_number_for_every_text_with_and_without_embeddings() -> None:
    for embedder in (LetterEmbedder(), NoEmbedder()):
        chosen = index(embedder)
        table = FeatureTable(chosen.entries).of(find("低保审核多久", chosen))
        assert table.shape[1] == len(FEATURES)
        assert np.isfinite(table).all()


def test_a_text_with_questions_of_its_own_is_told_from_one_without() -> None:
    assert feature("审核多久 救助", "has_asked")[0] == 1.0
    assert feature("审核多久 救助", "has_asked")[1] == 0.0


def test_a_text_that_looks_like_an_answer_is_told_from_one_that_does_not() -> None:
    shown = feature("救助审核多久", "signs_shown")
    assert (shown[0], shown[1]) == (1.0, 0.0)


def test_texts_of_one_document_speak_for_each_other() -> None:
    others = feature("最低生活保障审核 募捐", "document")
    assert others[1] > others[2] == 0.0


def test_scores_lie_between_0_and_1_and_the_best_has_1() -> None:
    scores = Ranker(bundled_model(), ENTRIES).scores(find("低保审核"))
    assert scores.max() == pytest.approx(1.0)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_texts_beyond_those_ranked_stay_behind_them() -> None:
    asked = tuple(Entry(f"办法{n}", f"第{n}项", asked_as=(f"低保审核{n}",)) for n in range(RANKED))
    entries = (*asked, *(Entry(f"文件{n}", f"最低生活保障第{n}件") for n in range(RANKED)))
    chosen = index(NoEmbedder(), entries)
    result = chosen.find("最低生活保障审核", np.ones(len(entries), np.bool_), 0.45, depth=2 * RANKED)
    scores = Ranker(bundled_model(), entries).scores(result)
    assert len(scores) > RANKED
    assert scores[RANKED:].max() <= scores[:RANKED].min()


def test_where_no_text_has_questions_of_its_own_the_fused_score_decides() -> None:
    entries = (Entry("法", "低保审核"), Entry("法", "医疗救助"))
    chosen = index(entries=entries)
    result = find("低保审核", chosen)
    assert Ranker(bundled_model(), entries).scores(result).tolist() == result.fused.tolist()


def test_nothing_found_has_no_scores() -> None:
    assert Ranker(bundled_model(), ENTRIES).scores(find("zzz", index(NoEmbedder()))).tolist() == []


def test_equal_sums_are_all_the_best() -> None:
    assert spread_out(np.array([2, 2], np.float32)).tolist() == [1, 1]
    assert spread_out(np.array([3, 1, 2], np.float32)).tolist() == [1, 0, 0.5]


# --- what the learned stage may never change -------------------------------------------------------------------------

TEXT = "最低生活保障的审核应当在二十个工作日内完成"
FILLER = [clause(document("慈善法"), f"第{n}条", f"慈善组织开展募捐应当办理第{n}项备案，最低限度公开") for n in range(1, 9)]


def ranked(tmp_path: Path, *clauses: object, **rest: object) -> ClauseSearcher:
    plain = searcher(tmp_path, *clauses, **rest)
    return ClauseSearcher(plain.knowledge_base, plain._index, 0.45, ranker=Ranker(bundled_model(), plain._index.entries))


@pytest.mark.parametrize("question", ["低保审核多久", "最低生活保障审核", TEXT])
def test_neither_repealed_nor_foreign_nor_informing_texts_stand_in_the_first_five(tmp_path: Path, question: str) -> None:
    repealed = clause(document("旧条例", until=date(2026, 1, 1)), "第一条", TEXT)
    foreign = clause(document("浙江省条例", region="浙江省"), "第一条", TEXT + "省")
    report = clause(document("总结", kind=Kind.REPORT, rank=Rank.INFORMATION), "一、", TEXT + "区")
    of = ranked(tmp_path, repealed, foreign, report, clause(document("社会救助法"), "第二条", TEXT + "法"), *FILLER)
    first = found(of, question, limit=5)
    assert first[0] == "社会救助法#第二条"
    assert not {repealed.clause_id, foreign.clause_id, report.clause_id}.intersection(first)
    assert report.clause_id in found(of, question, limit=50)


def test_a_document_without_questions_of_its_own_can_come_first_among_those_that_have_them(tmp_path: Path) -> None:
    theirs = [clause(document("有问法"), f"第{n}条", f"第{n}项工作由部门负责") for n in range(6)]
    asked_as = {c.clause_id: (f"第{n}项工作谁负责呀", f"谁来管第{n}项") for n, c in enumerate(theirs)}
    new = clause(document("新办法"), "第七条", "站点应当提供热食和床位")
    of = ranked(tmp_path, *theirs, new, asked_as=asked_as)
    assert found(of, "站点提供热食和床位吗", limit=1) == [new.clause_id]


def test_a_ranked_search_repeats(tmp_path: Path) -> None:
    of = ranked(tmp_path, clause(document("社会救助法"), "第二条", TEXT), *FILLER)
    first, second = (of.search("低保审核多久", on=date(2026, 11, 21), region=REGION, limit=5) for _ in range(2))
    assert first == second
    assert first[0].why["ranked"] == pytest.approx(1.0)
