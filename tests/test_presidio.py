"""Presidio's own analyzer and anonymizer, with the probabilities of a pipeline as scores."""

import pytest

pytest.importorskip("presidio_analyzer", reason="needs the extra presidio")
pytest.importorskip("presidio_anonymizer", reason="needs the extra presidio")

from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer
from presidio_anonymizer import AnonymizerEngine

from spacy_bilstm_crf.presidio import PipelineNlpEngine, PipelineRecognizer, map_labels

from .conftest import TRAIN

TEXT = TRAIN[0][0]
TEXTS = [text for text, _ in TRAIN]


def analyzer(engine, *recognizers):
    """Without the predefined recognizers, most of which load much."""
    registry = RecognizerRegistry(recognizers=list(recognizers), supported_languages=["en"])
    registry.add_nlp_recognizer(engine)
    return AnalyzerEngine(registry=registry, nlp_engine=engine)


def beside(recognizer):
    """An analyzer of which no recognizer needs an engine."""
    engine = NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}])
    registry = RecognizerRegistry(recognizers=[recognizer], supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=engine)


def by_place(results):
    return sorted((own.start, own.end, own.entity_type, own.score) for own in results)


def is_that_of(doc, results):
    """Whether results are the entities of a doc, with their confidences."""
    names = {"PER": "PERSON", "LOC": "LOCATION"}
    return by_place(results) == [
        (e.start_char, e.end_char, names[e.label_], pytest.approx(e._.confidence, abs=1e-6))
        for e in doc.ents
    ]


def test_scores_are_probabilities(trained):
    doc = trained(TEXT)
    assert len(doc.ents) == 2
    engine = analyzer(PipelineNlpEngine({"en": trained}))
    alone = beside(PipelineRecognizer(trained, language="en"))
    for own in (engine, alone):
        assert is_that_of(doc, own.analyze(TEXT, "en"))
        (person,) = own.analyze(TEXT, "en", entities=["PERSON"])
        assert person.score == pytest.approx(doc.ents[0]._.confidence)


def test_batches(trained):
    batches = BatchAnalyzerEngine(analyzer(PipelineNlpEngine({"en": trained})))
    results = batches.analyze_iterator(TEXTS, "en", batch_size=3)
    for doc, own in zip(trained.pipe(TEXTS), results, strict=True):
        assert is_that_of(doc, own)


@pytest.mark.parametrize("in_engine", [True, False])
def test_a_threshold_gives_spans_that_overlap(trained, in_engine):
    output = trained.get_pipe("ner").model.get_ref("output_layer")
    output.set_param("W", output.get_param("W") * 0.3)  # so that it is less sure
    if in_engine:
        own = analyzer(PipelineNlpEngine({"en": trained}, threshold=0.01))
    else:
        own = beside(PipelineRecognizer(trained, language="en", threshold=0.01))
    found = own.analyze(TEXT, "en")
    assert len(found) > 2 and min(result.score for result in found) < 0.5
    sure = own.analyze(TEXT, "en", score_threshold=0.5)
    assert all(result.score >= 0.5 for result in sure) and len(sure) < len(found)


def test_batches_side_by_side(trained):
    output = trained.get_pipe("ner").model.get_ref("output_layer")
    output.set_param("W", output.get_param("W") * 0.3)
    engine = PipelineNlpEngine({"en": trained}, threshold=0.01)
    alone = [len(own.entities) for _, own in engine.process_batch(TEXTS, "en", batch_size=1)]
    first, second = (engine.process_batch(TEXTS, "en", batch_size=1) for _ in range(2))
    pairs = [(len(a.entities), len(b.entities)) for (_, a), (_, b) in zip(first, second)]
    assert pairs == [(n, n) for n in alone] and sum(alone) > len(TEXTS)


def test_entities_of_rules_have_the_default_score(trained):
    ruler = trained.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "CITY", "pattern": "Paris"}])
    settings = {"labels": {"PER": "WHO"}, "default_score": 0.25}
    engine = analyzer(PipelineNlpEngine({"en": trained}, **settings))
    alone = beside(PipelineRecognizer(trained, language="en", **settings))
    for own in (engine, alone):
        who, city = sorted(own.analyze(TEXT, "en"), key=lambda own: own.start)
        assert (who.entity_type, city.entity_type, city.score) == ("WHO", "CITY", 0.25)
        assert who.score == pytest.approx(trained(TEXT).ents[0]._.confidence)
    results = alone.analyze(TEXT, "en", return_decision_process=True)
    told = {own.analysis_explanation.textual_explanation for own in results}
    assert told == {"PER, entity: its probability", "CITY, entity: no probability is known"}


def test_labels(trained):
    assert map_labels(["PER", "LOC", "DRUG"], {"DRUG": "MEDICINE"}) == {
        "DRUG": "MEDICINE",
        "LOC": "LOCATION",
        "PER": "PERSON",
    }
    for make in (PipelineNlpEngine, PipelineRecognizer):
        with pytest.raises(ValueError, match=r"no labels \['X'\]. Those .*: \['LOC', 'PER'\]"):
            make(trained, labels={"X": "Y"})


def test_with_the_anonymizer(trained):
    own = analyzer(PipelineNlpEngine({"en": trained}), CreditCardRecognizer())
    text = TEXT + " Card 4111 1111 1111 1111"
    results = own.analyze(text, "en")
    anonymized = AnonymizerEngine().anonymize(text, results)
    assert anonymized.text.startswith("<PERSON> lives in <LOCATION> . ")
    assert anonymized.text.endswith(" <CREDIT_CARD>")
