"""From a file to clauses with ids that stay; the real documents are read whole."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from knowledge.documents.blocks import Block
from knowledge.documents.pieces import Piece
from knowledge.documents.reading import ReadDocument, content_digest, read_content, read_document
from knowledge.errors import UnreadableDocumentError
from knowledge.manifest import load_manifest
from knowledge.policy_documents import Kind, Rank
from tests.knowledge.real_documents import CORPUS, SHARED, needs_shared

NOTICE = (
    "关于做好救助工作的通知\n\n一、救助对象\n\n本区户籍困难居民可以申请救助。\n\n1.低保家庭。按规定给予救助。\n\n"
    "二、要求\n\n认真落实各项救助政策。\n"
)


def clause_ids(text: str) -> list[str]:
    return [clause.clause_id for clause in read_content("通知.txt", text.encode()).clauses]


def test_clause_ids_are_the_document_s_id_and_the_article() -> None:
    assert clause_ids(NOTICE) == [f"关于做好救助工作的通知#{article}" for article in ("一、", "一、1.", "二、")]


def test_reading_again_gives_the_same_document() -> None:
    assert read_content("通知.txt", NOTICE.encode()) == read_content("通知.txt", NOTICE.encode())


def test_an_edit_elsewhere_leaves_the_ids_alone() -> None:
    edited = NOTICE.replace("按规定给予救助。", "按规定给予救助。\n\n2.特困人员。按规定给予供养。")
    assert set(clause_ids(NOTICE)) < set(clause_ids(edited))


def test_the_same_number_twice_gives_two_ids() -> None:
    assert clause_ids(NOTICE + "\n二、其他\n\n其他事项另行通知。\n")[-1].endswith("#二、~2")


def test_the_digest_is_of_the_bytes() -> None:
    plain, marked = (read_content("通知.txt", NOTICE.encode(encoding)) for encoding in ("utf-8", "utf-8-sig"))
    assert plain.clauses == marked.clauses
    assert plain.sha256 != marked.sha256


def test_a_name_typed_on_a_mac_gives_the_same_document() -> None:
    name = "Café救助通知.txt"
    documents = {read_content(unicodedata.normalize(form, name), NOTICE.encode()).document for form in ("NFC", "NFD")}
    assert len(documents) == 1


def test_a_file_with_nothing_but_a_title_is_refused() -> None:
    with pytest.raises(UnreadableDocumentError, match="只有标题"):
        read_content("通知.txt", "关于做好救助工作的通知\n".encode() + "二〇二四年七月二十三日\n".encode())


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"找不到.*没有\.txt"):
        read_document(tmp_path / "没有.txt")
    (tmp_path / "夹.txt").mkdir()
    with pytest.raises(UnreadableDocumentError, match=r"夹\.txt”打不开"):
        read_document(tmp_path / "夹.txt")


def test_the_digest_of_a_file_is_that_of_its_reading(tmp_path: Path) -> None:
    path = tmp_path / "通知.txt"
    path.write_bytes(NOTICE.encode())
    assert content_digest(path) == read_document(path).sha256


def test_a_clause_says_where_it_stands_in_the_file() -> None:
    assert [clause.place for clause in read_content("通知.txt", NOTICE.encode()).clauses] == ["第5行", "第7行", "第11行"]


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    read_content("通知.txt", NOTICE.encode(), progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 1)]


def test_a_huge_file_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(30 * 1024 * 1024)
    with pytest.raises(UnreadableDocumentError, match=r"超过上限 20\.0 MB"):
        read_document(path)


# -- the real documents ----------------------------------------------------------------------------------------------------------


def real_documents() -> Iterator[tuple[str, ReadDocument]]:
    manifest = load_manifest(CORPUS / "manifest.yaml")
    for path in sorted((*CORPUS.glob("laws/*.md"), *CORPUS.glob("district/*.txt"))):
        yield str(path.relative_to(CORPUS)), read_document(path, manifest.entry_for(path))


@pytest.fixture(scope="module")
def real() -> dict[str, ReadDocument]:
    return dict(real_documents())


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b#]", "", text)


@needs_shared
@pytest.mark.shared
def test_every_real_document_is_read_and_ids_are_unique(real: dict[str, ReadDocument]) -> None:
    assert len(real) == 33
    ids = [clause.clause_id for read in real.values() for clause in read.clauses]
    assert len(ids) == len(set(ids))


@needs_shared
@pytest.mark.shared
def test_nothing_of_a_real_text_is_lost_or_doubled(real: dict[str, ReadDocument]) -> None:
    for name, read in real.items():
        whole = squeezed((CORPUS / name).read_text(encoding="utf-8"))
        said = squeezed("".join(piece.label + piece.text for piece in read.pieces))
        start = whole.find(said[:40])
        assert start >= 0, name
        # Only a wiki category may stand behind the text.
        assert re.sub(r"\[\[Category.*", "", whole[start:]) == said, name


@needs_shared
@pytest.mark.shared
def test_clauses_hold_the_words_of_the_pieces(real: dict[str, ReadDocument]) -> None:
    for read in real.values():
        passages: list[Piece] = [piece for piece in read.pieces if not piece.is_heading]
        assert [piece.text for piece in passages] == [clause.text for clause in read.clauses]
        assert [clause.ordinal for clause in read.clauses] == list(range(len(passages)))


@needs_shared
@pytest.mark.shared
def test_every_unit_that_the_reference_questions_name_is_a_clause(real: dict[str, ReadDocument]) -> None:
    lines = (SHARED / "bench" / "policy_qa" / "questions.dev.jsonl").read_text(encoding="utf-8").splitlines()
    named = [unit for line in map(json.loads, lines) for unit in (*line["gold"], *line["not_gold"])]
    missing = [
        (unit["file"], unit["article"])
        for unit in named
        if not any(clause.article.startswith(unit["article"]) for clause in real[unit["file"]].clauses)
    ]
    assert (len(named) > 200, missing) == (True, [])


@needs_shared
@pytest.mark.shared
def test_titles_and_version_days_agree_with_the_reference_questions(real: dict[str, ReadDocument]) -> None:
    lines = (SHARED / "bench" / "policy_qa" / "questions.dev.jsonl").read_text(encoding="utf-8").splitlines()
    for unit in (unit for line in map(json.loads, lines) for unit in line["gold"]):
        document = real[unit["file"]].document
        issued = document.issued_on.isoformat() if document.issued_on else None
        assert (document.title, issued) == (unit["document"], unit["version"])


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("laws/社会救助法(2026).md", 78),
        ("laws/上海市社会救助条例(2018-11-22).md", 56),
        ("laws/上海市社会救助条例(2024-12-31).md", 56),
        ("laws/未成年人保护法(2024-04-26).md", 132),
        ("district/长宁区关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施.txt", 27),
        ("district/四区驱动助力长宁升级打造现代民政.txt", 20),
    ],
)
def test_the_number_of_clauses_of_real_documents(real: dict[str, ReadDocument], name: str, count: int) -> None:
    assert len(real[name].clauses) == count


@needs_shared
@pytest.mark.shared
def test_the_district_measure_is_quoted_as_the_advisors_quote_it(real: dict[str, ReadDocument]) -> None:
    read = real["district/长宁区关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施.txt"]
    clause = next(c for c in read.clauses if c.article == "五、1.")
    assert clause.clause_id == "关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施(2024-07-23)#五、1."
    assert clause.heading_path == ("五、实施六项工程,筑牢救助体系",)
    assert "20个工作日" in clause.text
    assert (clause.document.kind, clause.document.rank, clause.document.region) == (Kind.NORMATIVE, Rank.DISTRICT, "上海市长宁区")


@needs_shared
@pytest.mark.shared
def test_two_versions_of_the_city_s_regulation_are_two_documents(real: dict[str, ReadDocument]) -> None:
    versions = [r.document for r in real.values() if r.document.title == "上海市社会救助条例"]
    assert {d.document_id: d.in_force_from for d in versions} == {
        "上海市社会救助条例(2018-11-22)": date(2019, 5, 1),
        "上海市社会救助条例(2024-12-31)": date(2024, 12, 31),
    }


@needs_shared
@pytest.mark.shared
def test_only_laws_regulations_and_the_measure_support_an_entitlement(real: dict[str, ReadDocument]) -> None:
    supporting = {name for name, read in real.items() if read.document.states_entitlement}
    assert {name for name in real if name.startswith("district/")} & supporting == {
        "district/长宁区关于推进低收入人口动态监测完善分层分类社会救助体系的若干措施.txt",
    }
    assert sum(name.startswith("laws/") for name in supporting) == 28


def test_prose_is_told_from_titles() -> None:
    assert [Block(text).is_prose for text in ("做好救助工作。", "上海市长宁区民政局")] == [True, False]
