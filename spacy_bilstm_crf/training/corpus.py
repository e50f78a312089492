"""Training examples of neighbouring sentences."""

from collections.abc import Callable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus, Example
from spacy.training.corpus import FILE_TYPE, walk_corpus

from ..batching.chunks import cut


def SentenceRuns(
    path: str | Path | None, max_sentences: int = 8, limit: int = 0
) -> Callable[[Language], Iterator[Example]]:
    """Read runs of neighbouring sentences with gold tokens and sentence starts
    (spacy_bilstm_crf.SentenceRuns.v1).

    Like `spacy.Corpus.v1` with `gold_preproc`, it gives the model gold tokens and sentences. But
    the sentences of a run stay together in one doc, so that a model that joins sentences at random
    in training (`join`) meets the neighbours that they have in real text.

    path: a .spacy file, or a folder of them. The docs should have sentence starts.
    max_sentences: the longest run. Docs with more sentences give several.
    limit: read so many docs only, 0 for all.
    RAISES: ValueError if path is null, or max_sentences is less than 1.
    """
    if path is None:
        raise ValueError("SentenceRuns needs a path: set [paths] train and dev.")
    if max_sentences < 1:
        raise ValueError(f"max_sentences must be at least 1, got {max_sentences}.")
    docs = Corpus(path, limit=limit)

    def read(nlp: Language) -> Iterator[Example]:
        for reference in docs.read_docbin(nlp.vocab, walk_corpus(path, FILE_TYPE)):
            for run in _runs(reference, max_sentences):
                yield Example(without_annotation(run), run)

    return read


def _runs(doc: Doc, max_sentences: int) -> Iterator[Doc]:
    if not doc.has_annotation("SENT_START"):
        yield doc
        return
    start, n_sentences = 0, 0
    for sentence in doc.sents:
        n_sentences += 1
        # Never cut through an entity that reaches across sentences.
        inside = sentence.end < len(doc) and doc[sentence.end].ent_iob_ == "I"
        if (n_sentences >= max_sentences and not inside) or sentence.end == len(doc):
            yield cut(doc, start, sentence.end)
            start, n_sentences = sentence.end, 0


def without_annotation(reference: Doc, *, sentences: bool = True) -> Doc:
    """A doc with the tokens of another and, if it has them and they are wanted, its sentence
    starts, and nothing else."""
    has_sentences = sentences and reference.has_annotation("SENT_START")
    return Doc(
        reference.vocab,
        words=[token.text for token in reference],
        spaces=[bool(token.whitespace_) for token in reference],
        sent_starts=[token.is_sent_start for token in reference] if has_sentences else None,
    )
