"""A split of a corpus, tagged in the units in which the pipeline was trained."""

from __future__ import annotations

from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus as Reader
from spacy.training import Example
from spacy.util import dot_to_object, registry
from tqdm import tqdm

from ..corpora.converted import Corpus
from .errors import known_names


class TaggedSplit(NamedTuple):
    """The gold docs of a split, and the same docs tagged."""

    gold: list[Doc]
    predicted: list[Doc]


def examples_as_in_training(nlp: Language, corpus: Corpus, split: str) -> list[Example]:
    """A split as the pipeline's config reads its development set: in documents, runs of sentences
    or single ones. A model with a memory of the document scores differently on each.

    nlp: a pipeline that `spacy train` wrote; of one without a reader, whole docs are taken.
    RAISES: ValueError if the corpus does not have the split, it can't be read, or has no text.
    """
    _require_text(corpus, split, nlp)
    path = str(corpus.folder / f"{split}.spacy")
    config = nlp.config.interpolate()
    reader = Reader(path)
    name = config["training"]["dev_corpus"]
    if name is not None and name.split(".")[-1] in config["corpora"]:
        block = dot_to_object(config, name)
        if "path" in block:
            reader = registry.resolve({"reader": {**block, "path": path}})["reader"]
    return list(reader(nlp))


def examples_of_sentences(nlp: Language, corpus: Corpus, split: str) -> list[Example]:
    """Each sentence of a split as a doc of its own, with gold tokens."""
    _require_text(corpus, split, nlp)
    return list(Reader(corpus.folder / f"{split}.spacy", gold_preproc=True)(nlp))


def seqeval_report(nlp: Language, examples: list[Example]) -> str:
    """The report of seqeval on what a pipeline finds in examples, by conlleval's rules.

    RAISES: ValueError if seqeval is not installed.
    """
    try:
        from seqeval.metrics import classification_report
    except ImportError as error:
        raise ValueError("The report needs seqeval: pip install seqeval") from error
    gold = [_iob2(example.reference) for example in examples]
    found = [_iob2(doc) for doc in nlp.pipe(example.predicted.copy() for example in examples)]
    return str(classification_report(gold, found, digits=4, zero_division=0))


def _iob2(doc: Doc) -> list[str]:
    return [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc]


def tag_split(nlp: Language, corpus: Corpus, split: str) -> TaggedSplit:
    """Tag a split: in columns with gold tokens and sentences, in the units of training; in brat
    from raw text.

    RAISES: ValueError if the corpus does not have the split, it can't be read, or has no text.
    """
    if corpus.is_brat:
        gold = _require_text(corpus, split, nlp)
        texts: list[str | Doc] = [doc.text for doc in gold]
    else:
        examples = examples_as_in_training(nlp, corpus, split)
        gold = [eg.reference for eg in examples]
        texts = [eg.predicted for eg in examples]
    tagged = nlp.pipe(texts)
    progress = tqdm(tagged, total=len(gold), desc=f"Tagging {split}", leave=False)
    return TaggedSplit(gold, list(progress))


def names_in_training(nlp: Language, corpus: Corpus) -> dict[str, set[str]] | None:
    """The names that a corpus' training set has, None if it has no training set."""
    if "train" not in corpus.splits:
        return None
    return known_names(corpus.docs("train", nlp.vocab))


def _require_text(corpus: Corpus, split: str, nlp: Language) -> list[Doc]:
    docs = corpus.docs(split, nlp.vocab)
    if not any(len(doc) for doc in docs):
        raise ValueError(f"{corpus.folder / split}.spacy has no text to tag.")
    return docs
