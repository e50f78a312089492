"""How unsure a model is of texts, against the enumeration of all analyses."""

import itertools

import numpy as np
import pytest
import torch

from spacy_bilstm_crf.models.crf import CRF
from spacy_bilstm_crf.pipeline.uncertainty import sequence_uncertainty
from spacy_bilstm_crf.tags import allowed_transitions, ids_to_spans

LENGTHS = np.array([3, 1, 4, 2])
N_TAGS = 9
# Three texts, one of them empty.
N_SEQUENCES = np.array([2, 0, 2])


def entities(path):
    return set(zip(*(column.tolist() for column in ids_to_spans(np.array(path)))))


@pytest.fixture(scope="module")
def case():
    """A distribution over four sequences, and all analyses of each with their probabilities."""
    torch.manual_seed(0)
    crf = CRF()
    crf.set_dim("nO", N_TAGS)
    crf.initialize()
    chain = crf.shims[0]._model.chain
    for parameter in chain.parameters():
        torch.nn.init.normal_(parameter)
    emissions = torch.randn(int(LENGTHS.sum()), N_TAGS)
    tags = crf.predict((emissions.numpy(), LENGTHS, np.array([4, 0, 6]))).at(0.7)
    start, pairs, end = (
        p.detach().double().numpy()
        for p in (chain.start_transitions, chain.transitions, chain.end_transitions)
    )
    allowed = allowed_transitions(2)
    sequences, first = [], 0
    for length in LENGTHS.tolist():
        paths = []
        for path in itertools.product(range(N_TAGS), repeat=length):
            steps = list(zip(path, path[1:]))
            if not (allowed.start[path[0]] and allowed.end[path[-1]]):
                continue
            if all(allowed.pairs[step] for step in steps):
                score = start[path[0]] + end[path[-1]] + sum(pairs[step] for step in steps)
                score += sum(float(emissions[first + t, tag]) for t, tag in enumerate(path))
                paths.append((np.exp(score / 0.7), path))
        total = sum(p for p, _ in paths)
        sequences.append([(p / total, path) for p, path in paths])
        first += length
    return tags, sequences


def analyses_of(sequences):
    """All analyses of a text: the probability and the entities of each."""
    for parts in itertools.product(*sequences):
        spans = {(n, *span) for n, (_, path) in enumerate(parts) for span in entities(path)}
        yield np.prod([p for p, _ in parts]), spans


def errors_of(analyses, found):
    return sum(p * (len(found - spans) + len(spans - found)) for p, spans in analyses)


def test_sequences(case):
    tags, sequences = case
    unsure = sequence_uncertainty(tags)
    assert unsure.n_tokens.tolist() == LENGTHS.tolist()
    best = [sorted((p for p, _ in paths), reverse=True) for paths in sequences]
    np.testing.assert_allclose(unsure.best, [np.log(p[0]) for p in best])
    np.testing.assert_allclose(unsure.mnlp, [np.log(p[0]) / n for p, n in zip(best, LENGTHS)])
    np.testing.assert_allclose(unsure.margin, [p[0] - p[1] for p in best])
    entropy = [-sum(p * np.log(p) for p, _ in paths) for paths in sequences]
    np.testing.assert_allclose(unsure.entropy, entropy)
    errors = [
        errors_of([(p, entities(path)) for p, path in paths], entities(max(paths)[1]))
        for paths in sequences
    ]
    np.testing.assert_allclose(unsure.errors, errors)


def test_texts(case):
    tags, sequences = case
    unsure = sequence_uncertainty(tags).of_texts(N_SEQUENCES)
    assert unsure.n_tokens.tolist() == [4, 0, 6]
    for nth, own in ((0, sequences[:2]), (2, sequences[2:])):
        analyses = sorted(analyses_of(own), key=lambda one: -one[0])
        (p, found), (q, _) = analyses[:2]
        assert np.exp([unsure.best[nth], unsure.second[nth]]) == pytest.approx([p, q])
        assert unsure.entropy[nth] == pytest.approx(-sum(p * np.log(p) for p, _ in analyses))
        assert unsure.errors[nth] == pytest.approx(errors_of(analyses, found))
    # Of an empty text, one is sure.
    of_empty = [getattr(unsure, name)[1] for name in ("mnlp", "margin", "entropy", "errors")]
    assert of_empty == [0.0, 1.0, 0.0, 0.0]


def test_what_a_threshold_finds_counts(case):
    tags, sequences = case
    paths = sequences[2]
    probable: dict[tuple[int, ...], float] = {}
    for p, path in paths:
        for span in entities(path):
            probable[span] = probable.get(span, 0.0) + p
    for threshold in (0.2, 0.9):
        found = set()
        for span, p in sorted(probable.items(), key=lambda one: -one[1]):
            overlaps = any(span[0] < other[1] and other[0] < span[1] for other in found)
            if p >= threshold and not overlaps:
                found.add(span)
        errors = errors_of([(p, entities(path)) for p, path in paths], found)
        unsure = sequence_uncertainty(tags, threshold)
        assert unsure.errors[2] == pytest.approx(errors)


def test_a_text_with_one_analysis(case):
    tags, _ = case
    only_outside = np.zeros((int(LENGTHS.sum()), N_TAGS), dtype=bool)
    only_outside[:, 1:] = True
    unsure = sequence_uncertainty(tags.forbid(only_outside))
    np.testing.assert_allclose(unsure.margin, 1.0)
    for values in (unsure.mnlp, unsure.entropy, unsure.errors):
        np.testing.assert_allclose(values, 0.0, atol=1e-12)
