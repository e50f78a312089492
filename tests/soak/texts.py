"""Random texts, and docs that others have written to already."""

import random

from spacy.tokens import Doc, Span

KNOWN = "Anna Smith lives in Paris . is far from here Nobody saw Jordan It rained all day".split()
_SCRIPTS = [
    (0x20, 0x7E), (0xA1, 0x17F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x600, 0x6FF),
    (0x900, 0x97F), (0xE00, 0xE7F), (0x1E00, 0x1EFF), (0x3040, 0x30FF), (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF),
]  # fmt: skip
_COMBINING = (0x300, 0x36F)
_BLANKS = " \t\n\r\x0b\x0c\x85\xa0\u2003\u2028\u2029\u3000"
_CONTROLS = "\x00\x01\x07\x08\x1b\x7f\x9b\xad\u200b\u200d\u200e\u202e\u2066\ufe0f\ufeff\ufffe\uffff"


def some_text(rng):
    """A text of up to some hundred tokens, and sometimes of none, or of many more."""
    n = rng.choice([0, 1, 2, 5, 10, 30, 100, 300])
    text = "".join(_piece(rng) + rng.choice(["", " ", " ", " "]) for _ in range(n))
    return text * (40_000 // (n + 1)) if rng.random() < 0.0005 else text


def _piece(rng):
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(KNOWN) + " "
    if kind < 0.6:
        return "".join(rng.choices(_BLANKS, k=rng.randint(1, 4)))
    if kind < 0.65:
        return "".join(rng.choices(_CONTROLS, k=rng.randint(1, 4)))
    if kind < 0.66:
        return rng.choice("aЖ漢7-.") * rng.randint(60, 5000)
    letters = "".join(
        chr(rng.randint(*rng.choice(_SCRIPTS))) for _ in range(rng.choice([1, 2, 5, 9]))
    )
    if kind < 0.75:
        return "".join(letter + chr(rng.randint(*_COMBINING)) for letter in letters)
    return letters


def some_docs(nlp, seed):
    """Docs of random texts or words, with entities, blocked tokens and sentence marks, or none of
    them; the same docs at each call."""
    rng = random.Random(seed)
    return [_some_doc(nlp, rng) for _ in range(rng.choice([1, 2, 7, 30]))]


def _some_doc(nlp, rng):
    if rng.random() < 0.8:
        doc = nlp.make_doc(some_text(rng))
    else:
        words = [piece for piece in (_piece(rng) for _ in range(rng.randint(0, 40))) if piece]
        doc = Doc(nlp.vocab, words=words, spaces=[rng.random() < 0.7 for _ in words])
    if len(doc) and rng.random() < 0.4:
        share = rng.choice([0.02, 0.3, 1.0])
        for token in doc[1:]:
            if rng.random() < share:
                token.is_sent_start = rng.choice([True, False, None])
    if len(doc) and rng.random() < 0.4:
        _set_ents(doc, rng)
    return doc


def _set_ents(doc, rng):
    given = {"entities": [], "blocked": [], "missing": []}
    end = 0
    while end < len(doc):
        start = end + rng.choice([0, 1, 3, 20])
        end = start + rng.choice([1, 1, 2, 5])
        if end <= len(doc):
            kind = rng.choice([*given])
            label = rng.choice(["PER", "LOC", "OTHER"]) if kind == "entities" else ""
            given[kind].append(Span(doc, start, end, label=label))
    default = rng.choice(["outside", "missing", "unmodified"])
    doc.set_ents(
        given["entities"], blocked=given["blocked"], missing=given["missing"], default=default
    )
