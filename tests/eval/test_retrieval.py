"""Retrieval runs: every usual form of a data set is read, a wrong one is explained, figures come out per run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.settings import Settings
from eval.beir import DatasetError, read_beir
from eval.policy_questions import PolicyQuestion, corpus_knowledge, read_policy_questions, unit_ranking
from eval.retrieval import evaluate, evaluate_dataset, evaluate_policy_questions, main
from knowledge.clauses import Clause
from knowledge.policy_documents import Kind, Rank
from retrieval.embedding import NoEmbedder
from tests.retrieval.small_release import LetterEmbedder, clause, document

SHARED = Path(__file__).resolve().parents[3] / "shared"
TEXTS = [("d1", "最低生活保障的审核"), ("d2", "医疗救助的比例"), ("d3", "临时救助的程序")]
ASKED = [("q1", "低保审核多久"), ("q2", "医疗救助比例多少"), ("q3", "没有答案的问题")]


def write_set(
    folder: Path, *, id_name: str = "_id", judgements: str = "qrels/test.tsv",
    lines: Sequence[str] = ("query-id\tcorpus-id\tscore", "q1\td1\t1", "q2\td2\t2", "q2\td3\t0"), zipped: bool = False,
) -> Path:
    def write(name: str, content: str) -> None:
        path = folder / (f"{name}.gz" if zipped else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content.encode()) if zipped else content.encode())

    def objects(rows: Sequence[tuple[str, str]]) -> str:
        return "".join(json.dumps({id_name: key, "text": text}, ensure_ascii=False) + "\n" for key, text in rows)

    write("corpus.jsonl", objects(TEXTS))
    write("queries.jsonl", objects(ASKED))
    write(judgements, "\n".join(lines) + "\n")
    return folder


TREC = ("q1 0 d1 1", "q2 0 d2 2", "q2 0 d3 0")


@pytest.mark.parametrize(
    "form",
    [{}, {"id_name": "id"}, {"zipped": True}, {"judgements": "qrels.dev.tsv"}, {"judgements": "qrels/dev.tsv"},
     {"judgements": "qrels.dev.tsv", "lines": TREC}, {"id_name": "id", "zipped": True, "lines": TREC}],
)
def test_every_usual_form_reads_the_same(tmp_path: Path, form: Mapping[str, object]) -> None:
    dataset = read_beir(write_set(tmp_path, **form))
    assert dataset.ids == ("d1", "d2", "d3")
    assert dataset.questions == {"q1": "低保审核多久", "q2": "医疗救助比例多少"}
    assert dataset.judged == {"q1": {"d1": 1}, "q2": {"d2": 2, "d3": 0}}


def test_headings_and_titles_are_kept(tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / "corpus.jsonl").write_text('{"id": "d1", "title": "办法", "heading": "总则", "text": "内容"}\n', encoding="utf-8")
    (entry,) = read_beir(tmp_path).entries
    assert (entry.title, entry.headings, entry.text) == ("办法", ("总则",), "内容")


def test_a_limit_takes_the_first_questions(tmp_path: Path) -> None:
    assert list(read_beir(write_set(tmp_path), limit=1).questions) == ["q1"]


def test_of_several_splits_test_is_taken_unless_another_is_named(tmp_path: Path) -> None:
    write_set(tmp_path)
    write_set(tmp_path, judgements="qrels/dev.tsv", lines=("q1\td3\t1",))
    assert read_beir(tmp_path).judged["q1"] == {"d1": 1}
    assert read_beir(tmp_path, split="dev").judged == {"q1": {"d3": 1}}


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("corpus.jsonl", "{broken", r"corpus\.jsonl, line 1: '\{broken'.*\"_id\": \"d1\""),
        ("corpus.jsonl", '["d1"]', "line 1"),
        ("queries.jsonl", '{"_id": "q1"}', "line 1"),
        ("qrels/test.tsv", "q1\td1\t1\nq1 d1\n", "line 2: 'q1 d1'"),
        ("qrels/test.tsv", "q9\td1\t1\n", "no question .* has a judged text"),
    ],
)
def test_a_wrong_line_is_quoted_with_an_example(tmp_path: Path, file: str, content: str, said: str) -> None:
    write_set(tmp_path)
    (tmp_path / file).write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=said):
        read_beir(tmp_path)


def test_a_folder_without_a_file_is_told_which_one_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds none of corpus\.jsonl"):
        read_beir(tmp_path)
    with pytest.raises(DatasetError, match="is no folder"):
        read_beir(tmp_path / "nowhere")


def test_splits_that_cannot_be_chosen_between_are_listed(tmp_path: Path) -> None:
    write_set(tmp_path, judgements="qrels/dev.tsv")
    write_set(tmp_path, judgements="qrels/train.tsv")
    with pytest.raises(DatasetError, match=r"\['dev', 'train'\].*--split"):
        read_beir(tmp_path)


def test_each_part_and_three_ways_to_join_them_are_reported(tmp_path: Path) -> None:
    report = evaluate_dataset(read_beir(write_set(tmp_path)), LetterEmbedder(), tmp_path, dense_weight=0.45)
    assert list(report.runs) == ["lexical", "dense", "rrf", "fused", "ranked"]
    figures = {figure.name: figure.value for figure in report.runs["fused"]}
    assert figures["hit@1"] == figures["ndcg@10"] == 1.0
    assert (report.texts, report.questions) == (3, 2)


def test_without_embeddings_only_words_are_reported(tmp_path: Path) -> None:
    report = evaluate_dataset(read_beir(write_set(tmp_path)), NoEmbedder(), tmp_path, dense_weight=0.45)
    assert list(report.runs) == ["lexical"]


def test_a_report_is_plain_values(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", embedding="none")
    report = evaluate(write_set(tmp_path / "set"), settings=settings)
    assert json.loads(json.dumps(report))["runs"]["lexical"][0]["name"] == "recall@1"


def test_noise_changes_the_questions_and_is_reported(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", embedding="none")
    folder = write_set(tmp_path / "set", lines=("q1\td1\t1",))
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "text": "低低低"}\n{"_id": "d2", "text": "底抵地滴"}\n', encoding="utf-8")
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "低低低低低低低低"}\n', encoding="utf-8")
    clean, noisy = (evaluate(folder, settings=settings, noise=share) for share in (0.0, 1.0))
    assert [report["noise"] for report in (clean, noisy)] == [0.0, 1.0]
    assert [report["runs"]["lexical"][0]["value"] for report in (clean, noisy)] == [1.0, 0.0]


def test_a_set_without_questions_of_its_texts_has_none_to_leave_out(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="--unseen is for policy_qa"):
        evaluate(write_set(tmp_path), settings=Settings(data_dir=tmp_path / "data", embedding="none"), unseen=True)


def test_policy_questions_without_their_documents_say_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "questions.dev.jsonl").touch()
    with pytest.raises(DatasetError, match="--corpus"):
        evaluate(tmp_path, settings=Settings(data_dir=tmp_path, embedding="none"))


def test_the_command_fails_with_one_sentence_for_a_wrong_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBENTONG_EMBEDDING", "none")
    app = typer.Typer()
    app.command()(main)
    outcome = CliRunner().invoke(app, ["--dataset", str(tmp_path / "nowhere"), "--json"])
    assert outcome.exit_code == 1
    assert outcome.stdout == ""
    assert "is no folder" in outcome.stderr


# --- policy_qa -------------------------------------------------------------------------------------------------------

LAW = document("社会救助法")
QUESTION = PolicyQuestion("P1", "低保多久", date(2026, 11, 21), {
    ("社会救助法.md", "第九条"): 2, ("若干措施.md", "五、"): 2, ("旧条例.md", "第九条"): 0, ("办法.md", "第一条"): 1})


def item(file: str, article: str) -> Clause:
    return clause(document(file), article, "…")


def test_a_clause_counts_for_the_article_or_section_it_lies_in() -> None:
    places = [("社会救助法", "第十九条"), ("若干措施", "五、3."), ("若干措施", "五、1."), ("社会救助法", "第九条第二款")]
    ranking = unit_ranking(QUESTION, [item(*place) for place in places])
    assert ranking == ["社会救助法#第十九条", "若干措施.md#五、", "社会救助法.md#第九条"]


def test_sections_of_the_handbook_take_no_place() -> None:
    section = clause(document("一本通·低保", kind=Kind.HANDBOOK, rank=Rank.HANDBOOK), "多久", "…")
    assert unit_ranking(QUESTION, [section, item("社会救助法", "第九条")]) == ["社会救助法.md#第九条"]


@pytest.mark.parametrize(
    ("ranking", "wrong"),
    [(["旧条例.md#第九条", "社会救助法.md#第九条"], 1.0), (["社会救助法.md#第九条", "旧条例.md#第九条"], 0.0),
     (["办法.md#第一条", "旧条例.md#第九条"], 1.0), (["办法.md#第一条"], 0.0), ([], 0.0)],
)
def test_a_wrong_unit_before_every_right_one_is_an_error(ranking: list[str], wrong: float) -> None:
    assert QUESTION.wrong_first(ranking) == wrong


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the sibling folder of real documents is absent")
def test_words_alone_already_find_the_right_article_of_the_real_documents_for_some_questions(tmp_path: Path) -> None:
    questions = read_policy_questions(SHARED / "bench" / "policy_qa" / "questions.dev.jsonl")[:40]
    settings = Settings(data_dir=tmp_path, embedding="none")
    knowledge = corpus_knowledge(SHARED / "corpus")
    report = evaluate_policy_questions(questions, knowledge, NoEmbedder(), settings)
    unseen = evaluate_policy_questions(questions, knowledge, NoEmbedder(), settings, unseen=True)
    figures, without = ({figure.name: figure.value for figure in each.runs["lexical"]} for each in (report, unseen))
    assert figures["hit@10"] > 0.4
    assert without["hit@10"] < figures["hit@10"]
    assert figures["wrong_first"] < 0.1
