"""Automatic numbers of Word (自动编号): the words 一、 or 第三条 that Word shows but does not keep in the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from knowledge.documents.numbering import to_chinese

CHINESE_FORMATS = frozenset({
    "chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "ideographDigital", "japaneseCounting",
    "taiwaneseCounting", "taiwaneseCountingThousand",
})
CIRCLED_FORMATS = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
SILENT_FORMATS = frozenset({"bullet", "none"})
LETTERS = 26


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list. pattern: as Word keeps it, %1 standing for the number of the first level. spaced: a gap follows."""

    number_format: str
    pattern: str
    start: int
    spaced: bool


class WordNumbers:
    """Counts the numbered paragraphs of one document in their order. Formats that are rare in Chinese count in digits."""

    def __init__(self, numbering: Any | None) -> None:
        self._levels: dict[str, Mapping[int, Level]] = {}
        self._list_of: dict[str, str] = {}
        self._restarts: dict[str, Mapping[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()
        if numbering is not None:
            self._read(numbering)

    def next_label(self, number_id: str, depth: int) -> str:
        """The words in front of the next paragraph of that list, "" for bullets and unknown lists."""
        abstract = self._list_of.get(number_id)
        levels = self._levels.get(abstract or "", {})
        if abstract is None or depth not in levels:
            return ""
        counts = self._counts[abstract]
        self._restart(number_id, counts)
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        level = levels[depth]
        if level.number_format in SILENT_FORMATS:
            return ""
        label = level.pattern
        for above in range(depth + 1):
            if f"%{above + 1}" in label and above in levels:
                number = counts.get(above, levels[above].start)
                label = label.replace(f"%{above + 1}", _written(number, levels[above].number_format))
        return label + (" " if level.spaced and label.endswith("条") else "")

    def _restart(self, number_id: str, counts: dict[int, int]) -> None:
        if number_id not in self._begun:
            self._begun.add(number_id)
            for depth, start in self._restarts.get(number_id, {}).items():
                counts[depth] = start - 1

    def _read(self, numbering: Any) -> None:
        for abstract in numbering.findall(qn("w:abstractNum")):
            levels = {int(level.get(qn("w:ilvl"))): _level(level) for level in abstract.findall(qn("w:lvl"))}
            self._levels[abstract.get(qn("w:abstractNumId"))] = levels
        for used in numbering.findall(qn("w:num")):
            number_id = used.get(qn("w:numId"))
            abstract = used.find(qn("w:abstractNumId"))
            if abstract is not None:
                self._list_of[number_id] = abstract.get(qn("w:val"))
            self._restarts[number_id] = {
                int(override.get(qn("w:ilvl"))): int(start.get(qn("w:val")))
                for override in used.findall(qn("w:lvlOverride"))
                if (start := override.find(qn("w:startOverride"))) is not None
            }


def _level(level: Any) -> Level:
    def value(tag: str, default: str) -> str:
        found = level.find(qn(tag))
        return default if found is None else found.get(qn("w:val"), default)

    start = value("w:start", "1")
    spaced = value("w:suff", "tab") != "nothing"
    return Level(value("w:numFmt", "decimal"), value("w:lvlText", ""), int(start) if start.isdecimal() else 1, spaced)


def _written(number: int, number_format: str) -> str:
    if number_format in CHINESE_FORMATS and number > 0:
        return to_chinese(number)
    if number_format in CIRCLED_FORMATS and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    if number_format in ("lowerLetter", "upperLetter") and 1 <= number <= LETTERS:
        return chr(ord("a" if number_format == "lowerLetter" else "A") + number - 1)
    return str(number)
