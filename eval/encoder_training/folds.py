"""Which documents are left out of training, so that a measure never meets what was learned."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from eval.encoder_training.pairs import Pair
from knowledge.asked_as import bare_title

ARTICLE_AT_END = re.compile(r"第[零〇一二三四五六七八九十百千0-9]+条.*$")


@dataclass(frozen=True, slots=True)
class Fold:
    """A fixed choice of documents by their titles. share: 0 leaves nothing out; salt: another salt, another choice.

    A law counts by its bare title, so both its versions and its articles in a foreign data set fall on the same side.
    """

    share: float = 0.0
    salt: str = ""

    def leaves_out(self, document: str) -> bool:
        name = ARTICLE_AT_END.sub("", bare_title(document))
        digest = hashlib.sha256(f"{self.salt} {name}".encode()).digest()
        return int.from_bytes(digest[:4], "big") < self.share * 2**32

    def learned_from(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs that are left. A question left out with its document in one set is left out of every set."""
        asked = {pair.question for pair in pairs if any(map(self.leaves_out, pair.documents))}
        return [pair for pair in pairs if pair.question not in asked]
