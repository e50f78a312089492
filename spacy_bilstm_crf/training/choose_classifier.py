"""The config of a classifier of texts: what `init` and `train` choose where texts have labels."""

from __future__ import annotations

import math
from typing import Any

from ..corpora.facts import Facts

_READER = {
    "@readers": "spacy.Corpus.v1",
    "max_length": 0,
    "gold_preproc": False,
    "limit": 0,
    "augmenter": None,
}


def overrides(facts: Facts, tok2vec: dict[str, Any]) -> dict[str, Any]:
    """The settings that make a config for entities one of spaCy's own text classifier, over the
    same encoder: the mean and the maximum of the states of all tokens (`spacy.TextCatReduce.v1`).

    tok2vec: the encoder of the config, which is kept but for the features that classification does
        not gain from.
    """
    name = "textcat_multilabel" if facts.has_many else "textcat"
    encoder = {
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
    model = {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": not facts.has_many,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": True,
        "use_reduce_mean": True,
        "nO": None,
        "tok2vec": encoder,
    }
    scorer = {
        "@scorers": "spacy_bilstm_crf.category_scores.v1",
        "beta": 2.0,
        "multi_label": facts.has_many,
    }
    return {
        "nlp.pipeline": [name],
        "components": {
            name: {
                "factory": name,
                "threshold": 0.5 if facts.has_many else 0.0,
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
        "training.dropout": 0.3,
        "training.score_weights": {"cats_score": 1.0},
    }


def reason(facts: Facts) -> str:
    """Why it is a classifier."""
    several = "texts may have several" if facts.has_many else "each text has one"
    return f"texts have labels ({', '.join(facts.cats)}), and no spans; {several}"


def n_steps(facts: Facts) -> int:
    """The number of steps of 1,000 words: two passes, but not fewer than 600 steps or more than
    10,000."""
    passes = 2.0 * facts.n_words / 1000
    return int(min(10_000, max(600, math.ceil(passes / 100) * 100)))
