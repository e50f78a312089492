"""The factory of the component, and its default config."""

from collections.abc import Callable
from typing import Any, Literal

from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Config, Model

from ..models.tag_distribution import TagDistribution
from .bilstm_crf_ner import BiLSTMCRFRecognizer

DEFAULT_CONFIG = """
[model]
@architectures = "spacy_bilstm_crf.BiLSTMCRF.v1"
decoder = "crf"
nO = null

[model.tok2vec]
@architectures = "spacy_bilstm_crf.BiLSTMTok2Vec.v1"
hidden_width = 128
depth = 1
dropout = null
max_length = 256
overlap = 32
conv_layers = 0
conv_window = 3
precision = "float32"
bidirectional = true
doc_memory = 0.0
doc_width = 50

[model.tok2vec.embed]
@architectures = "spacy_bilstm_crf.WordCharEmbed.v1"
word_width = 100
char_width = 30
char_filters = 100
char_window = 3
case_width = 10
min_freq = 1
word_dropout = 1.0
static_vectors = "none"
char_encoder = "cnn"
"""

DEFAULT_MODEL = Config().from_str(DEFAULT_CONFIG)["model"]


@Language.factory(
    "bilstm_crf_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": DEFAULT_MODEL,
        "threshold": None,
        "confidence": "entities",
        "spans_key": "bilstm_crf_ner",
        "spans_threshold": 0.1,
        "overwrite_ents": False,
        "incorrect_spans_key": None,
        "weights_key": None,
        "join": 0.5,
        "temperature": 1.0,
        "promise": None,
        "scorer": {"@scorers": "spacy.ner_scorer.v1"},
    },
    default_score_weights={
        "ents_f": 1.0,
        "ents_p": 0.0,
        "ents_r": 0.0,
        "ents_per_type": None,
    },
)
def make_bilstm_crf_ner(
    nlp: Language,
    name: str,
    model: Model[list[Doc], TagDistribution],
    threshold: float | None,
    confidence: Literal["off", "entities", "spans"],
    spans_key: str,
    spans_threshold: float,
    overwrite_ents: bool,
    incorrect_spans_key: str | None,
    weights_key: str | None,
    join: float,
    temperature: float,
    promise: dict[str, Any] | None,
    scorer: Callable[..., dict[str, Any]] | None,
) -> "BiLSTMCRFRecognizer":
    """Create a BiLSTM-CRF named entity recognizer.

    model: the model, spacy_bilstm_crf.BiLSTMCRF.v1.
    threshold: which entities are predicted: None for those of the most probable tag sequence, a
        number for all whose own probability is at least that (the more probable one of two that
        overlap). A lower threshold finds more and is wrong more often. Where annotation is noisy,
        0.3 to 0.4 finds better entities than the most probable sequence has.
    confidence: "entities" sets `ent._.confidence` to the exact probability of each predicted
        entity; "spans" also keeps all probable spans in `doc.spans`; "off" does neither.
    spans_key, spans_threshold: with "spans", `doc.spans[spans_key]` has all spans that are at least
        this probable, and their probabilities in `attrs["scores"]`, as spaCy's spancat has.
    overwrite_ents: whether to replace entities that are on a doc, instead of keeping them.
    incorrect_spans_key: spans of `example.reference.spans[incorrect_spans_key]` are known not to be
        entities of their label; for partly annotated docs, as in spaCy's ner.
    weights_key: stretches of `example.reference.spans[weights_key]`, such as sentences, count in
        training as much as its `attrs["weights"]` says: a number of at least 0 for each, 1 where
        there is none. What is annotated wrong then teaches less; `audit` finds such weights.
    join: the share of docs of which half of the sentence marks, at random, are left out in
        training: the model then also knows texts that have none.
    temperature: what the scores of emissions and transitions are divided by where they become
        probabilities; the best entities stay the same. Above 1, confidences are lower. The command
        `calibrate` finds it.
    promise: what the command `tune` found out about the threshold, and on how many documents. It
        holds as long as `threshold` and `temperature` are those that it names.
    scorer: the scoring method.
    """
    pipe = BiLSTMCRFRecognizer(
        nlp.vocab,
        model,
        name,
        threshold=threshold,
        confidence=confidence,
        spans_key=spans_key,
        spans_threshold=spans_threshold,
        overwrite_ents=overwrite_ents,
        incorrect_spans_key=incorrect_spans_key,
        weights_key=weights_key,
        join=join,
        temperature=temperature,
        promise=promise,
        scorer=scorer,
    )
    pipe.cfg.follow(nlp)
    return pipe
