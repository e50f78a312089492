"""The tokenizer that splits where the kind of character changes."""

import re

import spacy
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.pipeline.tokenizer import CharacterTokenizer, WordPunctTokenizer

TOKENIZER = spacy.blank("ru")
TOKENIZER.tokenizer = WordPunctTokenizer()(TOKENIZER)


@given(st.text(alphabet="аяA1.,-_( )\n\t\xa0́й𝒳", max_size=40))
def test_tokens_hold_one_kind_of_character(text):
    doc = TOKENIZER.make_doc(text)
    assert doc.text == text
    for token in doc:
        pieces = re.findall(
            r"\d+|_|[^\w\s\u0300-\u036f]|\s+|(?:[^\W\d_]|[\u0300-\u036f])+", token.text
        )
        assert pieces == [token.text]


def test_vowel_signs_belong_to_their_letter():
    assert [token.text for token in TOKENIZER("हिन्दी, עִבְרִית")] == ["हिन्दी", ",", "עִבְרִית"]


def test_tokenizer_is_saved(tmp_path):
    TOKENIZER.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    text = "1.Общие 25-ти_лет (ул.Ленина,2б) ; -при 3G"
    expected = "1 . Общие 25 - ти _ лет ( ул . Ленина , 2 б ) ; - при 3 G".split()
    assert [token.text for token in again(text)] == expected


def test_characters_of_scripts_without_blanks_are_tokens():
    nlp = spacy.blank("xx")
    nlp.tokenizer = CharacterTokenizer()(nlp)
    doc = nlp("张三2024年在Bonn, กิน。")
    assert [token.text for token in doc] == [
        "张", "三", "2024", "年", "在", "Bonn", ",", "ก", "ิ", "น", "。"
    ]  # fmt: skip
    assert doc.text == "张三2024年在Bonn, กิน。"
