"""Pairs of a question and a text that answers it, with texts that look right and are not: what the encoder learns from."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from eval.beir import Dataset
from eval.policy_questions import PolicyQuestion
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from retrieval.hybrid import HybridIndex
from retrieval.index import entries_of

NEGATIVES = 6           # kept of each pair; each epoch draws one of them
WINDOW = range(6, 60)   # places of a ranking that negatives come from: the first ones often answer as well, unjudged
OTHER_QUESTIONS = 1     # other questions of the same text that each question is paired with
DENSE_WEIGHT = 0.5      # of the searches that look for negatives


class PairsError(Exception):
    """A file of pairs cannot be used. Read by developers; quotes the line and says what is wanted."""


@dataclass(frozen=True, slots=True)
class Pair:
    """question is answered by passage. answers: all texts known to answer it, never counted against it.

    documents: titles of the documents that hold them. source: the set it comes from; a batch holds one source only, so that
    its other passages are plausible.
    """

    question: str
    passage: str
    source: str
    negatives: tuple[str, ...] = ()
    answers: frozenset[str] = field(default_factory=frozenset)
    documents: frozenset[str] = field(default_factory=frozenset)


def write_pairs(pairs: Iterable[Pair], path: Path) -> None:
    """One JSON object a line, in the order given."""
    with path.open("w", encoding="utf-8") as stream:
        for pair in pairs:
            record = asdict(pair) | {"answers": sorted(pair.answers), "documents": sorted(pair.documents)}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def read_pairs(path: Path) -> list[Pair]:
    """Raises PairsError for a file that is absent, empty or of another form."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise PairsError(f"'{path}' cannot be read: {error}. "
                         f"Make it first: python -m eval.encoder_training pairs --out {path}") from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            pairs.append(Pair(record["question"], record["passage"], record["source"], tuple(record["negatives"]),
                              frozenset(record["answers"]), frozenset(record["documents"])))
        except (ValueError, KeyError, TypeError) as error:
            raise PairsError(f"{path}, line {number}: '{line[:60]}' is no pair ({error}); wanted an object with question, "
                             "passage, source, negatives, answers and documents, as the command pairs writes it") from error
    if not pairs:
        raise PairsError(f"'{path}' holds no pairs: make it again with python -m eval.encoder_training pairs")
    return pairs


def pairs_of_dataset(dataset: Dataset, index: HybridIndex, documents: Mapping[str, str], seed: int) -> list[Pair]:
    """A pair for every question of a set in BEIR's form and every text that answers it. documents: title by id of a text."""
    chance = random.Random(seed)
    position = {name: i for i, name in enumerate(dataset.ids)}
    pairs = []
    for key, question in dataset.questions.items():
        known = {position[text]: documents[text] for text, grade in dataset.judged[key].items() if grade > 0 and text in position}
        found = _ranked(index, question)
        pairs += [_pair(index, question, place, known, [found[i] for i in WINDOW if i < len(found)], dataset.name, chance)
                  for place in sorted(known)]
    return pairs


def pairs_of_knowledge(knowledge: KnowledgeBase, index: HybridIndex, seed: int) -> list[Pair]:
    """The questions people ask (asked_as), each with the clause of its article that lies nearest, and with a sister question.

    index: of the same clauses, without their questions.
    """
    chance = random.Random(seed)
    owners: dict[str, list[int]] = {}
    for position, entry in enumerate(entries_of(knowledge)):
        for question in entry.asked_as:
            owners.setdefault(question, []).append(position)
    pairs = []
    for question, positions in owners.items():
        pairs.append(_asked_pair(knowledge, index, question, positions, chance))
    return [*pairs, *_sisters(knowledge, index, chance)]


def _asked_pair(
    knowledge: KnowledgeBase, index: HybridIndex, question: str, positions: Sequence[int], chance: random.Random
) -> Pair:
    """Negatives are other articles of the same document first: parallel laws often answer the same question."""
    found = _ranked(index, question)
    nearest = next((i for i in found if i in positions), positions[0])
    title = knowledge.clauses[nearest].document.title
    same = [i for i in found[:60] if knowledge.clauses[i].document.title == title]
    far = [found[i] for i in WINDOW if i >= 12 and i < len(found)]
    candidates = [*same[:NEGATIVES], *chance.sample(far, min(len(far), NEGATIVES // 2))]
    known = {i: knowledge.clauses[i].document.title for i in positions}
    return _pair(index, question, nearest, known, candidates, "asked_as", chance)


def _sisters(knowledge: KnowledgeBase, index: HybridIndex, chance: random.Random) -> list[Pair]:
    """Questions with another question of the same clause: the index also compares a question with those."""
    groups = {entry.asked_as: entry.title for entry in entries_of(knowledge) if len(entry.asked_as) > 1}
    return [
        Pair(index.words.question(question).meant, other, "sister", (), frozenset(group), frozenset((title,)))
        for group, title in sorted(groups.items()) for question in group
        for other in chance.sample([q for q in group if q != question], OTHER_QUESTIONS)
    ]


def pairs_of_questions(
    questions: Sequence[PolicyQuestion], knowledge: KnowledgeBase, index: HybridIndex, seed: int
) -> list[Pair]:
    """policy_qa: a pair for every unit that answers by itself; units that look right and are wrong come first as negatives."""
    chance = random.Random(seed)
    pairs = []
    for question in questions:
        units = {unit: [i for i, clause in enumerate(knowledge.clauses) if lies_in(clause, *unit)] for unit in question.units}
        answering = {unit: positions for unit, positions in units.items() if question.units[unit] == 2 and positions}
        known = {i: knowledge.clauses[i].document.title
                 for unit, positions in units.items() if question.units[unit] > 0 for i in positions}
        wrong = [i for unit, positions in units.items() if question.units[unit] == 0 for i in positions]
        found = _ranked(index, question.text)
        for positions in answering.values():
            nearest = next((i for i in found if i in positions), positions[0])
            candidates = [*wrong, *(found[i] for i in WINDOW if i < len(found))]
            pairs.append(_pair(index, question.text, nearest, known, candidates, "policy_qa", chance, keep_first=len(wrong)))
    return pairs


def lies_in(clause: Clause, file: str, article: str) -> bool:
    return clause.document.source == file and clause.article.startswith(article)


def _ranked(index: HybridIndex, question: str) -> list[int]:
    everything = np.ones(len(index.entries), np.bool_)
    found = index.find(question, everything, DENSE_WEIGHT, depth=4 * WINDOW.stop)
    order = np.argsort(-found.fused, kind="stable")
    return [int(position) for position in found.positions[order]]


def _pair(
    index: HybridIndex, question: str, place: int, known: Mapping[int, str], candidates: Sequence[int], source: str,
    chance: random.Random, keep_first: int = 0,
) -> Pair:
    answers = frozenset(index.entries[i].passage for i in known)
    texts = list(dict.fromkeys(text for i in candidates if (text := index.entries[i].passage) not in answers))
    first, rest = texts[:keep_first], texts[keep_first:]
    chosen = [*first, *chance.sample(rest, min(len(rest), max(0, NEGATIVES - len(first))))]
    documents = frozenset(known.values())
    meant = index.words.question(question).meant        # what the product embeds of a question
    return Pair(meant, index.entries[place].passage, source, tuple(chosen), answers, documents)


def counts(pairs: Iterable[Pair]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for pair in pairs:
        found[pair.source] = found.get(pair.source, 0) + 1
    return dict(sorted(found.items()))
