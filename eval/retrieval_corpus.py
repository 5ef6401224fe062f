"""What the retrieval benchmark searches: texts with judged questions, filled up to a size with texts that answer none of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from eval.beir import Dataset, DatasetError, read_beir
from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import Kind, PolicyDocument, Rank
from retrieval.entries import Entry

SEED = 20261122
MOST_QUESTIONS = 300
SENTENCES = re.compile(r"[^。；！？\n]+[。；！？\n]?")
SENTENCES_A_FILLER = 3


@dataclass(frozen=True, slots=True)
class Filling:
    """Where fillers come from: a folder in BEIR form, or the handbook's sentences in new company."""

    name: str
    entries: tuple[Entry, ...]


def bench_dataset(catalogue: Catalogue, folder: Path | None, split: str | None = None) -> Dataset:
    """The judged texts: a folder in BEIR form, or the handbook's sections with questions that each is known to answer.

    Of those questions none is indexed: the texts alone must be found. Raises DatasetError.
    """
    if folder is not None:
        return read_beir(folder, split=split, limit=MOST_QUESTIONS)
    sections = catalogue.clauses(_a_day(catalogue))
    asked = [(question, section.clause_id) for section in sections for question in catalogue.asked_as(section.clause_id)]
    chosen = Random(SEED).sample(asked, min(MOST_QUESTIONS, len(asked)))
    questions = {f"q{number}": question for number, (question, _) in enumerate(chosen)}
    judged = {f"q{number}": {answer: 1} for number, (_, answer) in enumerate(chosen)}
    entries = tuple(Entry(s.document.title, s.text, s.heading_path, s.article) for s in sections)
    return Dataset("handbook", tuple(section.clause_id for section in sections), entries, questions, judged)


def _a_day(catalogue: Catalogue) -> date:
    return KnowledgeBase(0, "", catalogue).built_on


def filling(catalogue: Catalogue, folder: Path | None, size: int) -> Filling:
    """Fillers, always the same ones: all that the folder holds, or `size` made-up ones. Raises DatasetError."""
    if folder is None:
        return Filling("handbook sentences", tuple(_shuffled(catalogue, size)))
    return Filling(folder.name, read_beir(folder, limit=1).entries)


def _shuffled(catalogue: Catalogue, size: int) -> list[Entry]:
    sections = catalogue.clauses(_a_day(catalogue))
    sentences = [sentence for section in sections for sentence in SENTENCES.findall(section.text) if len(sentence) > 8]
    chance = Random(SEED)
    return [Entry(f"填充文件{number % 500}", "".join(chance.sample(sentences, SENTENCES_A_FILLER))) for number in range(size)]


def filled(dataset: Dataset, fillers: Filling, size: int) -> Dataset:
    """Exactly `size` texts: every text that answers a question, other texts of the set, then fillers. Raises DatasetError."""
    gold = {key for judged in dataset.judged.values() for key, grade in judged.items() if grade > 0}
    if len(gold) > size:
        raise DatasetError(f"'{dataset.name}' has {len(gold)} texts that answer a question, more than the {size} wanted")
    texts = dict(zip(dataset.ids, dataset.entries, strict=True))
    missing = gold - texts.keys()
    if missing:
        raise DatasetError(f"'{dataset.name}' names the text '{min(missing)}' as an answer and does not hold it")
    others = [key for key in dataset.ids if key not in gold]
    Random(SEED).shuffle(others)
    kept = {*gold, *others[:size - len(gold)]}
    chosen = {key: entry for key, entry in texts.items() if key in kept}
    # A filler that repeats a judged text would be a right answer counted as wrong.
    known = {entry.text for entry in dataset.entries}
    for number, entry in enumerate(entry for entry in fillers.entries if entry.text not in known):
        if len(chosen) == size:
            break
        chosen[f"filler{number}"] = entry
    if len(chosen) < size:
        raise DatasetError(f"'{dataset.name}' and '{fillers.name}' hold {len(chosen)} texts together, {size} are wanted")
    return replace(dataset, ids=tuple(chosen), entries=tuple(chosen.values()))


class LexiconOnly(Catalogue):
    """The handbook's words without its sections: the benchmark's texts are all there is."""

    def clauses(self, on: date) -> tuple[Clause, ...]:
        return ()


def knowledge_of(dataset: Dataset) -> KnowledgeBase:
    """The texts as a release: one law a title, in force and valid everywhere; the id of a text is its clause's."""
    laws: dict[str, PolicyDocument] = {}
    clauses = []
    for key, entry in zip(dataset.ids, dataset.entries, strict=True):
        law = laws.setdefault(entry.title, PolicyDocument(f"d{len(laws)}", entry.title, Kind.LAW, Rank.LAW, "", source="bench"))
        clauses.append(Clause(key, law, entry.article, entry.text, entry.headings))
    return KnowledgeBase(0, f"bench {dataset.name} {len(clauses)}", LexiconOnly.bundled(), tuple(clauses))
