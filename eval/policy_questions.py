"""policy_qa: residents' questions on the real documents, with the units of the documents that answer them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.catalogue import Catalogue
from knowledge.clauses import Clause
from knowledge.documents.reading import read_document
from knowledge.documents.succession import bundled_table_text, parse_table, with_succession
from knowledge.knowledge_base import KnowledgeBase
from knowledge.manifest import load_manifest
from knowledge.policy_documents import Kind

Unit = tuple[str, str]
"""A file's name and the numbering of an article or section in it: ("社会救助法(2026).md", "第二十一条")."""

ANSWERS = 2             # grade of a unit that answers by itself; 1 helps, 0 looks right and is wrong


@dataclass(frozen=True, slots=True)
class PolicyQuestion:
    """One question as last typed. units: grade by unit. on: the day it is asked."""

    id: str
    text: str
    on: date
    units: Mapping[Unit, int]

    @property
    def answering(self) -> dict[str, int]:
        """Judgements for the metrics: only units that answer by themselves."""
        return {_name(unit): grade for unit, grade in self.units.items() if grade >= ANSWERS}

    def grades(self, clauses: Sequence[Clause]) -> dict[int, int]:
        """Grade by position of the clauses that lie in a judged unit."""
        found: dict[int, int] = {}
        for position, clause in enumerate(clauses):
            for (file, article), grade in self.units.items():
                if clause.document.source == file and clause.article.startswith(article):
                    found[position] = max(grade, found.get(position, 0))
        return found

    def wrong_first(self, ranking: Sequence[str]) -> float:
        """1 when a unit of grade 0 stands before every unit that answers, else 0."""
        for name in ranking:
            grade = next((grade for unit, grade in self.units.items() if _name(unit) == name), None)
            if grade is not None and grade != 1:
                return float(grade == 0)
        return 0.0


def read_policy_questions(path: Path) -> list[PolicyQuestion]:
    """The answerable questions of a file of JSON lines, in its order."""
    questions = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record: dict[str, Any] = json.loads(line)
        if record["answerable"]:
            units = {(Path(gold["file"]).name, str(gold["article"])): int(gold["grade"])
                     for gold in (*record["gold"], *record["not_gold"])}
            questions.append(PolicyQuestion(record["id"], record["question"], date.fromisoformat(record["as_of"]), units))
    return questions


def unit_ranking(question: PolicyQuestion, clauses: Sequence[Clause]) -> list[str]:
    """The clauses found, as names of judged units where they lie in one, each unit once at its best place.

    Sections of our own handbook are left out: they answer many of the questions, but no judgement says which.
    """
    documents = (clause for clause in clauses if clause.document.kind is not Kind.HANDBOOK)
    return list(dict.fromkeys(unit_name(question, clause) for clause in documents))


def unit_name(question: PolicyQuestion, clause: Clause) -> str:
    """The name of the judged unit a clause lies in, else its own id."""
    for unit in question.units:
        file, article = unit
        if clause.document.source == file and clause.article.startswith(article):
            return _name(unit)
    return clause.clause_id


def _name(unit: Unit) -> str:
    return "#".join(unit)


def corpus_knowledge(corpus: Path) -> KnowledgeBase:
    """The real documents of a folder, with the bundled handbook, as an unpublished release."""
    manifest = load_manifest(corpus / "manifest.yaml")
    files = sorted(path for path in corpus.rglob("*") if path.suffix in (".md", ".txt"))
    documents = [read_document(path, manifest.entry_for(path)) for path in files]
    clauses = with_succession([c for document in documents for c in document.clauses], parse_table(bundled_table_text()))
    digest = hashlib.sha256("".join(document.sha256 for document in documents).encode()).hexdigest()
    return KnowledgeBase(0, digest, Catalogue.bundled(), clauses)
