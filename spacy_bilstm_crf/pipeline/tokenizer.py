"""A tokenizer that splits wherever the kind of character changes."""

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


def WordPunctTokenizer() -> Callable[[Language], Tokenizer]:
    """Split text into runs of letters, runs of digits and single other characters
    (spacy_bilstm_crf.WordPunctTokenizer.v1).

    For text whose punctuation is not set as a language's rules expect ("1.Общие", "-при", "(40%)"):
    an entity's border inside a token can never be found, and a character too many splits costs
    little. There are no exceptions, so that what holds for the training text holds for any other.
    """

    def create(nlp: Language) -> Tokenizer:
        piece = _piece()
        return Tokenizer(
            nlp.vocab,
            prefix_search=re.compile(f"^(?:{piece})").search,
            suffix_search=re.compile(f"(?:{piece})$").search,
            infix_finditer=re.compile(piece).finditer,
        )

    return create
