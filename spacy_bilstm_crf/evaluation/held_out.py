"""Annotated documents that a pipeline was not trained on, to calibrate and to tune it with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ..corpora.converted import Corpus, open_corpus
from ..pipeline.bilstm_crf_ner import BiLSTMCRFRecognizer
from .tagging import examples_as_in_training


class HeldOut(NamedTuple):
    """The texts of a split in the units in which the pipeline was trained.

    path: the file they are of.
    examples: the texts, with their gold standard.
    documents: (examples,) which document each is a part of: what is drawn independently is
        documents, not entities.
    """

    path: Path
    examples: list[Example]
    documents: NDArray[np.int64]

    @property
    def n_documents(self) -> int:
        """How many documents there are, those without text left out."""
        return len(np.unique(self.documents))

    @property
    def is_sentences(self) -> bool:
        """Whether each document is a single sentence, as in corpora that keep no documents."""
        return all(
            eg.reference.has_annotation("SENT_START") and len(list(eg.reference.sents)) <= 1
            for eg in self.examples
        ) and self.n_documents == len(self.examples)


def find_recognizer(nlp: Language, name: str | None = None) -> tuple[str, BiLSTMCRFRecognizer]:
    """A pipeline's component of ours: by name, or the only one there is.

    RAISES: ValueError if there is none, or there are several and no name.
    """
    found = {own: pipe for own, pipe in nlp.pipeline if isinstance(pipe, BiLSTMCRFRecognizer)}
    if name is None and len(found) == 1:
        return next(iter(found.items()))
    if name in found:
        return name, found[name]
    if not found:
        raise ValueError("The pipeline has no bilstm_crf_ner: there are no probabilities to use.")
    raise ValueError(f"Which component? --component must be one of {', '.join(found)}.")


def read_held_out(nlp: Language, pipe: BiLSTMCRFRecognizer, path: Path) -> HeldOut:
    """Read annotated documents.

    path: a .spacy file, or a folder with dev.spacy.
    RAISES: ValueError or OSError if it can't be read, has no text or no entities, or has a label
        that the component does not have.
    """
    if path.suffix == ".spacy":
        corpus, split = Corpus(path.parent, [path.stem], is_brat=False, is_own=False), path.stem
    else:
        corpus, split = open_corpus(path), "dev"
    path = corpus.folder / f"{split}.spacy"
    docs = corpus.docs(split, nlp.vocab)
    labels = {ent.label_ for doc in docs for ent in doc.ents}
    if not labels:
        raise ValueError(f"{path} has no entities: they must be in doc.ents of its docs.")
    if unknown := sorted(labels - set(pipe.labels)):
        raise ValueError(
            f"{path} has the label {unknown[0]!r}, which '{pipe.name}' does not have (its labels: "
            f"{', '.join(pipe.labels)}). Give texts annotated with the labels of the pipeline."
        )
    examples = examples_as_in_training(nlp, corpus, split)
    # The parts of documents come one after another.
    ends = np.cumsum([len(doc) for doc in docs])
    documents = np.searchsorted(ends, np.cumsum([len(eg.reference) for eg in examples]))
    return HeldOut(path, examples, documents)


def tag_examples(
    nlp: Language, name: str, examples: Sequence[Example], *, last: bool = True, raw: bool = False
) -> list[Doc]:
    """Tag copies of the predicted docs with a component and those before it.

    last: whether the component itself tags them.
    raw: tag the texts instead, as an application has them: cut by the pipeline's own tokenizer, and
        with no sentence marks but its own.
    """
    names = nlp.pipe_names[: nlp.pipe_names.index(name) + last]
    with nlp.select_pipes(enable=names):
        return list(nlp.pipe(eg.reference.text if raw else eg.predicted.copy() for eg in examples))
