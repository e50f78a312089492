"""Probabilities of spans and analyses against all tag sequences, and the threshold."""

import itertools

import numpy as np
import pytest
import spacy
from spacy.cli.find_threshold import find_threshold
from spacy.tokens import Doc, DocBin, Span

from spacy_bilstm_crf.batching.sequences import sequence_lengths
from spacy_bilstm_crf.pipeline.candidates import candidate_spans, choose_spans, top_k_entities
from spacy_bilstm_crf.tags import Spans, allowed_transitions, ids_to_spans

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
    lengths = sequence_lengths([doc])
    tags = crf.predict((emissions, lengths, np.array([len(doc)])))
    torch_crf = crf.shims[0]._model.chain
    start, steps, end = (
        p.detach().double().numpy()
        for p in (torch_crf.start_transitions, torch_crf.transitions, torch_crf.end_transitions)
    )
    allowed = allowed_transitions(1)
    sequences, first = [], 0
    for sentence in WORDS:
        paths = []
        for path in itertools.product(range(5), repeat=len(sentence)):
            pairs = list(zip(path, path[1:]))
            if (
                allowed.start[path[0]]
                and allowed.end[path[-1]]
                and all(allowed.pairs[p] for p in pairs)
            ):
                score = start[path[0]] + end[path[-1]] + sum(steps[p] for p in pairs)
                score += sum(float(emissions[first + t, tag]) for t, tag in enumerate(path))
                paths.append((np.exp(score), path))
        total = sum(p for p, _ in paths)
        sequences.append([(p / total, path) for p, path in paths])
        first += len(sentence)
    analyses = [
        (np.prod([p for p, _ in parts]), sum((path for _, path in parts), ()))
        for parts in itertools.product(*sequences)
    ]
    return tags, analyses


def as_set(spans):
    return set(zip(*(column.tolist() for column in spans)))


def all_spans(analyses):
    total = {}
    for p, path in analyses:
        for span in as_set(ids_to_spans(np.array(path))):
            total[span] = total.get(span, 0.0) + p
    return total


def test_confidences(case):
    tags, analyses = case
    expected = all_spans(analyses)
    assert len(expected) == 6 + 1 + 3
    chosen = sorted(expected)[::-2]  # any order, and not all
    spans = Spans(*(np.array(column) for column in zip(*chosen)))
    found = tags.span_probability(spans)
    assert found == pytest.approx([expected[span] for span in chosen], abs=1e-9)
    nothing = Spans(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    assert tags.span_probability(nothing).shape == (0,)


@pytest.mark.parametrize("threshold", [1e-9, 0.05, 0.2, 0.5, 1.0])
def test_candidates(case, threshold):
    tags, analyses = case
    spans, scores = candidate_spans(tags, threshold)
    expected = {span: p for span, p in all_spans(analyses).items() if p >= threshold}
    keys = list(zip(*(column.tolist() for column in spans)))
    assert keys == sorted(expected)
    assert scores == pytest.approx([expected[key] for key in keys], abs=1e-9)


@pytest.mark.parametrize("k", [1, 7, 10**4])
def test_n_best(case, k):
    tags, analyses = case
    found = top_k_entities(tags, k)
    expected = sorted((p for p, _ in analyses), reverse=True)[:k]
    assert [p for p, _ in found] == pytest.approx(expected, rel=1e-6)
    probability = {frozenset(as_set(ids_to_spans(np.array(path)))): p for p, path in analyses}
    for p, spans in found:
        assert p == pytest.approx(probability[frozenset(as_set(spans))], rel=1e-6)


def test_choosing_among_overlapping_spans():
    spans = Spans(np.array([0, 1, 3, 5]), np.array([2, 4, 5, 6]), np.array([0, 1, 0, 0]))
    chosen, scores = choose_spans(spans, np.array([0.3, 0.4, 0.35, 0.1]))
    assert as_set(chosen) == {(1, 4, 1), (5, 6, 0)}
    assert scores.tolist() == [0.4, 0.1]
    nothing = Spans(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    assert as_set(choose_spans(nothing, np.zeros(0))[0]) == set()


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
    nlp = spacy.blank("xx")
    assert nlp.add_pipe("bilstm_crf_ner", config={"threshold": 0.4}).cfg["threshold"] == 0.4
    with pytest.raises(ValueError, match="threshold"):
        nlp.add_pipe("bilstm_crf_ner", name="other", config={"threshold": 1.5})


def test_entities_have_their_confidence(trained):
    trained.get_pipe("ner").cfg.update(confidence="spans", spans_threshold=0.05)
    for text, _ in TRAIN:
        doc = trained(text)
        spans = doc.spans["bilstm_crf_ner"]
        scores = {(s.start, s.end, s.label): p for s, p in zip(spans, spans.attrs["scores"])}
        assert len(scores) >= len(doc.ents)
        for ent in doc.ents:
            assert ent._.confidence == pytest.approx(scores[ent.start, ent.end, ent.label])
            assert 0.5 < ent._.confidence <= 1.0
        again = Doc(trained.vocab).from_bytes(doc.to_bytes())
        assert [e._.confidence for e in again.ents] == [e._.confidence for e in doc.ents]
        assert doc[0:1]._.confidence is None  # no entity, but a place


def test_confidence_is_of_a_place_and_label(trained):
    ruler = trained.add_pipe("entity_ruler", config={"overwrite_ents": True})
    ruler.add_patterns([{"label": "CITY", "pattern": "Paris"}])
    doc = trained(TRAIN[0][0])
    assert [(ent.label_, ent._.confidence is None) for ent in doc.ents] == [
        ("PER", False),
        ("CITY", True),
    ]
    both = Doc.from_docs([trained("x y"), doc])
    assert [ent._.confidence for ent in both.ents] == [ent._.confidence for ent in doc.ents]
    trained.get_pipe("ner").cfg.update(confidence="off", overwrite_ents=True)
    doc = trained.get_pipe("ner")(doc)
    assert [ent._.confidence for ent in doc.ents] == [None, None]
    doc.ents[0]._.confidence = 0.5
    assert [ent._.confidence for ent in doc.ents] == [0.5, None]


def test_docs_with_no_tokens_have_their_group(trained):
    trained.get_pipe("ner").cfg["confidence"] = "spans"
    for doc in [trained(""), *trained.pipe(["", "Paris", ""])]:
        assert len(doc.spans["bilstm_crf_ner"]) == len(doc.spans["bilstm_crf_ner"].attrs["scores"])


def test_analyses_of_long_docs_are_not_lost(trained):
    ner = trained.get_pipe("ner")
    output = ner.model.get_ref("output_layer")
    output.set_param("W", output.get_param("W") * 0.01)  # so that nothing is sure
    output.set_param("b", output.get_param("b") * 0.01)
    analyses = ner.n_best(trained.make_doc("x " * 3000), k=3)
    assert [p for p, _ in analyses] == [0.0] * 3
    assert len({tuple((e.start, e.end, e.label_) for e in ents) for _, ents in analyses}) == 3


def test_confidence_can_be_off(trained):
    trained.get_pipe("ner").cfg["confidence"] = "off"
    doc = trained(TRAIN[0][0])
    assert entities(doc) == EXPECTED[0]
    assert [ent._.confidence for ent in doc.ents] == [None, None]
    assert "bilstm_crf_ner" not in doc.spans
    with pytest.raises(ValueError, match="confidence"):
        spacy.blank("xx").add_pipe("bilstm_crf_ner", config={"confidence": "all"})


@pytest.mark.slow
def test_confidence_comes_back_from_other_processes(trained):
    texts = [text for text, _ in TRAIN] * 3
    alone = [[e._.confidence for e in doc.ents] for doc in trained.pipe(texts)]
    split = [[e._.confidence for e in doc.ents] for doc in trained.pipe(texts, n_process=2)]
    assert [len(c) for c in split] == [len(c) for c in alone]
    for own, others in zip(alone, split):
        assert own == pytest.approx(others, abs=1e-5)


def test_confidence_does_not_depend_on_the_company(trained):
    texts = [text for text, _ in TRAIN]
    for text, doc in zip(texts, trained.pipe(texts)):
        alone = trained(text)
        for ent, own in zip(doc.ents, alone.ents):
            assert ent._.confidence == pytest.approx(own._.confidence, abs=1e-6)


def test_n_best_of_a_doc(trained):
    ner = trained.get_pipe("ner")
    doc = trained.make_doc(TRAIN[0][0])
    analyses = ner.n_best(doc, 20)
    probabilities = [p for p, _ in analyses]
    assert probabilities == sorted(probabilities, reverse=True) and 0.5 < sum(probabilities) <= 1
    assert [(e.start, e.end, e.label_) for e in analyses[0][1]] == EXPECTED[0]
    assert len({tuple((e.start, e.end, e.label_) for e in ents) for _, ents in analyses}) == 20
    assert not doc.has_annotation("ENT_IOB")
    assert ner.n_best(trained.make_doc(""), 3) == [(1.0, [])]
    one = trained.make_doc("Paris")
    assert len(ner.n_best(one, 99)) == 3  # O and a U of each label
    with pytest.raises(ValueError, match="k must be"):
        ner.n_best(doc, 0)


def test_what_is_on_the_doc_constrains_the_rest(trained):
    """An entity that is given is read as such: what follows can't go on inside it."""
    doc = trained.make_doc(TRAIN[0][0])
    doc.set_ents([Span(doc, 0, 1, "PER")], default="missing")
    trained(doc)
    assert (0, 1, "PER") in entities(doc) and (4, 5, "LOC") in entities(doc)
    assert doc.ents[0]._.confidence is None
    assert doc.ents[-1]._.confidence > 0.5
    ner = trained.get_pipe("ner")
    given = trained.make_doc(TRAIN[0][0])
    given.set_ents([Span(given, 0, 1, "PER")], default="missing")
    for _, ents in ner.n_best(given, 10):
        assert (0, 1, "PER") in [(e.start, e.end, e.label_) for e in ents]


@pytest.mark.parametrize("threshold", [None, 0.3])
@pytest.mark.parametrize("label", ["PER", "LOC", "OTHER"])
def test_given_entities_stay_whatever_they_are(trained, label, threshold):
    trained.get_pipe("ner").cfg["threshold"] = threshold
    doc = trained.make_doc(TRAIN[0][0])
    for token in doc:
        token.is_sent_start = token.i in (0, 4)
    doc.set_ents([Span(doc, 3, 5, label, kb_id="Q1")], default="missing", blocked=[doc[0:1]])
    trained(doc)
    assert entities(doc)[-1] == (3, 5, label)  # across a sentence start
    assert doc.ents[-1].kb_id_ == "Q1"
    assert doc[0].ent_type_ == ""


def test_overwriting(trained):
    trained.get_pipe("ner").cfg["overwrite_ents"] = True
    doc = trained.make_doc(TRAIN[0][0])
    doc.ents = [Span(doc, 1, 4, "RULE")]
    assert entities(trained(doc)) == EXPECTED[0]


def test_find_threshold_of_spacy(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    docs = [example.reference for example in make_examples(trained)]
    DocBin(docs=docs).to_disk(tmp_path / "dev.spacy")
    best, score, scores = find_threshold(
        str(tmp_path / "model"),
        tmp_path / "dev.spacy",
        pipe_name="ner",
        threshold_key="threshold",
        scores_key="ents_f",
        n_trials=3,
        silent=True,
    )
    assert set(scores) == {0.0, 0.5, 1.0}
    assert scores[0.5] == score == 1.0 and best < 1.0
    assert scores[1.0] in (0.0, None)
