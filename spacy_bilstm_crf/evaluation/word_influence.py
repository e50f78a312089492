"""Which words move a text's label."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc


def word_influence(nlp: Language, doc: Doc, label: str) -> list[float]:
    """How much less probable a label of a text is when each of its tokens is left out (Li et al.
    2016, https://arxiv.org/abs/1612.08220).

    RETURNS: for each token the drop, above 0 if the token speaks for the label; 0.0 for white
        space.
    """
    without = [_leave_out(doc, i) for i in range(len(doc)) if not doc[i].is_space]
    found = iter([tagged.cats.get(label, 0.0) for tagged in nlp.pipe(without)])
    full = doc.cats.get(label, 0.0)
    return [0.0 if token.is_space else full - next(found) for token in doc]


def _leave_out(doc: Doc, i: int) -> Doc:
    kept = [token for token in doc if token.i != i]
    words, spaces = [t.text for t in kept], [bool(t.whitespace_) for t in kept]
    return Doc(doc.vocab, words=words, spaces=spaces)
