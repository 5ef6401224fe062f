"""One spelling, informative words, and folk words that find official ones."""

from __future__ import annotations

import subprocess
import sys

import pytest

from knowledge.lexicon import Term, TermKind
from retrieval.words import STOP_WORDS, VISIBLE, Words, _is_invisible, normalise, pieces
from tests.retrieval.small_release import LEXICON


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(LEXICON)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("最低生活保障", "最低生活保障"),
        ("ＡＢＣ１２３（元）", "abc123(元)"),
        ("臨時救助怎麼申請", "临时救助怎么申请"),
        ("低\u200b保\ufeff", "低保"),
        ("低\u00ad保\ufe0f", "低保"),
        ("  低保 \n 审批　多久 ", "低保 审批 多久"),
        ("", ""),
        ("\u200b", ""),
    ],
)
def test_a_text_has_one_spelling(given: str, wanted: str) -> None:
    assert normalise(given) == wanted


def test_normalising_twice_changes_nothing() -> None:
    once = normalise("ＤＩＢＡＯ　醫療費用２０％\u200d")
    assert normalise(once) == once


def test_pieces_are_pairs_and_characters_but_latin_words_and_numbers_stay_whole() -> None:
    assert pieces("低保,abc 12.5元") == ["低保", "低", "保", "abc", "12.5", "元"]


def test_pieces_never_join_what_punctuation_separates() -> None:
    assert "保医" not in pieces("低保,医疗")


def test_words_of_the_lexicon_are_kept_whole(words: Words) -> None:
    assert "最低生活保障" in words.tokens("申请最低生活保障的家庭")


def test_traditional_and_full_width_texts_have_the_tokens_of_plain_ones(words: Words) -> None:
    assert words.tokens("醫療救助２０％") == words.tokens("医疗救助20%")


def test_a_folk_word_adds_the_official_word_with_less_weight_than_the_word_itself(words: Words) -> None:
    added = dict(words.question("我能不能吃低保").added)
    assert 0 < added["最低生活保障"] < 1


def test_a_typing_error_counts_as_the_word_itself(words: Words) -> None:
    assert dict(words.question("低宝怎么办").added)["低保"] == 1.0


def test_a_typing_error_of_a_short_name_leads_on_to_the_full_name(words: Words) -> None:
    assert "最低生活保障" in dict(words.question("低宝怎么办").added)


def test_a_word_with_several_meanings_adds_each(words: Words) -> None:
    added = dict(words.question("救命钱哪里领").added)
    assert {"医疗", "临时"} <= set(added)
    assert not any("/" in token for token in added)


def test_errors_and_dialect_are_put_right_before_embedding_and_folk_words_stay(words: Words) -> None:
    assert words.question("低宝的铜钿").meant == "低保的钱"
    assert words.question("吃低保的人").meant == "吃低保的人"


def test_the_longest_lexicon_word_wins(words: Words) -> None:
    concepts = {concept.word for concept in words.question("吃低保").concepts}
    assert concepts == {"吃低保"}


def test_function_words_and_bare_numbers_are_no_concepts(words: Words) -> None:
    assert [concept.word for concept in words.question("请问我可以有3000吗，三千呢").concepts] == []


def test_a_concept_of_the_lexicon_knows_every_way_to_say_it(words: Words) -> None:
    (concept,) = words.question("低宝").concepts
    assert any("最低生活保障" in way for way in concept.ways)
    assert any("低保" in way for way in concept.ways)


@pytest.mark.parametrize("text", ["补贴没到账", "志愿者不来了", "以前没上过班"])
def test_a_word_that_falls_into_function_words_still_has_a_way_to_be_said(words: Words, text: str) -> None:
    assert all(way for concept in words.question(text).concepts for way in concept.ways)


def test_question_tokens_come_once_and_without_function_words(words: Words) -> None:
    tokens = words.question("低保的低保的").tokens
    assert len(tokens) == len(set(tokens))
    assert not STOP_WORDS.intersection(tokens)


@pytest.mark.parametrize("text", ["", " ", "？！…", "🙏🙏", "的了吗"])
def test_a_question_that_says_nothing_has_no_concepts(words: Words, text: str) -> None:
    assert words.question(text).concepts == ()


def test_two_lexicons_do_not_know_each_others_words() -> None:
    Words([Term("孵化棒棒", "低保", TermKind.FOLK)]).tokens("孵化棒棒")
    assert "孵化棒棒" not in Words(()).tokens("孵化棒棒")


def test_an_empty_lexicon_adds_nothing() -> None:
    plain = Words(()).question("吃低保")
    assert plain.added == ()
    assert plain.meant == plain.text


def test_a_term_that_means_itself_is_harmless() -> None:
    words = Words([Term("低保", "低保", TermKind.OFFICIAL)])
    assert words.question("低保").added == ()


def test_the_digest_names_the_known_words() -> None:
    assert Words(LEXICON).digest == Words(tuple(reversed(LEXICON))).digest
    assert Words(LEXICON[:2]).digest != Words(LEXICON).digest


def test_importing_retrieval_brings_in_neither_torch_nor_transformers() -> None:
    program = (
        "import sys, retrieval.cache, retrieval.langchain, retrieval.embedding\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'}.intersection(sys.modules)))"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "[]"


def test_characters_taken_for_visible_at_a_glance_are_visible_one_by_one() -> None:
    for code in range(0x10000):
        letter = chr(code)
        if VISIBLE.fullmatch(letter) and not letter.isspace():
            assert not _is_invisible(letter), hex(code)
    assert not any(VISIBLE.fullmatch(letter) for letter in "\u200b\ufeff\ufe0f\u200f\u00ad")
    assert normalise("低\u200b保\ufe0f标准") == "低保标准"
