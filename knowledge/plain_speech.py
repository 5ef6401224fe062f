"""Plain speech (好懂): sentences short enough to read in one breath, and no term of law left unexplained. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.checking_rules import checking_rules
from knowledge.places import PLACE

_END = re.compile(r"[。；！？\n]+")
_A_NUMBER = "0000"


def sentences_of_text(text: str) -> Iterator[str]:
    """Its sentences, parted at 。；！？, with a number of usual length in each place."""
    yield from filter(None, (part.strip() for part in _END.split(PLACE.sub(_A_NUMBER, text))))


def long_sentences(text: str) -> tuple[str, ...]:
    return tuple(said for said in sentences_of_text(text) if len(said) > checking_rules().longest_sentence)


def unexplained_terms(text: str) -> tuple[str, ...]:
    """Terms of law in a section that none of its words explains."""
    rules = checking_rules().terms_of_law
    return tuple(term for term, plain in rules.items() if term in text and not any(word in text for word in plain))
