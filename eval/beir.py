"""Data sets in BEIR's form: texts, questions and which text answers which question."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from eval.metrics import Judgements
from retrieval.entries import Entry


class DatasetError(Exception):
    """A folder does not hold what an evaluation needs. Read by developers; names the file and what is wanted."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Texts, questions and judgements in BEIR's form. Every question has at least one answering text."""

    name: str
    ids: tuple[str, ...]
    entries: tuple[Entry, ...]
    questions: Mapping[str, str]
    judged: Mapping[str, Judgements]


def read_beir(folder: Path, *, split: str | None = None, limit: int | None = None) -> Dataset:
    """Reads corpus.jsonl, queries[.split].jsonl and qrels[/.]split.tsv, each plain or .gz. Raises DatasetError.

    Ids stand under "_id" or "id". Judgements have three columns (BEIR, with or without a head line) or four (TREC).
    limit: only the first so many questions.
    """
    if not folder.is_dir():
        raise DatasetError(f"'{folder}' is no folder: give one with corpus.jsonl, queries.jsonl and qrels/test.tsv")
    corpus = list(_json_lines(_one_of(folder, "corpus.jsonl")))
    split = split or _only_split(folder)
    judged = _read_judgements(_one_of(folder, f"qrels/{split}.tsv", f"qrels.{split}.tsv"))
    queries = list(_json_lines(_one_of(folder, f"queries.{split}.jsonl", "queries.jsonl")))
    asked = {_id(query): str(query["text"]) for query in queries if any(judged.get(_id(query), {}).values())}
    chosen = dict(list(asked.items())[:limit])
    if not chosen:
        raise DatasetError(f"no question of '{folder}' has a judged text in split '{split}'")
    return Dataset(folder.name, tuple(map(_id, corpus)), tuple(map(_entry, corpus)), chosen, {key: judged[key] for key in chosen})


def _entry(text: Mapping[str, Any]) -> Entry:
    """heading is an addition of some sets to BEIR's title and text."""
    heading = text.get("heading")
    return Entry(str(text.get("title") or ""), str(text["text"]), (str(heading),) if heading else ())


def _one_of(folder: Path, *names: str) -> Path:
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise DatasetError(f"'{folder}' holds none of {', '.join(names)} (plain or .gz)")


def _only_split(folder: Path) -> str:
    names = [path.name for path in (*folder.glob("qrels/*.tsv*"), *folder.glob("qrels.*.tsv*"))]
    splits = sorted({name.removesuffix(".gz").removesuffix(".tsv").removeprefix("qrels.") for name in names})
    if len(splits) == 1:
        return splits[0]
    if "test" in splits:
        return "test"
    raise DatasetError(f"'{folder}' holds the judgements {splits or 'of no split'}: name one, e.g. --split dev")


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as stream:
        plain: IO[bytes] = cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if path.suffix == ".gz" else stream
        yield from (line.decode("utf-8").rstrip("\r\n") for line in plain if line.strip())


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), start=1):
        try:
            value = json.loads(line)
            if not isinstance(value, dict) or not _id(value) or "text" not in value:
                raise ValueError("no id or no text")
        except (ValueError, KeyError, TypeError) as error:
            wanted = '{"_id": "d1", "text": "…"}'
            raise DatasetError(f"{path}, line {number}: '{line[:60]}' is not as wanted, e.g. {wanted}") from error
        yield value


def _id(value: Mapping[str, Any]) -> str:
    return str(value["_id"] if "_id" in value else value["id"])


def _read_judgements(path: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path), start=1):
        parts = line.split()
        if number == 1 and not parts[-1].lstrip("-").isdigit():
            continue                        # BEIR's head line: query-id corpus-id score
        if len(parts) not in (3, 4) or not parts[-1].lstrip("-").isdigit():
            raise DatasetError(f"{path}, line {number}: '{line[:60]}' is not as wanted, e.g. 'q1 d7 1' or 'q1 0 d7 1'")
        judged.setdefault(parts[0], {})[parts[-2]] = max(0, int(parts[-1]))
    return judged
