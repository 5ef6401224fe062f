"""What a message says of disabilities and illnesses of single persons."""

from __future__ import annotations

import re

from bot.understanding.phrases_said import phrases, read_phrases
from bot.understanding.readings import Reading

_KINDS = "视力|听力|言语|肢体|智力|精神|多重"
_LEVEL_DIGITS = str.maketrans("一二三四", "1234")
_LEVEL = "一二三四1234"
_DISABILITY = re.compile(
    rf"(?P<l1>[{_LEVEL}])级(?:的)?(?P<k1>{_KINDS})?(?:残疾|残)(?:证|人)?|(?P<k2>{_KINDS})(?:残疾)?(?:证)?(?:是|为|"
    rf"的)?(?P<l2>[{_LEVEL}])级(?:残疾)?|残疾(?:证|人证|人)?(?:上)?(?:写的|写着|是|为|的|评了?|"
    rf"定了?)?(?P<l3>[{_LEVEL}])级|"
    rf"(?P<k4>{_KINDS})(?:类|方面的?|有)?残疾|评(?:了|上|为)(?P<l5>[{_LEVEL}])级|(?P<l6>[{_LEVEL}])级(?:重残|肢残|"
    rf"智残|精残)|(?:肢残|智残|精残|重残)(?P<l7>[{_LEVEL}])级|证(?:上面?|书)?(?:写的?着?是?|是|评的?是?)(?P<l8>[{_LEVEL}])级|"
    rf"精神病(?P<l9>[{_LEVEL}])级"
)
_SHORT_KINDS = re.compile(r"(?P<k>肢残|智残|精残)")
_KIND_OF_SHORT = {"肢残": "肢体", "智残": "智力", "精残": "精神"}

_KIND_OF_PART = {"听力": "耳朵", "视力": "眼睛", "肢体": "[手腿脚腰]", "智力": "脑子|智商"}
"""What people name instead of the kind, once asked for it."""

_SOMEBODY_AT_HOME = re.compile(
    r"(?:家里|家中|屋里厢?)(?:面)?(?:还)?(?:有|就)?(?:人|病人|一个|两个|[一二两三]个)?(?:得了|生了|生|得|患了?|"
    r"是)?$"
)
_UNSURE_ILLNESS = re.compile(r"(?:怕|怀疑|担心|疑似|以为|会不会是|是不是|预防|检查|筛查)[^，。]{0,4}$")

_DIED_OF_IT = re.compile(r"^[^，。]{0,2}(?:走了|去世|过世|没了|死)")


def read_conditions(reading: Reading) -> None:
    """Adds each person's disability (kind, level, certificate) and serious illness."""
    _read_disability(reading)
    _read_illness(reading)


def _read_disability(reading: Reading) -> None:
    plain = reading.plain
    read_phrases(reading, "disability_level", "disability_certificate")
    for match in _DISABILITY.finditer(plain):
        groups = match.groupdict()
        level = next((groups[name] for name in ("l1", "l2", "l3", "l5", "l6", "l7", "l8", "l9") if groups[name]), None)
        kind = next((groups[name] for name in ("k1", "k2", "k4") if groups[name]), None)
        if level is not None:
            reading.tell_of_person("disability_level", level.translate(_LEVEL_DIGITS), match.start(), match.end())
        if kind is not None:
            reading.tell_of_person("disability_kind", kind, match.start(), match.end())
    if (reading.asked or "").startswith("self.disability_"):
        _read_bare_disability(reading)
    for match in _SHORT_KINDS.finditer(plain):
        reading.tell_of_person("disability_kind", _KIND_OF_SHORT[match.group("k")], match.start(), match.end())
    read_phrases(reading, "disability_kind")


def _read_bare_disability(reading: Reading) -> None:
    """ "三级，智力的", right after disability was asked for."""
    for match in re.finditer(rf"(?P<level>[{_LEVEL}])级|(?P<kind>{_KINDS})", reading.plain):
        if match.group("level"):
            reading.tell("self.disability_level", match.group("level").translate(_LEVEL_DIGITS), match.start(), match.end())
        else:
            reading.tell("self.disability_kind", match.group("kind"), match.start(), match.end())
    for kind, part in _KIND_OF_PART.items():
        for match in re.finditer(part, reading.plain):
            reading.tell("self.disability_kind", kind, match.start(), match.end())


def _read_illness(reading: Reading) -> None:
    for phrase in phrases("serious_illness"):
        for match in phrase.matches(reading):
            before = reading.plain[:match.start()]
            if phrase.value is True and (_UNSURE_ILLNESS.search(before) or _is_told_healthy(reading, match.start())):
                continue
            if _DIED_OF_IT.match(reading.plain[match.end():]):
                continue
            if phrase.value is True and _SOMEBODY_AT_HOME.search(before):
                reading.tell("household.any_serious_illness", True, match.start(), match.end(), certain=phrase.sure)
            else:
                reading.tell_of_person("serious_illness", phrase.value, match.start(), match.end(), certain=phrase.sure)


def _is_told_healthy(reading: Reading, place: int) -> bool:
    return any(f.name.endswith("serious_illness") and f.value is False and f.start <= place < f.end for f in reading.found)
