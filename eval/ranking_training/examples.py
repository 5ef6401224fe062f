"""Training examples of the ranking stage: what a question found, as features, and which of it answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from eval.beir import Dataset
from eval.metrics import Judgements
from eval.policy_questions import PolicyQuestion, unit_name
from eval.ranking_training.questions_left_out import ForgetfulIndex
from knowledge.clauses import Clause
from knowledge.knowledge_base import KnowledgeBase
from knowledge.policy_documents import Kind
from retrieval.hybrid import HybridIndex
from retrieval.index import reaches, weight
from retrieval.lexical import Floats
from retrieval.ranking import RANKED
from retrieval.ranking_features import FeatureTable

DENSE_WEIGHT = 0.45
NOT_JUDGED = -1
CONDITIONS = ("all", "gold", "half")
"""Which documents have questions that people ask: all; all but those that answer; neither these nor half of the others. The last
two are what an office meets with documents it imports itself."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question under one condition. group: what must not stand on both sides of a fold. weights: the policy weights.

    grades: NOT_JUDGED for texts that no judgement could name (the handbook's, for questions on documents). names: of the texts
    found, as judged knows them.
    """

    source: str
    group: str
    features: Floats
    grades: NDArray[np.int64]
    weights: Floats
    names: tuple[str, ...]
    judged: Judgements


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question on a day. graded: grade by position of the clauses that answer; those known to be wrong have 0."""

    source: str
    group: str
    text: str
    on: date
    graded: Mapping[int, int]


class PolicyExamples:
    """Examples from the real documents: residents' questions, and the questions people ask, each with itself left out."""

    def __init__(self, knowledge: KnowledgeBase, forgetful: ForgetfulIndex, region: str, seed: int) -> None:
        self._knowledge, self._forgetful, self._region, self._random = knowledge, forgetful, region, random.Random(seed)
        self._table = FeatureTable(forgetful.index.entries)
        self._titles = np.array([clause.document.title for clause in knowledge.clauses])
        self._handbook = np.array([clause.document.kind is Kind.HANDBOOK for clause in knowledge.clauses], np.bool_)
        self._views: dict[date, tuple[NDArray[np.bool_], Floats]] = {}

    def of_questions(self, questions: Sequence[PolicyQuestion], condition: str) -> list[Example]:
        """condition: one of CONDITIONS."""
        examples = []
        for question in questions:
            graded = question.grades(self._knowledge.clauses)
            asked = _Asked(f"policy_qa {condition}", " ".join(sorted(question.answering)), question.text, question.on, graded)
            rows = self._rows_of(self._left_out(graded, condition))
            examples.append(self._example(asked, rows, question.answering, partial(unit_name, question)))
        return examples

    def of_asked(self, count: int, on: date, condition: str) -> list[Example]:
        """From questions people ask about articles, each left out itself; condition as above. Handbook sections have no grade."""
        owners: dict[str, list[int]] = {}
        for text, owner in zip(self._forgetful.texts, self._forgetful.owners.tolist(), strict=True):
            owners.setdefault(text, []).append(owner)
        on_documents = sorted(text for text, of in owners.items() if not self._handbook[of].all())
        texts = self._random.sample(on_documents, min(count, len(on_documents)))
        examples = []
        for text in texts:
            graded = {owner: 2 for owner in owners[text] if not self._handbook[owner]}
            itself = np.array([other == text for other in self._forgetful.texts], np.bool_)
            rows = itself | self._rows_of(self._left_out(graded, condition))
            group = " ".join(sorted({str(self._titles[owner]) for owner in graded}))
            asked = _Asked(f"asked {condition}", group, text, on, graded)
            judged = {self._clause_id(position): grade for position, grade in graded.items()}
            examples.append(self._example(asked, rows, judged, attrgetter("clause_id")))
        return examples

    def _clause_id(self, position: int) -> str:
        return self._knowledge.clauses[position].clause_id

    def _example(
        self, asked: _Asked, left_out: NDArray[np.bool_], judged: Judgements, named: Callable[[Clause], str]
    ) -> Example:
        allowed, weights = self._view(asked.on)
        with self._forgetful.without(left_out) as index:
            found = index.find(asked.text, allowed, DENSE_WEIGHT, weights=weights, depth=RANKED)
            features = self._table.of(found)
        positions = found.positions.tolist()
        grades = [NOT_JUDGED if self._handbook[p] else asked.graded.get(p, 0) for p in positions]
        names = tuple(named(self._knowledge.clauses[p]) for p in positions)
        return Example(asked.source, asked.group, features, np.array(grades, np.int64), weights[found.positions], names, judged)

    def _left_out(self, graded: Mapping[int, int], condition: str) -> NDArray[np.bool_]:
        """Entries whose questions are looked away from."""
        if condition == "all":
            return np.zeros(len(self._titles), np.bool_)
        documents = {str(self._titles[position]) for position, grade in graded.items() if grade > 1}
        if condition == "half":
            others = sorted(set(self._titles[~self._handbook].tolist()))
            documents |= {title for title in others if self._random.random() < 0.5}
        return np.isin(self._titles, sorted(documents))

    def _rows_of(self, entries: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return entries[self._forgetful.owners]

    def _view(self, on: date) -> tuple[NDArray[np.bool_], Floats]:
        if on not in self._views:
            clauses = self._knowledge.clauses
            allowed = np.array([c.in_force(on) and reaches(c.document.region, self._region) for c in clauses], np.bool_)
            self._views[on] = allowed, np.array([weight(clause, on) for clause in clauses], np.float32)
        return self._views[on]


def of_dataset(dataset: Dataset, index: HybridIndex, count: int) -> list[Example]:
    """From the first `count` questions of a set in BEIR's form."""
    table, everything = FeatureTable(dataset.entries), np.ones(len(dataset.entries), np.bool_)
    examples = []
    for key, text in list(dataset.questions.items())[:count]:
        found = index.find(text, everything, DENSE_WEIGHT, depth=RANKED)
        judged = dataset.judged[key]
        grades = np.array([2 * (judged.get(dataset.ids[p], 0) > 0) for p in found.positions.tolist()], np.int64)
        group = " ".join(sorted(text for text, grade in judged.items() if grade > 0))
        names = tuple(dataset.ids[position] for position in found.positions.tolist())
        examples.append(Example(dataset.name, group, table.of(found), grades, np.ones(len(grades), np.float32), names, judged))
    return examples
