"""Training docs for the layers of components that see sample docs only."""

from collections.abc import Callable, Iterable
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus, Example

from ..models.training_docs import offer_training_docs


def learn_words(path: str | Path | None) -> Callable[[Language], Language]:
    """A callback for [initialize.before_init] (spacy_bilstm_crf.learn_words.v1): every
    WordCharEmbed of the pipeline will learn its words and characters from a corpus, and every
    NaiveBayesNgrams its n-grams.

    `bilstm_crf_ner` does this for its own model. Other components, such as tok2vec or textcat,
    initialize their model with ten sample docs: such a layer within them needs this callback.

    path: the training corpus, a .spacy file or a folder of them.
    RAISES: ValueError when it runs if there is no path, or no component has such a layer.
    """

    def callback(nlp: Language) -> Language:
        if path is None:
            raise ValueError("spacy_bilstm_crf.learn_words.v1 has no path: give --paths.train.")
        corpus = Corpus(path)
        if not offer_docs(nlp, lambda: map(_labelled, corpus(nlp))):
            raise ValueError(
                "spacy_bilstm_crf.learn_words.v1 found no WordCharEmbed and no NaiveBayesNgrams in "
                "the pipeline: remove it from [initialize.before_init]."
            )
        return nlp

    return callback


def _labelled(example: Example) -> Doc:
    """The doc as the pipeline will see it, with the labels of the text."""
    example.predicted.cats = example.reference.cats
    return example.predicted


def offer_docs(nlp: Language, docs: Callable[[], Iterable[Doc]]) -> int:
    """Let every layer of a pipeline that learns from docs do so from these when it is initialized.

    RETURNS: how many there are.
    """
    models = (getattr(pipe, "model", None) for _, pipe in nlp.components)  # also disabled ones
    return sum(
        offer_training_docs(model, docs) for model in models if model not in (None, True, False)
    )
