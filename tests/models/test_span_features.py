"""Features of spans that another component has set."""

import warnings

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_bilstm_crf.models import SpanFeatures

from ..conftest import EXPECTED, make_examples, model_config, predictions, small_nlp, train


def fitted(steps=60, **model):
    nlp = small_nlp(**model)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps)
    return nlp


def test_features():
    doc = Doc(spacy.blank("xx").vocab, words="New York City and Paris".split())
    doc.spans["ruler"] = [
        Span(doc, 0, 3, "LOC"), Span(doc, 0, 2, "LOC"), Span(doc, 4, 5, "PER"),
        Span(doc, 3, 4, "OTHER"),
    ]  # fmt: skip
    (features,) = SpanFeatures(["LOC", "PER"]).predict([doc])
    names = [f"{p}-{label}" for label in ("LOC", "PER") for p in "BILU"]
    found = [{names[i] for i in np.flatnonzero(row)} for row in features]
    assert found == [{"B-LOC"}, {"I-LOC", "L-LOC"}, {"L-LOC"}, set(), {"U-PER"}]
    (none,) = SpanFeatures(["LOC"], spans_key="other").predict([doc])
    assert none.shape == (5, 4) and not none.any()


def test_long_docs_keep_their_spans(monkeypatch):
    """Docs that are read in pieces give what they give in one."""
    tok2vec = {"@architectures": "spacy_bilstm_crf.SpanFeatures.v1", "labels": ["A"]}
    nlp = fitted(steps=5, embed=tok2vec)
    model = nlp.get_pipe("ner").model
    doc = Doc(nlp.vocab, words=["w"] * 3000)
    doc.spans["ruler"] = [Span(doc, i, i + 2, "A") for i in range(0, 3000, 7)]
    (whole,) = model.predict([doc]).by_doc()
    monkeypatch.setattr("spacy_bilstm_crf.models.with_chunks.CHUNK", 500)
    monkeypatch.setattr("spacy_bilstm_crf.batching.chunks.CHUNK", 500)
    (in_pieces,) = model.predict([doc]).by_doc()
    assert np.allclose(whole, in_pieces, atol=1e-5)


@pytest.mark.parametrize("labels", [[], ["A", "A"]])
def test_errors(labels):
    with pytest.raises(ValueError, match="labels"):
        SpanFeatures(labels)


def test_misspellings_are_told_in_training():
    doc = Doc(spacy.blank("xx").vocab, words="New York City and Paris".split())
    doc.spans["ruler"] = [Span(doc, 0, 3, "LOC"), Span(doc, 3, 4, "PRE")]
    with pytest.warns(UserWarning, match="labels PRE in doc.spans.*its labels are LOC, PER"):
        SpanFeatures(["LOC", "PER"]).begin_update([doc])
    with pytest.warns(UserWarning, match=r"no doc.spans\['rulr'\].*annotating_components"):
        SpanFeatures(["LOC", "PRE"], spans_key="rulr").begin_update([doc])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SpanFeatures(["LOC", "PRE"]).begin_update([doc, Doc(doc.vocab, words=["a"])])
        SpanFeatures(["LOC"]).predict([doc])


def test_a_gazetteer_beside_other_features(tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("span_ruler")
    patterns = tmp_path / "cities.json"
    patterns.write_text('[{"label": "CITY", "pattern": "Oslo"}]')
    reader = {"@readers": "srsly.read_json.v1", "path": str(patterns)}
    nlp.config["initialize"]["components"]["span_ruler"] = {"patterns": reader}
    tok2vec = {
        "@layers": "concatenate.v1",
        "*": {
            "words": {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1"},
            "names": {"@architectures": "spacy_bilstm_crf.SpanFeatures.v1", "labels": ["CITY"]},
            "affixes": {"@architectures": "spacy_bilstm_crf.AffixEmbed.v1", "rows": 50},
        },
    }
    ner = nlp.add_pipe(
        "bilstm_crf_ner",
        name="ner",
        config={"model": model_config(tok2vec)},
    )
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples)
    assert predictions(nlp) == EXPECTED
    nlp.to_disk(tmp_path / "model")
    patterns.unlink()
    again = spacy.load(tmp_path / "model")
    assert predictions(again) == EXPECTED
    doc = again("Off to Oslo !")
    assert [span.text for span in doc.spans["ruler"]] == ["Oslo"]
    doc = nlp("He lives in Oslo .")
    with_name = ner.model.predict([doc]).by_doc()[0]
    del doc.spans["ruler"]
    assert not np.allclose(with_name[3], ner.model.predict([doc]).by_doc()[0][3])
