"""Probabilities of spans and readings against all tag sequences, and the threshold."""

import itertools

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from spacy_bilstm_crf.models.layout import sequence_lengths
from spacy_bilstm_crf.pipeline.confidence import (
    candidate_spans,
    choose_spans,
    n_best_readings,
    span_confidences,
)
from spacy_bilstm_crf.tags import Spans, ids_to_spans, legal_transitions

from ..conftest import EXPECTED, TRAIN, entities, make_examples, small_nlp, train

WORDS = [["Anna", "left", "Paris"], ["Oslo"], ["in", "May"]]


@pytest.fixture(scope="module")
def case():
    """An initialized model of one label, its emissions, and every reading of three sentences with
    its probability."""
    nlp = small_nlp()
    examples = make_examples(nlp, [("Anna left Paris", {"entities": [(0, 4, "PER")]})])
    nlp.initialize(lambda: examples)
    pipe = nlp.get_pipe("ner")
    words = [word for sentence in WORDS for word in sentence]
    starts = [i == 0 for sentence in WORDS for i in range(len(sentence))]
    doc = Doc(nlp.vocab, words=words, sent_starts=starts)
    rng = np.random.default_rng(0)
    emissions = rng.normal(size=(len(doc), 5), scale=1.5).astype(np.float32)
    crf = pipe.model.get_ref("crf")
    torch_crf = crf.shims[0]._model.crf
    start, steps, end = (
        p.detach().double().numpy()
        for p in (torch_crf.start_transitions, torch_crf.transitions, torch_crf.end_transitions)
    )
    legal = legal_transitions(1)
    sequences, first = [], 0
    for sentence in WORDS:
        paths = []
        for path in itertools.product(range(5), repeat=len(sentence)):
            pairs = list(zip(path, path[1:]))
            if legal.start[path[0]] and legal.end[path[-1]] and all(legal.pairs[p] for p in pairs):
                score = start[path[0]] + end[path[-1]] + sum(steps[p] for p in pairs)
                score += sum(float(emissions[first + t, tag]) for t, tag in enumerate(path))
                paths.append((np.exp(score), path))
        total = sum(p for p, _ in paths)
        sequences.append([(p / total, path) for p, path in paths])
        first += len(sentence)
    readings = [
        (np.prod([p for p, _ in parts]), sum((path for _, path in parts), ()))
        for parts in itertools.product(*sequences)
    ]
    return crf, emissions, sequence_lengths([doc]), readings


def as_set(spans):
    return set(zip(*(column.tolist() for column in spans)))


def all_spans(readings):
    total = {}
    for p, path in readings:
        for span in as_set(ids_to_spans(np.array(path))):
            total[span] = total.get(span, 0.0) + p
    return total


def test_confidences(case):
    crf, emissions, lengths, readings = case
    expected = all_spans(readings)
    assert len(expected) == 6 + 1 + 3
    chosen = sorted(expected)[::-2]  # any order, and not all
    spans = Spans(*(np.array(column) for column in zip(*chosen)))
    found = span_confidences(crf, emissions, lengths, spans)
    assert found == pytest.approx([expected[span] for span in chosen], abs=1e-9)
    nothing = Spans(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    assert span_confidences(crf, emissions, lengths, nothing).shape == (0,)


@pytest.mark.parametrize("threshold", [1e-9, 0.05, 0.2, 0.5, 1.0])
def test_candidates(case, threshold):
    crf, emissions, lengths, readings = case
    spans, scores = candidate_spans(crf, emissions, lengths, threshold)
    expected = {span: p for span, p in all_spans(readings).items() if p >= threshold}
    keys = list(zip(*(column.tolist() for column in spans)))
    assert keys == sorted(expected)
    assert scores == pytest.approx([expected[key] for key in keys], abs=1e-9)


@pytest.mark.parametrize("k", [1, 7, 10**4])
def test_n_best(case, k):
    crf, emissions, lengths, readings = case
    found = n_best_readings(crf, emissions, lengths, k)
    expected = sorted((p for p, _ in readings), reverse=True)[:k]
    assert [p for p, _ in found] == pytest.approx(expected, rel=1e-6)
    probability = {frozenset(as_set(ids_to_spans(np.array(path)))): p for p, path in readings}
    for p, spans in found:
        assert p == pytest.approx(probability[frozenset(as_set(spans))], rel=1e-6)


def test_choosing_among_overlapping_spans():
    spans = Spans(np.array([0, 1, 3, 5]), np.array([2, 4, 5, 6]), np.array([0, 1, 0, 0]))
    chosen = choose_spans(spans, np.array([0.3, 0.4, 0.35, 0.1]))
    assert as_set(chosen) == {(1, 4, 1), (5, 6, 0)}
    nothing = Spans(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    assert as_set(choose_spans(nothing, np.zeros(0))) == set()


def found_at(nlp, threshold):
    nlp.get_pipe("ner").cfg["threshold"] = threshold
    return [set(entities(doc)) for doc in nlp.pipe(text for text, _ in TRAIN)]


def test_threshold(trained):
    assert found_at(trained, 0.5) == [set(ents) for ents in EXPECTED]
    assert found_at(trained, 1.0) == [set()] * len(TRAIN)


def test_a_low_threshold_finds_more():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=10)
    low, high = found_at(nlp, 0.0), found_at(nlp, 0.4)
    assert sum(map(len, low)) > sum(map(len, high))


def test_threshold_is_configured_and_saved(trained, tmp_path):
    trained.get_pipe("ner").cfg["threshold"] = 0.99999
    trained.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert again.get_pipe("ner").cfg["threshold"] == 0.99999
    nlp = spacy.blank("en")
    assert nlp.add_pipe("bilstm_crf_ner", config={"threshold": 0.4}).cfg["threshold"] == 0.4
    with pytest.raises(ValueError, match="threshold"):
        nlp.add_pipe("bilstm_crf_ner", name="other", config={"threshold": 1.5})
