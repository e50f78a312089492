"""Weights of sentences by their suspicion: a corpus of which training learns less where it is
probably annotated wrong."""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, SpanGroup

from ..batching.chunks import WEIGHTS
from ..corpora.annotated import FormatError
from ..corpora.convert import ConvertOptions, convert_corpus
from ..corpora.converted import open_corpus, own_files, read_docs
from ..corpora.formats.json_files import read_json_lines
from ..corpora.manifest import check_apart


class Sentence(NamedTuple):
    """A line of sentences.jsonl.

    start, end: characters of the document.
    suspicion: how probably its annotation is wrong, from 0 to 1.
    """

    start: int
    end: int
    text: str
    suspicion: float


class Weighted(NamedTuple):
    """What got weights: how many docs and sentences, and the mean of the weights."""

    n_docs: int
    n_sentences: int
    mean: float


def trust(suspicion: float, *, floor: float = 0.1) -> float:
    """The weight that is the probability of being right, and `floor` at least: nothing is lost
    altogether, for what is hard is suspicious, too."""
    return max(floor, 1.0 - suspicion)


def cross_weight(suspicion: float, *, epsilon: float = 0.7, times: int = 3) -> float:
    """The weight of CrossWeigh (Wang et al. 2019, https://aclanthology.org/D19-1519/): `epsilon` to
    the power of how often, of so many times, a sentence is flagged; as often as its suspicion
    says."""
    return float(epsilon ** (times * suspicion))


def write_weights(
    corpus: Path,
    sentences: Path,
    output: Path,
    *,
    weight: Callable[[float], float] = trust,
    key: str = WEIGHTS,
) -> Weighted:
    """Write a converted corpus with a weight for each sentence of train, for the component's
    `weights_key`. All else is as it was.

    corpus: a folder that `convert` wrote.
    sentences: sentences.jsonl of an audit of the same texts: of that folder, or of what it was
        converted from. Docs are found by their text; those of equal text, in the order of the file.
    output: a folder; what this function wrote there before is replaced.
    weight: what becomes of a suspicion.
    key: of `doc.spans`.
    RAISES: FileNotFoundError if there is no corpus; FormatError if a line can't be read, or a doc
        of train has no sentences; ValueError if the folders do not lie apart, or the corpus is not
        whole; FileExistsError if files of others are in the way. There is then no output, or it is
        as it was.
    """
    check_apart(corpus, output)
    if not open_corpus(corpus).is_own:
        raise ValueError(f"{corpus} was not written by `convert`. Convert it first.")
    record = own_files(corpus).read() or {}
    docs = read_docs(corpus / "train.spacy", spacy.blank("xx").vocab)
    by_text = _Documents(sentences)
    weights: list[float] = []
    for number, doc in enumerate(docs, 1):
        own = [s for s in by_text.take(doc, f"{corpus / 'train.spacy'}, doc {number}") if s.text]
        given = [weight(sentence.suspicion) for sentence in own]
        _set_weights(doc, own, given, key)
        weights += given
    about = {name: value for name, value in record.items() if name not in ("complete", "files")}
    target = own_files(output)
    target.check_free(record["files"])
    with target.build() as built:
        for name in record["files"]:
            (built / name).parent.mkdir(exist_ok=True, parents=True)
            if name != "train.spacy":
                shutil.copyfile(corpus / name, built / name)
        DocBin(docs=docs, store_user_data=True).to_disk(built / "train.spacy")
        target.replace(built, about)
    return Weighted(len(docs), len(weights), fmean(weights) if weights else 1.0)


def convert_with_weights(
    corpus: Path,
    sentences: Path,
    output: Path,
    nlp: Language,
    options: ConvertOptions | None = None,
    *,
    weight: Callable[[float], float] = trust,
    key: str = WEIGHTS,
) -> Weighted:
    """Convert a corpus as `convert_corpus` does, and weigh it as `write_weights` does, in one.

    RAISES: as these do.
    """
    with tempfile.TemporaryDirectory() as folder:
        converted = Path(folder) / "corpus"
        convert_corpus(corpus, converted, nlp, options)
        return write_weights(converted, sentences, output, weight=weight, key=key)


class _Documents:
    """The sentences of each document, by its text without white space, which they are all of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.documents: dict[str, deque[list[Sentence]]] = {}
        for own in _read_documents(path):
            squeezed = _squeeze("".join(sentence.text for sentence in own))
            self.documents.setdefault(squeezed, deque()).append(own)

    def take(self, doc: Doc, place: str) -> list[Sentence]:
        """The sentences of a doc."""
        squeezed = _squeeze(doc.text)
        if not squeezed:
            return []
        found = self.documents.get(squeezed)
        if found is None or any(doc.text[s.start : s.end] != s.text for s in found[0]):
            raise FormatError(
                f"{place}: {self.path} has not the sentences of this text, {doc.text[:40]!r}. Run "
                "`audit` on this corpus, or on what it was converted from."
            )
        return found.popleft() if len(found) > 1 else found[0]


def _read_documents(path: Path) -> Iterator[list[Sentence]]:
    """The sentences of each document. Those of one rise; a new one begins at 0 again."""
    document: list[Sentence] = []
    before: tuple[object, object] | None = None
    for place, record in read_json_lines(path):
        try:
            sentence = Sentence(
                int(record["start"]),
                int(record["end"]),
                str(record["sentence"]),
                float(record["suspicion"]),
            )
            of = record["file"], record.get("document")
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(
                f"{place}: no sentence of an audit ({type(error).__name__}: {error}). Give its "
                "sentences.jsonl."
            ) from error
        if not 0.0 <= sentence.suspicion <= 1.0:
            raise FormatError(f"{place}: the suspicion {sentence.suspicion} is not from 0 to 1.")
        if document and (of != before or sentence.start < document[-1].end):
            yield document
            document = []
        document.append(sentence)
        before = of
    yield document


def _set_weights(doc: Doc, sentences: list[Sentence], weights: list[float], key: str) -> None:
    spans = [doc.char_span(s.start, s.end, alignment_mode="expand") for s in sentences]
    assert None not in spans  # they are within the text
    doc.spans[key] = SpanGroup(doc, name=key, attrs={WEIGHTS: weights}, spans=spans)  # type: ignore[arg-type]


def _squeeze(text: str) -> str:
    return "".join(text.split())
