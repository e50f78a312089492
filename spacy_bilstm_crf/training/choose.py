"""The config that fits a corpus, and why: what `init` writes and `train` trains.

The numbers are those of our configs for CoNLL-2003 and RuREBus and of trials on parts of the
former, UNER Danish, MasakhaNER Amharic and NCBI-disease: docs/accuracy.md.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterable, Sequence
from importlib import resources
from itertools import cycle, islice
from typing import Any, Literal, NamedTuple

from spacy.training import Example
from spacy.training.batchers import minibatch_by_words
from spacy.util import load_model_from_config
from thinc.api import Config

from ..corpora.annotated import AnnotatedText
from ..corpora.facts import WITHOUT_BLANKS, Facts, look_at
from ..corpora.make_doc import WRONG, make_doc
from . import choose_classifier as classify
from .corpus import without_annotation
from .vocabulary import offer_docs

Size = Literal["fast", "default", "best"]

_NER = "components.bilstm_crf_ner"
_TOK2VEC = f"{_NER}.model.tok2vec"
_STEPS = "training.optimizer.learn_rate.total_steps"
_WORDS_A_STEP = 350
_GPU_WORDS_A_STEP = 1000  # with 2,000, CoNLL-2003 is learned sooner, and worse


class Choice(NamedTuple):
    """A setting of the config, by its dotted name, and why."""

    name: str
    value: Any
    reason: str


class Chosen(NamedTuple):
    """A config, and what was chosen in it."""

    config: Config
    choices: list[Choice]


def template() -> Config:
    """The config that all others are made from: package data."""
    file = resources.files("spacy_bilstm_crf.training") / "templates" / "bilstm_crf_ner.cfg"
    return Config().from_str(file.read_text(encoding="utf-8"), interpolate=False)


def apply(config: Config, overrides: dict[str, Any]) -> Config:
    """A copy of a config with other values by their dotted names. A value that is a section
    replaces the whole section."""
    result = config.copy()
    for name, value in overrides.items():
        *sections, last = name.split(".")
        own: Any = result
        for section in sections:
            own = own.setdefault(section, {})
        own[last] = value
    return result


def choose(
    texts: Sequence[AnnotatedText],
    *,
    lang: str | None = None,
    size: Size = "default",
    vectors: str | None = None,
    minutes: float | None = None,
    gpu: bool = False,
    seed: int = 0,
) -> Chosen:
    """Choose a config for a training set.

    lang: the language's code; None to find it.
    size: "fast" trains and predicts in half the time, "best" has a wider LSTM and averaged weights.
    vectors: a pipeline with word vectors.
    minutes: train no longer, by the time that some steps take on this machine.
    RAISES: ValueError if there are no entities, and no labels.
    """
    facts = look_at(texts)
    if not facts.labels and not facts.cats:
        raise ValueError(
            "The training texts have no entities, and no labels: there is nothing to learn."
        )
    base = template()
    choices = [*_tokens(facts, texts, lang)]
    if facts.labels:
        choices += [*_units(facts), *_size(size, vectors, _TOK2VEC), *_noise(facts)]
        words_a_step = _GPU_WORDS_A_STEP if gpu else _WORDS_A_STEP
        choices += _length(facts, size, words_a_step)
    else:
        encoder = classify.encoder(base["components"]["bilstm_crf_ner"]["model"]["tok2vec"])
        model = classify.ensemble(encoder, facts.has_many)
        base = apply(base, classify.classifier(model, facts.has_many))
        (name,) = base["components"]
        choices.append(Choice("nlp.pipeline", [name], classify.reason(facts)))
        choices += _size(size, vectors, f"components.{name}.model.tok2vec")
        words_a_step = classify.words_a_step(facts, gpu)
        steps = classify.n_steps(facts, words_a_step)
        passes = steps * words_a_step / max(1, facts.n_words)
        choices.append(Choice("training.batcher.size", words_a_step, "words a step"))
        choices += _steps(steps, f"{facts.n_words:,} words, read {passes:.0f} times")
    choices.append(Choice("system.seed", seed, "of initial weights and of batches"))
    if gpu and facts.labels:
        choices.append(
            Choice("training.batcher.size", words_a_step, "a GPU computes more words at once")
        )
    config = _config(base, choices)
    if minutes is not None:
        limited = _budget(config, texts, minutes)
        names = {choice.name for choice in limited}
        choices = [choice for choice in choices if choice.name not in names] + limited
        config = _config(base, choices)
    return Chosen(config, choices)


def _config(base: Config, choices: Iterable[Choice]) -> Config:
    return apply(base, {choice.name: choice.value for choice in choices})


def _tokens(facts: Facts, texts: Sequence[AnnotatedText], lang: str | None) -> Iterable[Choice]:
    code = lang or facts.language or "xx"
    if lang:
        reason = "as told"
    elif facts.language:
        reason = (
            f"{facts.stop_words:.0%} of the words are its stop words, and it is the first of all "
            "languages in that; if it is another, say --lang"
        )
    else:
        reason = (
            f"script {facts.script or 'unknown'}, and the stop words of no language of spaCy: "
            "several languages; say --lang if spaCy has the language"
        )
    if facts.script in WITHOUT_BLANKS:
        code = lang or "xx"
        yield Choice("nlp.lang", code, "as told" if lang else "of several languages")
        yield Choice(
            "nlp.tokenizer",
            {"@tokenizers": "spacy_bilstm_crf.CharacterTokenizer.v1"},
            f"script {facts.script}: no blanks between words, so that characters are the tokens",
        )
        return
    yield Choice("nlp.lang", code, reason)
    if facts.own_tokens:
        return
    raw = list(islice((text for text in texts if text.spans), 2000))
    own = apply(template(), {"nlp.lang": code})
    split = apply(own, {"nlp.tokenizer": {"@tokenizers": _WORD_PUNCT}})
    n_own, n_split = (_count_unfit(config, raw) for config in (own, split))
    n_spans = sum(len(text.spans) for text in raw)
    if n_own > 0.005 * n_spans and n_split < 0.5 * n_own:
        yield Choice(
            "nlp.tokenizer",
            {"@tokenizers": _WORD_PUNCT},
            f"{n_own} of {n_spans} entities end inside a token of the language's tokenizer, "
            f"{n_split} inside one of WordPunct's",
        )


_WORD_PUNCT = "spacy_bilstm_crf.WordPunctTokenizer.v1"


def _count_unfit(config: Config, texts: Iterable[AnnotatedText]) -> int:
    config = apply(config, {"nlp.pipeline": [], "components": {}})
    nlp = load_model_from_config(config, auto_fill=True, validate=False)
    return sum(
        reason == "border inside a token" for text in texts for _, reason in make_doc(text, nlp)[1]
    )


def _units(facts: Facts) -> Iterable[Choice]:
    memory = f"{_TOK2VEC}.doc_memory"
    per_text = facts.sentences_per_text
    if per_text >= 3:
        yield Choice(
            memory,
            0.5,
            f"texts are documents of {per_text:.1f} sentences: a name is read "
            "in the light of its other places",
        )
        return
    why = "texts are sentences" if facts.n_sentences else "raw text has no sentence marks"
    yield Choice(memory, 0.0, f"{why}: a memory of the document would cost accuracy")
    for split in ("train", "dev"):
        yield Choice(f"corpora.{split}.max_sentences", 8, "so many neighbouring sentences at once")
    lines = facts.n_lines / facts.n_texts
    if not facts.own_tokens and lines >= 5:
        yield Choice(
            "components.line_sentencizer",
            {"factory": "line_sentencizer", "min_length": 60},
            f"raw texts are set in lines ({lines:.0f} in each): a sequence ends with one",
        )
        yield Choice("nlp.pipeline", ["line_sentencizer", "bilstm_crf_ner"], "the same")


def _size(size: Size, vectors: str | None, tok2vec: str) -> Iterable[Choice]:
    if vectors is not None:
        yield Choice("paths.vectors", vectors, "as told")
    if size == "fast":
        names = ("word_width", "char_filters") if tok2vec == _TOK2VEC else ("word_width",)
        for name in names:
            yield Choice(f"{tok2vec}.embed.{name}", 50, "size fast")
        yield Choice(f"{tok2vec}.hidden_width", 64, "size fast")
    elif size == "best":
        yield Choice(f"{tok2vec}.hidden_width", 200, "size best")
        yield Choice("training.optimizer.use_averages", True, "size best")
        yield Choice("training.dropout", 0.4, "size best")
        if vectors is not None:
            yield Choice(f"{tok2vec}.embed.static_vectors", "tuned", "size best, with vectors")
            yield Choice(f"{tok2vec}.embed.word_dropout", 4.0, "size best, with vectors")


def _noise(facts: Facts) -> Iterable[Choice]:
    if facts.consistency is not None and facts.consistency < 0.85:
        yield Choice(
            f"{_NER}.threshold",
            0.35,
            f"{1 - facts.consistency:.0%} of the places where annotated names occur are not "
            "annotated: what is likelier than this counts as found",
        )
    if facts.n_wrong:
        yield Choice(
            f"{_NER}.incorrect_spans_key", WRONG, f"{facts.n_wrong} spans are known to be wrong"
        )


def _length(facts: Facts, size: Size, words_a_step: int) -> Iterable[Choice]:
    steps = n_steps(facts.n_words, size, words_a_step)
    epochs = steps * words_a_step / max(1, facts.n_words)
    yield from _steps(steps, f"{facts.n_words:,} words, read {epochs:.0f} times")


def n_steps(n_words: int, size: Size = "default", words_a_step: int = _WORDS_A_STEP) -> int:
    """The steps that a corpus of so many words is trained for."""
    steps = 18 * math.sqrt(n_words) * (0.5 if size == "fast" else 1.0)
    steps = max(600.0, steps) * _WORDS_A_STEP / words_a_step
    return max(100, round(steps / 100) * 100)


def _steps(steps: int, reason: str) -> list[Choice]:
    frequency = max(20, round(steps / 20 / 10) * 10)
    return [
        Choice(_STEPS, steps, reason),
        Choice("training.eval_frequency", frequency, "about twenty evaluations"),
        Choice(
            "training.patience",
            max(steps // 2, 4 * frequency),
            "the rate falls to zero, and the last steps gain most: only a training that has not "
            "risen in half of all steps ends early",
        ),
    ]


def _budget(config: Config, texts: Sequence[AnnotatedText], minutes: float) -> list[Choice]:
    """The steps that fit a time, by timing some; four fifths of it are for steps."""
    limit: int = config["training"]["optimizer"]["learn_rate"]["total_steps"]
    seconds = _seconds_a_step(config, texts)
    fitting = int(0.8 * 60 * minutes / seconds)
    if fitting >= limit:
        reason = f"a step takes {seconds * 1000:.0f} ms here: all fit into {minutes:g} minutes"
        return _steps(limit, reason)
    return _steps(
        max(20, fitting),
        f"of {limit} that the corpus asks for: a step takes {seconds * 1000:.0f} ms here, and "
        f"{minutes:g} minutes are given",
    )


def _seconds_a_step(config: Config, texts: Sequence[AnnotatedText]) -> float:
    # There is no file yet to learn words from.
    config = apply(config, {"initialize.before_init": None})
    nlp = load_model_from_config(config, auto_fill=True)
    trainable = [name for name, pipe in nlp.pipeline if getattr(pipe, "is_trainable", False)]
    with nlp.select_pipes(disable=trainable):  # raw text goes through the pipeline
        gold = [make_doc(text, nlp)[0] for text in texts[:1000]]
    examples = [Example(without_annotation(doc), doc) for doc in gold if len(doc)]
    offer_docs(nlp, lambda: gold)
    optimizer = nlp.initialize(lambda: examples)
    batches = minibatch_by_words(examples, size=config["training"]["batcher"]["size"])
    taken = []
    for batch in islice(cycle(list(batches)), 8):
        start = time.perf_counter()
        nlp.update(batch, sgd=optimizer, drop=config["training"]["dropout"])
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[2:])
