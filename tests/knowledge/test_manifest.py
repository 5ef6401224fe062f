"""A manifest adds what files do not say; a wrong one names the entry and shows how to write it."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import pytest

from knowledge.errors import ManifestError
from knowledge.manifest import load_manifest, parse_manifest
from knowledge.policy_documents import Kind, Rank
from tests.knowledge.real_documents import CORPUS, needs_shared

FILE = Path("政策/manifest.yaml")


def test_every_field_is_read() -> None:
    text = (
        "- {path: a.txt, title: 甲, issuer: 乙, number: 丙〔2024〕1号, issued_on: 2024-07-23,\n"
        "   region: 上海市长宁区, kind: normative,\n"
        "   rank: district_normative, in_force_from: 2024-08-01, in_force_until: 2029-08-01,\n"
        "   replaces: [旧办法]}\n"
    )
    entry = parse_manifest(text, FILE).entries[0]
    assert (entry.path, entry.title, entry.issuer, entry.number, entry.region) == (
        "a.txt",
        "甲",
        "乙",
        "丙〔2024〕1号",
        "上海市长宁区",
    )
    assert (entry.kind, entry.rank, entry.replaces) == (Kind.NORMATIVE, Rank.DISTRICT, ("旧办法",))
    assert (entry.issued_on, entry.in_force_from, entry.in_force_until) == (date(2024, 7, 23), date(2024, 8, 1), date(2029, 8, 1))


def test_null_leaves_it_to_the_file_and_an_empty_region_is_the_country() -> None:
    entry = parse_manifest("- {path: a.txt, number: null, region: ''}", FILE).entries[0]
    assert (entry.number, entry.region, entry.kind) == (None, "", None)


def test_paths_are_relative_to_the_manifest_and_spelling_of_accents_does_not_matter(tmp_path: Path) -> None:
    manifest = parse_manifest("- {path: 区/Café.txt}", tmp_path / "manifest.yaml")
    assert manifest.entry_for(tmp_path / "区" / unicodedata.normalize("NFD", "Café.txt")) is not None
    assert manifest.entry_for(tmp_path / "Café.txt") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path: a.txt", "应当是一个列表"),
        ("", "应当是一个列表"),
        ("- {path: [", "不是正确的 YAML"),
        ("- {title: 甲}", "没有写 path"),
        ("- a.txt", "没有写 path"),
        ("- {path: a.txt, colour: red}", "“colour”"),
        ("- {path: a.txt, issued_on: 去年}", "“去年”不对，应为 日期"),
        ("- {path: a.txt, issued_on: 2024-07-23 10:00:00}", "应为 日期"),
        ("- {path: a.txt, kind: 通知}", "“通知”不对，应为 law、regulation"),
        ("- {path: a.txt, title: 2024}", "“2024”不对，应为 文字"),
        ("- {path: a.txt, replaces: 旧办法}", "“旧办法”不对，应为 标题的列表"),
        ("- {path: a.txt}\n- {path: a.txt}", "第 2 项有误：path“a.txt”出现了两次"),
    ],
)
def test_a_wrong_manifest_says_what_is_wrong_and_how_to_write_it(text: str, said: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(text, FILE)
    assert said in str(caught.value)
    assert "manifest.yaml" in str(caught.value)
    assert "{path: 某通知.txt" in str(caught.value)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="找不到文件清单"):
        load_manifest(tmp_path / "manifest.yaml")


def test_a_manifest_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ManifestError, match=r"manifest\.yaml"):
        load_manifest(path)


@needs_shared
@pytest.mark.shared
def test_the_manifest_of_the_real_documents_is_read() -> None:
    manifest = load_manifest(CORPUS / "manifest.yaml")
    assert [entry.kind for entry in manifest.entries] == [Kind.NORMATIVE, Kind.PLAN, Kind.REPORT, Kind.NEWS, Kind.REPORT]
    assert all((manifest.folder / entry.path).is_file() for entry in manifest.entries)
