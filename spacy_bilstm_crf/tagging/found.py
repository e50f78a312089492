"""What a pipeline has found in a text, for the formats of annotated texts."""

from __future__ import annotations

from dataclasses import replace

from spacy.tokens import Doc

from ..corpora.annotated import AnnotatedText
from ..corpora.make_doc import read_back
from .texts import Text


def found_in(text: Text, doc: Doc) -> AnnotatedText:
    """The annotated text of a tagged doc. Where the pipeline says nothing, it has found nothing.

    RAISES: ValueError if the tokenizer changes the text.
    """
    if doc.text != text.text:
        raise ValueError("the tokenizer changes the text, so offsets do not fit: use another one")
    return replace(read_back(doc, name=text.name), unknown=[], wrong=[])
