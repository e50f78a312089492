"""Tokenizers without a language's rules: by the kind of character, and character by character."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from spacy.language import Language
from spacy.tokenizer import Tokenizer


@lru_cache(maxsize=1)
def _piece() -> str:
    """A pattern of what is split off: a run of digits, or one character that is neither a letter
    nor white space. Accents and vowel signs belong to the letter before them."""
    codes = range(0x300, 0x20000)
    marks = (chr(code) for code in codes if unicodedata.category(chr(code)).startswith("M"))
    return rf"\d+|_|[^\w\s{''.join(marks)}]"


# Letters of scripts that set no blanks between words, as ranges of code points.
_WITHOUT_BLANKS = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Tibetan, Burmese, Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"  # kana, Han
    "\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)


def CharacterTokenizer() -> Callable[[Language], Tokenizer]:
    """Make each letter of a script without blanks between words a token, and split all else as
    `WordPunctTokenizer` does (spacy_bilstm_crf.CharacterTokenizer.v1).

    For Chinese, Japanese, Thai and their like: an entity's border always is one of tokens, and no
    dictionary is needed. Vowel signs and tones of Thai and its like are tokens, too.
    """

    def create(nlp: Language) -> Tokenizer:
        return _splitting_off(rf"[{_WITHOUT_BLANKS}]|{_piece()}", nlp)

    return create


def WordPunctTokenizer() -> Callable[[Language], Tokenizer]:
    """Split text into runs of letters, runs of digits and single other characters
    (spacy_bilstm_crf.WordPunctTokenizer.v1).

    For text whose punctuation is not set as a language's rules expect ("1.Общие", "-при", "(40%)"):
    an entity's border inside a token can never be found, and a character too many splits costs
    little. There are no exceptions, so that what holds for the training text holds for any other.
    """

    def create(nlp: Language) -> Tokenizer:
        return _splitting_off(_piece(), nlp)

    return create


def _splitting_off(piece: str, nlp: Language) -> Tokenizer:
    """A tokenizer that makes a token of each match of a pattern, wherever it stands."""
    return Tokenizer(
        nlp.vocab,
        prefix_search=re.compile(f"^(?:{piece})").search,
        suffix_search=re.compile(f"(?:{piece})$").search,
        infix_finditer=re.compile(piece).finditer,
    )
