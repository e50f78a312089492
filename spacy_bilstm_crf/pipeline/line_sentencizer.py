"""Sentence starts at line ends, for text that is set in lines."""

import numpy as np
from spacy.attrs import IS_SPACE, SENT_START
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc


@Language.factory(
    "line_sentencizer",
    assigns=["token.is_sent_start", "doc.sents"],
    default_config={"min_length": 1},
)
def make_line_sentencizer(nlp: Language, name: str, min_length: int) -> "LineSentencizer":
    """Create a component that begins a sentence after a line end.

    min_length: how many tokens a sentence has at least, white space included: shorter ones go on
        over the line end.
    """
    return LineSentencizer(name, min_length=min_length)


class LineSentencizer(Pipe):
    """Begins a sentence after a line end, so that headings, list items and table cells, which no
    full stop ends, are sequences of their own. Docs that have sentence starts keep them.

    RAISES: ValueError if min_length is less than 1.
    """

    def __init__(self, name: str = "line_sentencizer", *, min_length: int = 1) -> None:
        if min_length < 1:
            raise ValueError(f"min_length of '{name}' must be at least 1, got {min_length}.")
        self.name = name
        self.min_length = min_length

    def __call__(self, doc: Doc) -> Doc:
        """Set the sentence starts of a doc."""
        if len(doc) == 0 or doc.has_annotation("SENT_START"):
            return doc
        starts = np.full(len(doc), -1, dtype=np.int8)
        start = 0
        starts[start] = 1
        for i in np.flatnonzero(doc.to_array(IS_SPACE)).tolist():
            if i + 1 < len(doc) and i + 1 - start >= self.min_length and _ends_line(doc[i].text):
                start = i + 1
                starts[start] = 1
        doc.from_array([SENT_START], starts.astype(np.uint64).reshape(-1, 1))  # type: ignore[arg-type]
        return doc


def _ends_line(space: str) -> bool:
    return "\n" in space or "\r" in space
