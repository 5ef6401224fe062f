"""A message made comparable: one width, simplified characters, nothing invisible, optionally no gaps at all."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

_NOT_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """The message as the steps read it: NFKC width, traditional characters simplified, control, format and surrogate characters
    dropped (they serve to hide words or orders), runs of blanks made one. Words and their order stay."""
    wide = unicodedata.normalize("NFKC", text)
    kept = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in wide
        if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn")
    )
    return re.sub(r"\s+", " ", _simplifier().convert(kept)).strip()


def squeeze(text: str) -> str:
    """Only letters, digits and characters, lower case: "不 想…活 了！" and "不想活了" are the same words."""
    return _NOT_WORDS.sub("", normalise(text)).lower()
