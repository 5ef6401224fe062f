"""Pairs hold what answers and what only looks so; a fold leaves whole documents out; batches repeat by their seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.beir import Dataset
from eval.encoder_training.batches import Plan, epoch_batches, identity
from eval.encoder_training.folds import Fold
from eval.encoder_training.pairs import Pair, PairsError, counts, pairs_of_dataset, read_pairs, write_pairs
from retrieval.embedding import NoEmbedder
from retrieval.entries import Entry
from retrieval.hybrid import HybridIndex
from retrieval.words import Words

LAWS = [f"救助条例{letter}" for letter in "甲乙丙丁戊己庚辛壬癸"]


def pair(question: str, passage: str = "", source: str = "asked_as", law: str = LAWS[0], negatives: tuple[str, ...] = ()) -> Pair:
    passage = passage or f"{question}的答案"
    return Pair(question, passage, source, negatives, frozenset({passage}), frozenset({law}))


def test_pairs_are_read_as_they_were_written(tmp_path: Path) -> None:
    own = [pair("低保要多久", negatives=("别的条文",)), pair("谁来审批", source="stard")]
    write_pairs(own, tmp_path / "pairs.jsonl")
    assert read_pairs(tmp_path / "pairs.jsonl") == own
    assert counts(own) == {"asked_as": 1, "stard": 1}


@pytest.mark.parametrize(("content", "said"), [
    ("{}\n", "line 1: '{}' is no pair"), ("", "holds no pairs"), (None, "Make it first"),
])
def test_a_file_that_is_no_list_of_pairs_is_quoted(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "pairs.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(PairsError, match=said):
        read_pairs(tmp_path / "pairs.jsonl")


def test_negatives_are_other_texts_that_share_words_and_never_a_text_that_answers() -> None:
    entries = tuple(Entry("", f"低保审批期限为{number}个工作日") for number in range(40))
    dataset = Dataset("own", tuple(map(str, range(40))), entries, {"q": "低保审批期限多久"}, {"q": {"3": 1, "4": 1, "5": 0}})
    index = HybridIndex.build(entries, Words(), NoEmbedder())
    found = pairs_of_dataset(dataset, index, dict.fromkeys(dataset.ids, "某条例"), seed=1)
    assert [p.passage for p in found] == [entries[3].passage, entries[4].passage]
    for each in found:
        assert each.answers == {entries[3].passage, entries[4].passage}
        assert each.negatives
        assert not each.answers.intersection(each.negatives)
        assert each.documents == {"某条例"}
    assert found == pairs_of_dataset(dataset, index, dict.fromkeys(dataset.ids, "某条例"), seed=1)


def test_a_fold_leaves_out_about_its_share_of_documents_and_always_the_same() -> None:
    titles = [f"第{number}号办法" for number in range(1000)]
    left = [title for title in titles if Fold(0.3, "a").leaves_out(title)]
    assert 250 < len(left) < 350
    assert left == [title for title in titles if Fold(0.3, "a").leaves_out(title)]
    assert left != [title for title in titles if Fold(0.3, "b").leaves_out(title)]
    assert not any(map(Fold().leaves_out, titles))


@pytest.mark.parametrize("name", [
    "中华人民共和国社会救助法", "《社会救助法》", "社会救助法第二十一条", "中华人民共和国社会救助法第21条 第二款",
])
def test_a_law_falls_on_one_side_however_it_is_named(name: str) -> None:
    for salt in "abcdefgh":
        assert Fold(0.5, salt).leaves_out(name) == Fold(0.5, salt).leaves_out("社会救助法")


def test_a_question_left_out_in_one_set_is_left_out_in_every_set() -> None:
    fold = Fold(0.5, "x")
    out = next(law for law in LAWS if fold.leaves_out(law))
    kept = next(law for law in LAWS if not fold.leaves_out(law))
    own = [pair("问一", law=out), pair("问一", "另一答案", source="stard", law=kept), pair("问二", law=kept)]
    assert fold.learned_from(own) == [own[2]]


def test_batches_hold_one_source_each_and_every_pair_once() -> None:
    own = [pair(f"问{i}", source=source, law=LAWS[i % 10]) for i in range(50) for source in ("asked_as", "stard")]
    batches = epoch_batches(own, Plan(batch=8, weights={}), epoch=0)
    assert all(len({p.source for p, _ in batch}) == 1 and 1 < len(batch) <= 8 for batch in batches)
    assert sorted(p.question + p.source for batch in batches for p, _ in batch) == sorted(p.question + p.source for p in own)


def test_questions_of_one_passage_share_a_batch_and_bring_one_negative() -> None:
    own = [pair(f"问{i}之{j}", f"条文{i}", law=LAWS[i % 2], negatives=(f"像条文{i}",)) for i in range(4) for j in range(4)]
    for batch in epoch_batches(own, Plan(batch=4, weights={}), epoch=0):
        assert len({p.passage for p, _ in batch}) == 1
        assert [negative is not None for _, negative in batch].count(True) == 1


def test_a_source_counts_by_its_weight() -> None:
    own = [pair(f"问{i}") for i in range(40)]
    for weight, wanted in ((0.5, 20), (1.0, 40), (2.25, 90)):
        assert sum(map(len, epoch_batches(own, Plan(batch=10, weights={"asked_as": weight}), epoch=0))) == wanted


def test_the_same_seed_and_epoch_give_the_same_batches_and_another_epoch_others() -> None:
    own = [pair(f"问{i}", law=LAWS[i % 10], negatives=("甲", "乙", "丙")) for i in range(60)]
    assert epoch_batches(own, Plan(), 1) == epoch_batches(own, Plan(), 1)
    assert epoch_batches(own, Plan(), 1) != epoch_batches(own, Plan(), 2)


def test_another_plan_or_another_pair_is_another_training() -> None:
    own = [pair("问一"), pair("问二")]
    names = {identity(own, Plan()), identity(own, Plan(rank=8)), identity(own[:1], Plan())}
    assert len(names) == 3
    assert identity(list(own), Plan()) in names
