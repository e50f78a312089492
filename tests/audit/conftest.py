"""Documents of made-up text."""

from spacy.lang.xx import MultiLanguage

from spacy_bilstm_crf.audit.documents import Document, make_documents
from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText


def document(text: str, *spans: tuple[str, str], split="train", name="a", **annotated) -> Document:
    """A document with the words of a text as tokens. spans: strings and their labels, of which each
    is searched after the one before."""
    found, at = [], 0
    for string, label in spans:
        at = text.index(string, at)
        found.append(AnnotatedSpan(at, at + len(string), label))
        at += len(string)
    tokens, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        tokens.append((at, at + len(word)))
        at += len(word)
    own = AnnotatedText(text, found, name=name, tokens=tokens, **annotated)
    (made,) = make_documents([(split, f"{split}.txt", own)], MultiLanguage())
    return made
