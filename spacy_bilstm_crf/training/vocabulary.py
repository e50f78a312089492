"""Words for the embeddings of components that see sample docs only."""

from collections.abc import Callable
from pathlib import Path

from spacy.language import Language
from spacy.training import Corpus

from ..models.word_char_embed import offer_training_docs


def learn_words(path: str | Path) -> Callable[[Language], Language]:
    """A callback for [initialize.before_init] (spacy_bilstm_crf.learn_words.v1): every
    WordCharEmbed of the pipeline will learn its words and characters from a corpus.

    `bilstm_crf_ner` does this for its own model. Other components, such as tok2vec or textcat,
    initialize their model with ten sample docs: a WordCharEmbed within them needs this callback.

    path: the training corpus, a .spacy file or a folder of them.
    RAISES: ValueError when it runs if no component has a WordCharEmbed.
    """

    def callback(nlp: Language) -> Language:
        corpus = Corpus(path)
        found = 0
        for _, pipe in nlp.components:  # spacy pretrain disables them
            if hasattr(pipe, "model") and pipe.model not in (None, True, False):
                found += offer_training_docs(
                    pipe.model, lambda: (eg.predicted for eg in corpus(nlp))
                )
        if not found:
            raise ValueError(
                "spacy_bilstm_crf.learn_words.v1 found no WordCharEmbed in the pipeline: remove "
                "it from [initialize.before_init]."
            )
        return nlp

    return callback
