"""A tokenizer that splits wherever the kind of character changes."""

import re
from collections.abc import Callable

from spacy.language import Language
from spacy.tokenizer import Tokenizer

# A run of digits, or one character that is neither a letter nor white space. Combining accents
# belong to the letter before them.
_PIECE = r"\d+|_|[^\w\s\u0300-\u036f]"


def WordPunctTokenizer() -> Callable[[Language], Tokenizer]:
    """Split text into runs of letters, runs of digits and single other characters
    (spacy_bilstm_crf.WordPunctTokenizer.v1).

    For text whose punctuation is not set as a language's rules expect ("1.Общие", "-при", "(40%)"):
    an entity's border inside a token can never be found, and a character too many splits costs
    little. There are no exceptions, so that what holds for the training text holds for any other.
    """

    def create(nlp: Language) -> Tokenizer:
        return Tokenizer(
            nlp.vocab,
            prefix_search=re.compile(f"^(?:{_PIECE})").search,
            suffix_search=re.compile(f"(?:{_PIECE})$").search,
            infix_finditer=re.compile(_PIECE).finditer,
        )

    return create
