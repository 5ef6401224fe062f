"""Chinese words: one spelling for all texts, cut into words, pairs and characters; folk words turned into official ones."""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

from knowledge.lexicon import Term, TermKind

FORM = 1
"""Raised whenever cutting or normalising changes, so that indexes cut otherwise are built again."""

SAME_WORD_WEIGHT = 1.0      # a typing or hearing error stands for the official word itself
OTHER_WORD_WEIGHT = 0.3     # a folk word usually, not always, means the official one
ERRORS = frozenset({TermKind.TYPO, TermKind.VOICE})
STRANGE = ERRORS | {TermKind.DIALECT}
"""Words that a model trained on written Chinese does not know: replaced before embedding. Folk words it knows well enough."""

RUNS = re.compile(r"[0-9a-z]+(?:\.[0-9]+)?|[\u3400-\u9fff]+")
NUMBER = re.compile(r"[0-9.]+|[零〇一二两三四五六七八九十百千万亿几多半]+")
SPACE = re.compile(r"\s+")
VISIBLE = re.compile(r"[\s!-~\u2013-\u2027\u2150-\u218f\u2460-\u25ff\u3000-\u303f\u3400-\u9fff]*")
"""Characters that nearly all texts consist of and that are surely seen: most texts need no look at each of them."""
SEVERAL = re.compile(r"[/、;；]|或(?=.)")      # an official term may name several: 医疗救助/补充保险

# Function words only: anything that could tell one clause from another stays. Includes Shanghai dialect's particles.
FUNCTION_WORDS = """
的 了 是 在 和 与 及 或 等 吗 呢 吧 啊 呀 哦 嘛 伐 阿 格 个 额 我 你 您 他 她 它 伊 侬 阿拉 伲 我们 你们 他们 咱 咱们 自己
这 那 哪 哪些 哪个 哪里 这个 那个 这种 那种 这样 那样 什么 啥 怎么 怎么样 怎样 咋 如何 为什么 为啥 多少 几 有 没 没有 会
能 能够 可以 应该 应当 要 需要 得 对 对于 关于 于 由 被 把 给 让 从 到 向 就 都 也 还 又 而 但 但是 并 其 之 所 以 因 因为
所以 为 请问 问 问问 想 想问 一下 一个 是否 有没有 能否 能不能 可不可以 不 很 太 说 讲 去 来 着 过 上 下 里 啦 嗯 好 谢谢
麻烦 现在 已经 如果 的话 时候
"""
STOP_WORDS = frozenset(FUNCTION_WORDS.split())

Found = tuple[re.Match[str], list[tuple[str, float]]]
"""A lexicon word in a question and what it means, each meaning with its weight."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One informative word of a question. ways: the ways to say it, each as tokens; the first is the word as asked."""

    word: str
    ways: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question made ready for searching.

    tokens: words, pairs and characters as asked, each once; added: tokens of official words meant by it, with their weight;
    meant: the question with errors and dialect put right, for embedding; concepts: what a good clause should speak of.
    """

    text: str
    meant: str
    tokens: tuple[str, ...]
    added: tuple[tuple[str, float], ...]
    concepts: tuple[Concept, ...]


def normalise(text: str) -> str:
    """One spelling: half width, simplified characters, small letters, no invisible characters, single spaces."""
    half = unicodedata.normalize("NFKC", text)
    visible = half if VISIBLE.fullmatch(half) else "".join(c for c in half if c.isspace() or not _is_invisible(c))
    return SPACE.sub(" ", _converter().convert(visible)).strip().lower()


def _is_invisible(letter: str) -> bool:
    """Zero-width and control characters, and the marks that only choose how the character before them is drawn."""
    return unicodedata.category(letter) in ("Cc", "Cf") or "\ufe00" <= letter <= "\ufe0f"


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def pieces(text: str) -> list[str]:
    """Neighbouring Chinese characters two by two and one by one, Latin words and numbers whole. Wants normalised text.

    Single characters carry what everyday and official words share: 看病 and 疾病, 没钱 and 资金. On residents' questions they
    bring more than any other field or setting of the index.
    """
    found: list[str] = []
    for run in RUNS.findall(text):
        if run[0].isascii():
            found.append(run)
        else:
            found.extend(run[i:i + 2] for i in range(len(run) - 1))
            found.extend(run)
    return found


class Cuts(Protocol):
    """Texts cut before."""

    def of(self, plain: str, cut: Callable[[str], list[str]]) -> list[str]:
        """The words of a normalised text: remembered, else cut now."""
        ...


class Words:
    """Cuts texts and questions. The lexicon's words are known to the cutter and to the search for official words."""

    def __init__(self, lexicon: Iterable[Term] = ()) -> None:
        self._terms: dict[str, list[tuple[str, float]]] = {}
        self._strange: set[str] = set()
        for term in lexicon:
            weight = SAME_WORD_WEIGHT if term.kind in ERRORS else OTHER_WORD_WEIGHT
            said = normalise(term.term)
            meanings = [m for m in map(normalise, SEVERAL.split(term.official)) if m and m != said]
            if said and meanings:
                if term.kind in STRANGE:
                    self._strange.add(said)
                self._terms.setdefault(said, []).extend((meaning, weight) for meaning in meanings)
        self._cuts: Cuts | None = None
        longest_first = sorted(self._terms, key=lambda said: (-len(said), said))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    @cached_property
    def digest(self) -> str:
        """Names everything that decides how a text is cut."""
        return hashlib.sha256(f"{FORM} {sorted(self._known_words)}".encode()).hexdigest()[:16]

    def load(self) -> None:
        """Reads the dictionaries now, so that the first question does not wait half a second for them."""
        self.tokens("一本通")

    def tokens(self, text: str) -> list[str]:
        """What the lexical index holds of a text: its words, then its pairs and characters."""
        plain = normalise(text)
        return [*self._words(plain), *pieces(plain)]

    def informative(self, text: str) -> frozenset[str]:
        """The words of a text that tell what it is about."""
        return frozenset(word for word in self._words(normalise(text)) if not NUMBER.fullmatch(word))

    def question(self, text: str) -> Question:
        plain = normalise(text)
        found = list(self._meanings(plain))
        added: dict[str, float] = {}
        for _, meanings in found:
            for meaning, weight in meanings:
                for token in (*self._words(meaning), *pieces(meaning)):
                    added[token] = max(weight, added.get(token, 0.0))
        tokens = dict.fromkeys(token for token in (*self._words(plain), *pieces(plain)) if token not in STOP_WORDS)
        new = tuple((token, weight) for token, weight in added.items() if token not in tokens)
        return Question(plain, self._put_right(plain, found), tuple(tokens), new, tuple(self._concepts(plain, found)))

    @contextmanager
    def remembering(self, cuts: Cuts) -> Iterator[None]:
        """While an index is built: what was cut before, for this or another release, is taken from there."""
        self._cuts = cuts
        try:
            yield
        finally:
            self._cuts = None

    def _words(self, plain: str) -> list[str]:
        return self._cut(plain) if self._cuts is None else self._cuts.of(plain, self._cut)

    def _cut(self, plain: str) -> list[str]:
        return [word for word in self._cutter.cut_for_search(plain) if word not in STOP_WORDS and RUNS.search(word)]

    def _meanings(self, plain: str) -> Iterator[Found]:
        """Each lexicon word in the text, longest first at each place, with what it means, one step further included:
        低宝 means 低保, and 低保 means 最低生活保障."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(plain):
            direct = self._terms[match.group()]
            further = [(last, weight * w) for meaning, weight in direct for last, w in self._terms.get(meaning, ())]
            yield match, [*direct, *(m for m in further if m[0] != match.group())]

    def _put_right(self, plain: str, found: list[Found]) -> str:
        parts, at = [], 0
        for match, meanings in found:
            if match.group() in self._strange:
                parts += [plain[at:match.start()], meanings[0][0]]
                at = match.end()
        return "".join([*parts, plain[at:]])

    def _concepts(self, plain: str, found: list[Found]) -> Iterator[Concept]:
        at = 0
        seen: set[str] = set()
        for match, meanings in [*found, (None, [])]:
            between = plain[at:match.start()] if match else plain[at:]
            for word in self._cutter.cut(between):
                if word not in seen and word not in STOP_WORDS and RUNS.search(word) and not NUMBER.fullmatch(word):
                    seen.add(word)
                    # Cut finer, a word may fall into stop words alone; then it stands for itself.
                    yield Concept(word, (self._ways(word) or (word,),))
            if match:
                at = match.end()
                if match.group() not in seen and any(self._words(meaning) for meaning, _ in meanings):
                    seen.add(match.group())
                    ways = dict.fromkeys(self._ways(way) for way in (match.group(), *(meaning for meaning, _ in meanings)))
                    yield Concept(match.group(), tuple(way for way in ways if way))

    def _ways(self, word: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._words(word)))

    @cached_property
    def _known_words(self) -> tuple[str, ...]:
        named = {word for said, meanings in self._terms.items() for word in (said, *(meaning for meaning, _ in meanings))}
        return tuple(sorted(word for word in named if len(word) > 1 and RUNS.fullmatch(word)))

    @cached_property
    def _cutter(self) -> Any:
        cutter = _import_jieba().Tokenizer()
        # Its own way to start reads the dictionary from a cache file that it trusts blindly; reading it once a process is as
        # fast, and a copy costs each new release a few milliseconds.
        frequencies, cutter.total = _dictionary()
        cutter.FREQ, cutter.initialized = dict(frequencies), True
        for word in self._known_words:
            cutter.add_word(word)
        return cutter


@lru_cache(maxsize=1)
def _dictionary() -> tuple[dict[str, int], int]:
    """jieba's dictionary: how often a word is used, and the sum. Takes half a second."""
    cutter = _import_jieba().Tokenizer()
    frequencies, total = cutter.gen_pfdict(cutter.get_dict_file())
    return frequencies, total


def _import_jieba() -> Any:
    """jieba 0.42.1 is older than today's Python: its source and its use of pkg_resources warn once when first compiled."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="invalid escape sequence")
        warnings.filterwarnings("ignore", message=".*pkg_resources")
        import jieba
    jieba.setLogLevel(logging.WARNING)      # it reports each loading of its dictionary on stderr otherwise
    return jieba
