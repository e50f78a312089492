"""The files of configs/: the config that all are made from, and what each sets otherwise."""

from typing import Any

from spacy_bilstm_crf.training import choose_classifier
from spacy_bilstm_crf.training.choose import apply, template

_NER = "components.bilstm_crf_ner"
_TOK2VEC = f"{_NER}.model.tok2vec"
_STEPS = "training.optimizer.learn_rate.total_steps"

# Runs of sentences instead of documents with a memory.
_RUNS = {
    "corpora.train.max_sentences": 8,
    "corpora.dev.max_sentences": 8,
    f"{_TOK2VEC}.doc_memory": 0.0,
}
# For vectors that are trained further.
_TUNED = {
    "training.dropout": 0.4,
    "training.optimizer.use_averages": True,
    f"{_TOK2VEC}.embed.static_vectors": "tuned",
    f"{_TOK2VEC}.embed.word_dropout": 4.0,
}
# Text in lines, with names of which many places are not annotated.
_LINES = {
    **_RUNS,
    "nlp.tokenizer": {"@tokenizers": "spacy_bilstm_crf.WordPunctTokenizer.v1"},
    "nlp.pipeline": ["line_sentencizer", "bilstm_crf_ner"],
    "components.line_sentencizer": {"factory": "line_sentencizer", "min_length": 60},
    f"{_NER}.threshold": 0.35,
    "training.optimizer.use_averages": True,
}
# A transformer of spacy-transformers: `paths.transformer` is a model of the Hugging Face hub, or a
# folder.
_TRANSFORMER = {
    "nlp.batch_size": 128,
    "training.batcher.size": 1000,
    "training.dropout": 0.1,
    "training.eval_frequency": 200,
    "training.optimizer.learn_rate.initial_rate": 5e-5,
    "training.optimizer.learn_rate.warmup_steps": 250,
    "components.transformer": {
        "factory": "transformer",
        "max_batch_items": 4096,
        "set_extra_annotations": {
            "@annotation_setters": "spacy-transformers.null_annotation_setter.v1"
        },
        "model": {
            "@architectures": "spacy-transformers.TransformerModel.v3",
            "name": "${paths.transformer}",
            "mixed_precision": False,
            "get_spans": {
                "@span_getters": "spacy-transformers.strided_spans.v1",
                "window": 128,
                "stride": 96,
            },
            "tokenizer_config": {"use_fast": True},
            "transformer_config": {},
            "grad_scaler_config": {},
        },
    },
}
_PIECES = {
    "@architectures": "spacy-transformers.TransformerListener.v1",
    "grad_factor": 1.0,
    "upstream": "*",
    "pooling": {"@layers": "reduce_mean.v1"},
}
_SMALL = {_STEPS: 1000, "training.eval_frequency": 100}
_RUSSIAN = {"nlp.lang": "ru", _STEPS: 6000}

_ENCODER = template()["components"]["bilstm_crf_ner"]["model"]["tok2vec"]

# Texts with a label each: what classifies, and what reads the words for it.
_WORDS = choose_classifier.encoder(_ENCODER)
_READING = {_STEPS: 2000, "training.batcher.size": 4000, "training.eval_frequency": 200}


def _sentiment(model: dict[str, Any]) -> dict[str, Any]:
    return {**choose_classifier.classifier(model), **_READING}


def _pooled_by(*reductions: str, tok2vec: dict[str, Any] = _WORDS) -> dict[str, Any]:
    names = ("first", "last", "max", "mean")
    return _sentiment(
        {
            "@architectures": "spacy.TextCatReduce.v1",
            "exclusive_classes": True,
            **{f"use_reduce_{name}": name in reductions for name in names},
            "nO": None,
            "tok2vec": tok2vec,
        }
    )


_MINILM = {
    **_pooled_by("mean", tok2vec=_PIECES),
    **_TRANSFORMER,
    "paths.transformer": "sentence-transformers/all-MiniLM-L6-v2",
    "nlp.pipeline": ["transformer", "textcat"],
    "initialize.before_init": None,
    "training.optimizer.use_averages": False,
}

_SENTIMENT = {
    "bow": {
        **_sentiment(
            {
                "@architectures": "spacy.TextCatBOW.v3",
                "exclusive_classes": True,
                "ngram_size": 2,
                "no_output_layer": False,
                "length": 1048576,
                "nO": None,
            }
        ),
        "initialize.before_init": None,
    },
    # Each word through a feed-forward layer, and the mean of all.
    "naive": _pooled_by(
        "mean",
        tok2vec={
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": _WORDS["embed"],
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": _WORDS["embed"]["word_width"],
                "window_size": 0,
                "maxout_pieces": 2,
                "depth": 1,
            },
        },
    ),
    "ends": _pooled_by("first", "last"),
    "mean": _pooled_by("mean"),
    "max": _pooled_by("max"),
    "mean-max": _pooled_by("mean", "max"),
    "attention": _sentiment(
        {
            "@architectures": "spacy.TextCatParametricAttention.v1",
            "exclusive_classes": True,
            "nO": None,
            "tok2vec": _WORDS,
        }
    ),
    # Three LSTMs over frozen vectors; a learned table of one column is all that there is beside.
    # Without dropout: on dev of the tweets, 0.4 costs 5 points, and 0.2 half of them.
    "vectors": {
        **_pooled_by(
            "mean",
            "max",
            tok2vec={
                **_WORDS,
                "depth": 3,
                "hidden_width": 64,
                "embed": {**_WORDS["embed"], "static_vectors": "frozen", "word_width": 1},
            },
        ),
        "training.dropout": 0.0,
    },
    "transformer": _MINILM,
    "transformer-frozen": {
        **_MINILM,
        "training.frozen_components": ["transformer"],
        "training.annotating_components": ["transformer"],
        "initialize.before_init": {
            "@callbacks": "spacy_bilstm_crf.initialize_frozen.v1",
            "components": ["transformer"],
        },
        "training.optimizer.learn_rate.initial_rate": 0.002,
        "training.optimizer.learn_rate.warmup_steps": 0,
    },
    "ngrams": _sentiment(choose_classifier.ngrams()),
    "best": _sentiment(choose_classifier.ensemble(_WORDS)),
}

# Entities and labels of whole texts, over one encoder.
_LISTENER = {
    "@architectures": "spacy.Tok2VecListener.v1",
    "width": 2 * _ENCODER["hidden_width"],
    "upstream": "*",
}
_CLASSIFIER = choose_classifier.classifier(choose_classifier.ensemble(_LISTENER))
_SHARED = {
    **_CLASSIFIER,
    "nlp.pipeline": ["tok2vec", "bilstm_crf_ner", "textcat"],
    "components": {
        "tok2vec": {"factory": "tok2vec", "model": {**_ENCODER, "doc_memory": 0.0}},
        **template()["components"],
        **_CLASSIFIER["components"],
    },
    _TOK2VEC: _LISTENER,
    "training.score_weights": {
        **template()["training"]["score_weights"],
        **_CLASSIFIER["training.score_weights"],
        "ents_f": 0.5,
        "cats_score": 0.5,
    },
    _STEPS: 2000,
}

CONFIGS: dict[str, dict[str, Any]] = {
    "conll2003": {},
    "conll2003-best": {**_TUNED, f"{_TOK2VEC}.hidden_width": 200},
    "conll2003-fast": {
        _STEPS: 4000,
        f"{_TOK2VEC}.hidden_width": 64,
        f"{_TOK2VEC}.embed.word_width": 50,
        f"{_TOK2VEC}.embed.char_filters": 50,
    },
    "conll2003-softmax": {f"{_NER}.model.decoder": "softmax"},
    "conll2003-huang2015": {
        "corpora.train.max_sentences": 1,
        "corpora.dev.max_sentences": 1,
        "training.batcher.size": 100,
        "training.dropout": 0.0,
        "training.max_steps": 10000,
        "training.eval_frequency": 1000,
        "training.optimizer": {
            "@optimizers": "SGD.v1",
            "L2": 0.0,
            "grad_clip": 1.0,
            "L2_is_weight_decay": True,
            "use_averages": False,
            "learn_rate": {"@schedules": "constant.v1", "rate": 0.1},
        },
        f"{_NER}.join": 0.0,
        f"{_TOK2VEC}.hidden_width": 300,
        f"{_TOK2VEC}.doc_memory": 0.0,
        f"{_TOK2VEC}.embed": {
            "@layers": "concatenate.v1",
            "*": {
                "words": {
                    "@architectures": "spacy_bilstm_crf.WordCharEmbed.v1",
                    "static_vectors": "auto",
                    "char_encoder": "cnn",
                    "word_width": 50,
                    "char_width": 30,
                    "char_filters": 0,
                    "char_window": 3,
                    "case_width": 10,
                    "min_freq": 1,
                    "word_dropout": 0.25,
                },
                "affixes": {
                    "@architectures": "spacy_bilstm_crf.AffixEmbed.v1",
                    "width": 10,
                    "rows": 2000,
                    "lengths": [2, 3, 4, 5],
                },
                "shapes": {
                    "@architectures": "spacy.MultiHashEmbed.v2",
                    "width": 20,
                    "attrs": ["SHAPE"],
                    "rows": [1000],
                    "include_static_vectors": False,
                },
            },
        },
    },
    "conll2003-transformer": {
        **_RUNS,
        **_TRANSFORMER,
        "paths.transformer": "roberta-base",
        "nlp.pipeline": ["transformer", "bilstm_crf_ner"],
        _STEPS: 4000,
        f"{_TOK2VEC}.depth": 0,
        f"{_TOK2VEC}.embed": _PIECES,
    },
    "rurebus": {**_LINES, **_RUSSIAN},
    "rurebus-vectors": {**_LINES, **_RUSSIAN, **_TUNED},
    "sample": {**_RUNS, **_SMALL},
    "sample_brat": {**_LINES, **_SMALL},
    "sample_sentiment": {
        **choose_classifier.classifier(choose_classifier.ensemble(_WORDS)),
        _STEPS: 600,
        "training.eval_frequency": 50,
    },
    "shared": _SHARED,
    **{f"sentiment-{name}": settings for name, settings in _SENTIMENT.items()},
}
"""By the names of the files: what differs from the template, dotted names and values."""


def config_text(name: str) -> str:
    """The text of configs/NAME.cfg."""
    config = apply(template(), CONFIGS[name])
    return config.to_str(interpolate=False)
