"""A reply as WeChat shows it: plain text in at most two messages, sources and options kept when something must go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.messages import Reply
from bot.outbox import BOT, Outgoing
from channels.wechat.text_cut import cut, size, sound
from channels.wechat.wording import Wording

LIMIT_BYTES = 2048
"""Source: the platform gives no number for customer-service text; its staff and the sister product say 2,048 bytes."""

MAX_MESSAGES = 2
"""Of five in the window: the advisor must have some left."""

UNLABELLED = ("crisis", "handoff")
"""Families of replies without the mark of machine-made text: fixed words of people, and nothing may stand beside a help line."""


@dataclass(frozen=True, slots=True)
class Source:
    """A citation as shown."""

    document: str
    number: str
    article: str

    def long(self) -> str:
        return f"《{self.document}》" + (f"（{self.number}）" if self.number else "") + self.article

    def short(self) -> str:
        return f"《{self.document}》{self.article}"


@dataclass(frozen=True, slots=True)
class Card:
    """The pieces of a message in the order they are shown."""

    opening: str
    points: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    next_steps: tuple[str, ...] = ()
    question: str = ""
    options: tuple[str, ...] = ()
    label: str = ""
    more: str = ""                  # the line that says that something was left out


class PlainText:
    """Renders replies and advisors' lines. link: where the whole answer can be read; empty: nowhere.

    limit: bytes a message. The same reply gives the same messages every time, so that sending can go on after a crash."""

    def __init__(self, wording: Wording, link: str = "", limit: int = LIMIT_BYTES) -> None:
        self._wording = wording
        self._link = link
        self._limit = limit

    def messages(self, outgoing: Outgoing, at_most: int = MAX_MESSAGES) -> list[str]:
        """One to at_most messages, each within the limit. An advisor's words are never shortened to fewer lines than fit."""
        if outgoing.reply is None:
            opening = outgoing.text if outgoing.author == BOT else f"{self._wording.advisor}\n{outgoing.text}"
            return self._fitted(Card(_plain(opening)), at_most)
        return self._fitted(self._card(outgoing.reply), at_most)

    def of_reply(self, reply: Reply, at_most: int = MAX_MESSAGES) -> list[str]:
        return self._fitted(self._card(reply.as_dict()), at_most)

    def whole_in_one(self, outgoing: Outgoing) -> str | None:
        """The one message that holds everything that matters; None when it takes more."""
        card = Card(_plain(outgoing.text)) if outgoing.reply is None else self._card(outgoing.reply)
        if outgoing.reply is None and outgoing.author != BOT:
            card = replace(card, opening=_plain(f"{self._wording.advisor}\n{outgoing.text}"))
        return next((text for text in self._tightened(card) if size(text) <= self._limit), None)

    def split(self, text: str) -> list[str]:
        """A message that WeChat found too long, in two."""
        head, rest = cut(text, max(1, size(text) * 3 // 5))
        return [part for part in (head, rest) if part]

    def _card(self, reply: Mapping[str, Any]) -> Card:
        headline, family = _plain(reply.get("headline")), str(reply.get("status", "")).split("_", 1)[0]
        points, steps = _lines(reply.get("points")), _lines(reply.get("next_steps"))
        opening = headline if headline else _plain(reply.get("text"))
        if not headline:
            # The text holds them already.
            points, steps = (), ()
        shown = "\n".join((opening, *points, *steps))
        asks = reply.get("asks") or {}
        question = _plain(asks.get("text"))
        options = tuple(_plain(option.get("label")) for option in asks.get("options", ())) or _lines(reply.get("options"))
        label = "" if family in UNLABELLED or self._wording.ai_label in shown else self._wording.ai_label
        question = "" if question in shown else question
        return Card(opening, points, _sources(reply.get("citations")), steps, question, options, label)

    def _fitted(self, card: Card, at_most: int) -> list[str]:
        for text in self._tightened(card):
            if size(text) <= self._limit:
                return [text]
        for text in (*self._tightened(card), *self._without_last_points(card)):
            parts = self._parts(text, at_most)
            if parts is not None:
                return parts
        return self._clipped(card, at_most)

    def _tightened(self, card: Card) -> list[str]:
        """The whole card, with sources said ever more briefly; the first two always stay."""
        return [self._text(card, Source.long), self._text(card, Source.short),
                self._text(replace(card, sources=card.sources[:2]), Source.short)]

    def _without_last_points(self, card: Card) -> list[str]:
        card = replace(card, sources=card.sources[:2], more=self._more())
        return [self._text(replace(card, points=card.points[:kept]), Source.short) for kept in range(len(card.points) - 1, 0, -1)]

    def _clipped(self, card: Card, at_most: int) -> list[str]:
        """What is shown first, as far as it goes, then the word that there is more, the options and the label."""
        tail = self._text(Card("", options=card.options, label=card.label, more=self._more()), Source.short)
        if size(tail) > self._limit // 2:
            tail = self._more()
        rest = self._text(replace(card, options=(), label="", sources=card.sources[:2]), Source.short)
        parts: list[str] = []
        while len(parts) < at_most - 1 and rest:
            head, rest = cut(rest, self._limit)
            parts.append(head)
        head, _ = cut(rest, self._limit - size(tail) - 2)
        return [*parts, f"{head}\n\n{tail}"]

    def _parts(self, text: str, at_most: int) -> list[str] | None:
        parts: list[str] = []
        while text and len(parts) < at_most:
            head, text = cut(text, self._limit)
            parts.append(head)
        return None if text else parts

    def _more(self) -> str:
        return self._wording.rest_with_link.format(link=self._link) if self._link else self._wording.rest_without_link

    def _text(self, card: Card, shown: Callable[[Source], str]) -> str:
        words = self._wording
        cited = words.cited.format(citations="；".join(dict.fromkeys(shown(s) for s in card.sources))) if card.sources else ""
        steps = "\n".join((words.next_steps, *(_bullet(step) for step in card.next_steps))) if card.next_steps else ""
        numbered = (f"{number}. {option}" for number, option in enumerate(card.options, 1))
        options = "\n".join((words.options, *numbered)) if card.options else ""
        blocks = (card.opening, "\n".join(_bullet(point) for point in card.points), cited, steps, card.more, card.label,
                  card.question, options)
        return "\n\n".join(block for block in blocks if block)


def _bullet(line: str) -> str:
    return line if line.startswith(("·", "•", "-", "—")) else f"· {line}"


def _plain(value: object) -> str:
    # In customer-service messages WeChat reads <a href=…> as a link: nobody's words may make one.
    return sound(str(value or "")).replace("<", "＜").replace(">", "＞").strip()


def _lines(values: Sequence[object] | None) -> tuple[str, ...]:
    return tuple(line for line in (_plain(value) for value in values or ()) if line)


def _sources(citations: Sequence[Mapping[str, Any]] | None) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(_source(citation) for citation in citations or ()))


def _source(citation: Mapping[str, Any]) -> Source:
    return Source(_plain(citation.get("document")).strip("《》"), _plain(citation.get("number")), _plain(citation.get("article")))
