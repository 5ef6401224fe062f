"""Answer signs: what a question asks for (how long, how much, who …), and how a text that answers it looks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import yaml
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AnswerSign:
    name: str
    asks: re.Pattern[str]
    answers: re.Pattern[str]


@lru_cache(maxsize=1)
def answer_signs() -> tuple[AnswerSign, ...]:
    """The signs of retrieval/answer_signs.yaml, in its order."""
    text = resources.files("retrieval").joinpath("answer_signs.yaml").read_text(encoding="utf-8")
    return tuple(AnswerSign(e["sign"], re.compile(e["asks"]), re.compile(e["answers"])) for e in yaml.safe_load(text))


REPORTS = "reports"


@lru_cache(maxsize=1)
def _reports() -> re.Pattern[str]:
    return next(sign.asks for sign in answer_signs() if sign.name == REPORTS)


def asks_for_reports(question: str) -> bool:
    """Is a normalised question about plans, reports or what the offices did, and not about what somebody may get?"""
    return _reports().search(question) is not None


def asked_for(question: str) -> NDArray[np.bool_]:
    """Which signs a normalised question asks for, one value a sign."""
    return np.array([sign.asks.search(question) is not None for sign in answer_signs()], np.bool_)


def shown_by(texts: Iterable[str]) -> NDArray[np.bool_]:
    """Which signs each normalised text shows: one row a text, one column a sign."""
    signs = answer_signs()
    rows = [[sign.answers.search(text) is not None for sign in signs] for text in texts]
    return np.array(rows, np.bool_).reshape(-1, len(signs))
