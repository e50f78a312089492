"""Texts and their doubtful spans, as the component gives them one by one."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from spacy_bilstm_crf.suggestion.pool import Unlabelled
from spacy_bilstm_crf.suggestion.scan import scan
from spacy_bilstm_crf.tagging.texts import Text

TEXTS = ["Anna saw Jordan .", "", "Paris Smith is far", " \n ", "It rained in Jordan . Smith left"]


@pytest.fixture
def unsure(trained):
    """The pipeline that knows TRAIN, hesitating."""
    trained.get_pipe("ner").cfg["temperature"] = 4.0
    return trained


def test_it_says_what_the_component_says(unsure, monkeypatch):
    monkeypatch.setattr("spacy_bilstm_crf.batching.parts._PART", 6)
    pool = [Unlabelled(Text(str(i), text)) for i, text in enumerate(TEXTS)]
    found = scan(unsure, "ner", pool, 0.05)
    assert found.numbers == [0, 2, 4]
    pipe = unsure.get_pipe("ner")
    pipe.cfg.update({"confidence": "spans", "spans_threshold": 0.05})
    for nth, number in enumerate(found.numbers):
        doc = unsure(TEXTS[number])
        (first, _), (second, _) = pipe.n_best(unsure.make_doc(TEXTS[number]), 2)
        assert np.exp(found.uncertainty.best[nth]) == pytest.approx(first, rel=1e-4)
        assert found.uncertainty.margin[nth] == pytest.approx(first - second, rel=1e-3)
        group = doc.spans[pipe.cfg["spans_key"]]
        scored = zip(group, group.attrs["scores"])
        expected = [(s.start_char, s.end_char, s.label_, p) for s, p in scored if p <= 0.95]
        own = [(s.start, s.end, s.label) for s in found.doubts[nth]]
        assert own == [span[:3] for span in expected] and own
        confidences = [s.confidence for s in found.doubts[nth]]
        assert confidences == pytest.approx([span[3] for span in expected], rel=1e-4)


def test_components_before_are_heard(unsure):
    ruler = unsure.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "PER", "pattern": "Jordan"}])
    unsure.add_pipe("sentencizer", first=True)
    found = scan(unsure, "ner", [Unlabelled(Text("a", "Jordan"))], 0.05)
    assert found.doubts == [[]] and found.uncertainty.entropy[0] == pytest.approx(0.0, abs=1e-9)
    assert unsure.pipe_names == ["sentencizer", "entity_ruler", "ner"]


def test_sentences_of_docs_count(unsure):
    words = ["Anna", "saw", "Jordan", "Smith", "left"]
    starts = [True, False, False, True, False]
    doc = Doc(unsure.vocab, words=words, sent_starts=starts)
    parts = [Unlabelled(Text(own, own)) for own in ("Anna saw Jordan", "Smith left")]
    whole = scan(unsure, "ner", [Unlabelled(Text("a", doc.text), doc)], 0.05)
    alone = scan(unsure, "ner", parts, 0.05)
    # The model has no memory of the document.
    assert whole.uncertainty.entropy[0] == pytest.approx(alone.uncertainty.entropy.sum(), rel=1e-4)
    assert len(whole.doubts[0]) == sum(map(len, alone.doubts))


def test_no_words(unsure):
    with pytest.raises(ValueError, match="no text with any word"):
        scan(unsure, "ner", [Unlabelled(Text("a", " "))], 0.05)


def test_what_cannot_be_scanned(unsure):
    nlp = spacy.blank("xx")
    nlp.add_pipe("bilstm_crf_ner", name="ner")
    pool = [Unlabelled(Text("a", "Anna left"))]
    with pytest.raises(ValueError, match="'ner' has no labels"):
        scan(nlp, "ner", pool, 0.05)
    nlp.get_pipe("ner").add_label("PER")
    with pytest.raises(ValueError, match="E109"):
        scan(nlp, "ner", pool, 0.05)
    unsure.tokenizer = lambda text: Doc(unsure.vocab, text.split(), spaces=[True, False])
    with pytest.raises(ValueError, match="b: the tokenizer changes the text"):
        scan(unsure, "ner", [*pool, Unlabelled(Text("b", "Anna  left"))], 0.05)
