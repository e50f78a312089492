"""The config of a classifier of texts: what `init` and `train` choose where texts have labels."""

from __future__ import annotations

import math
from typing import Any

import spacy

from ..corpora.facts import Facts

_READER = {
    "@readers": "spacy.Corpus.v1",
    "max_length": 0,
    "gold_preproc": False,
    "limit": 0,
    "augmenter": None,
}


def classifier(model: dict[str, Any], has_many: bool = False) -> dict[str, Any]:
    """The settings that make a config for entities one of spaCy's own text classifier.

    model: the section of its model.
    has_many: whether a text may have several labels, or none.
    """
    name = "textcat_multilabel" if has_many else "textcat"
    # A pipeline must be there for spaCy's factories to be known.
    weights = spacy.blank("xx").get_factory_meta(name).default_score_weights
    scorer = {
        "@scorers": "spacy_bilstm_crf.category_scores.v1",
        "beta": 2.0,
        "multi_label": has_many,
    }
    return {
        "nlp.pipeline": [name],
        "components": {
            name: {
                "factory": name,
                "threshold": 0.5 if has_many else 0.0,
                "scorer": scorer,
                "model": model,
            }
        },
        "corpora.train": {**_READER, "path": "${paths.train}"},
        "corpora.dev": {**_READER, "path": "${paths.dev}"},
        "initialize.before_init": {
            "@callbacks": "spacy_bilstm_crf.learn_words.v1",
            "path": "${paths.train}",
        },
        "training.batcher.size": 1000,
        "training.dropout": 0.4,
        "training.optimizer.use_averages": True,
        "training.score_weights": weights,
    }


def encoder(tok2vec: dict[str, Any]) -> dict[str, Any]:
    """An encoder of entities, without the features that classification does not gain from."""
    return {
        **tok2vec,
        "doc_memory": 0.0,
        "embed": {
            **tok2vec["embed"],
            "char_filters": 0,
            "case_width": 0,
            "min_freq": 2,
            "word_dropout": 0.25,
        },
    }


def ngrams(has_many: bool = False) -> dict[str, Any]:
    """Word n-grams, weighed by what they tell of labels."""
    return {
        "@architectures": "spacy_bilstm_crf.NaiveBayesNgrams.v1",
        "exclusive_classes": not has_many,
        "ngram_size": 3,
        "min_freq": 2,
        "no_output_layer": False,
        "nO": None,
    }


def ensemble(tok2vec: dict[str, Any], has_many: bool = False) -> dict[str, Any]:
    """N-grams beside the encoder."""
    return {
        "@architectures": "spacy_bilstm_crf.TextCatSum.v1",
        "nO": None,
        "linear_model": {**ngrams(has_many), "no_output_layer": True},
        "tok2vec": tok2vec,
    }


def reason(facts: Facts) -> str:
    """Why it is a classifier."""
    several = "texts may have several" if facts.has_many else "each text has one"
    return f"texts have labels ({', '.join(facts.cats)}), and no spans; {several}"


def words_a_step(facts: Facts, gpu: bool = False) -> int:
    """The size of a batch in words: steps over large tables of n-grams cost, however few words they
    read."""
    return 4000 if gpu or facts.n_words >= 3_000_000 else 1000


def n_steps(facts: Facts, words: int) -> int:
    """The number of steps of so many words: two passes, but not fewer than 600 steps or more than
    10,000."""
    passes = 2.0 * facts.n_words / words
    return int(min(10_000, max(600, math.ceil(passes / 100) * 100)))
