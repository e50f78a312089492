"""Labels of whole texts, gold beside found."""

import pytest
import spacy

from spacy_bilstm_crf.evaluation import render_report
from spacy_bilstm_crf.evaluation.categories import (
    category_calibration,
    category_tables,
    compare_categories,
)

# Words, the gold label and the probability of "a".
TEXTS = [("one", "a", 0.9), ("one two", "a", 0.4), ("one two <b>three</b>", "b", 0.2),
         ("one two three four", "b", 0.7)]  # fmt: skip


def _docs(cats):
    nlp = spacy.blank("en")
    docs = []
    for (text, *_), own in zip(TEXTS, cats, strict=True):
        doc = nlp.make_doc(text)
        doc.cats = own
        docs.append(doc)
    return docs


@pytest.fixture
def exclusive():
    gold = _docs([{"a": float(label == "a"), "b": float(label == "b")} for _, label, _ in TEXTS])
    return gold, _docs([{"a": p, "b": 1 - p} for *_, p in TEXTS])


def test_one_label_each(exclusive):
    texts = compare_categories(*exclusive)
    assert [text.is_right for text in texts] == [True, False, True, False]
    assert [text.probability for text in texts] == pytest.approx([0.9, 0.6, 0.8, 0.7])
    tables = category_tables(texts)
    assert tables["accuracy"] == 0.5 and tables["n_texts"] == 4
    assert tables["per_label"]["a"] == {
        "p": 0.5, "r": 0.5, "f": 0.5, "gold": 2, "found": 2, "missed": 1, "wrong": 1,
    }  # fmt: skip
    assert tables["confusion"] == {"a": {"a": 1, "b": 1}, "b": {"a": 1, "b": 1}}
    assert [row["texts"] for row in tables["by_length"].values()] == [1, 1, 1, 1]
    assert list(tables["by_length"])[0] == "1 to 1 tokens"
    trust = category_calibration(texts)
    assert trust["expected_calibration_error"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.7) / 4)


def test_several_labels_or_none():
    gold = _docs([{"a": 1.0, "b": 1.0}, {"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 0.0}, {}])
    found = _docs([{"a": 0.9, "b": 0.6}, {"a": 0.5, "b": 0.1}, {"a": 0.7, "b": 0.2}, {"a": 0.9}])
    texts = compare_categories(gold, found)
    assert [text.found for text in texts] == [{"a", "b"}, {"a"}, {"a"}]  # the fourth is not known
    assert [text.probability for text in texts] == pytest.approx([0.6, 0.5, 0.7])
    tables = category_tables(texts)
    assert tables["accuracy"] == pytest.approx(2 / 3)
    assert tables["confusion"] == {}
    assert tables["per_label"]["b"] == {
        "p": 1.0, "r": 1.0, "f": 1.0, "gold": 1, "found": 1, "missed": 0, "wrong": 0,
    }  # fmt: skip


def test_docs_must_be_as_many(exclusive):
    with pytest.raises(ValueError, match="4 docs, but 3"):
        compare_categories(exclusive[0], exclusive[1][:3])


def test_report_has_them_and_no_entities(exclusive):
    page = render_report(spacy.blank("en"), *exclusive, title="own, test")
    assert "accuracy of texts" in page and "Labels of texts" in page
    assert "gold entities" not in page and "By type" not in page
    assert "&lt;b&gt;three" in page and "<b>three" not in page
    assert page.index("gold b; found a 0.70") < page.index("gold a; found b 0.60")
    assert "2 of 2 texts with wrong labels" in page
    # F2 is 0.5 of both labels; "a" at 0.9 and 0.4 beside "b" at 0.2 and 0.7: 3 of 4 pairs.
    for name, value in (("F2", "0.5000"), ("ROC AUC", "0.7500"), ("log-loss", "0.6122")):
        assert f"<b>{value}</b>{name}<" in page


def test_report_of_a_tagger_has_its_scores():
    nlp = spacy.blank("en")
    tagger = nlp.add_pipe("tagger")
    tagger.add_label("A"), tagger.add_label("B")
    gold, found = _docs([{}, {}, {}, {}]), _docs([{}, {}, {}, {}])
    for doc, other in zip(gold, found):
        for token, same in zip(doc, other):
            token.tag_, same.tag_ = "A", "A" if token.i else "B"
    page = render_report(nlp, gold, found, title="own, test")
    assert "4 docs" in page and "Labels of texts" not in page and "By type" not in page
    n = sum(map(len, gold))
    assert f"<td>tag_acc</td><td>{(n - 4) / n:.4f}</td>" in page


def test_a_pipeline_that_finds_no_labels_has_no_section_on_them(exclusive):
    gold, _ = exclusive
    page = render_report(spacy.blank("en"), gold, _docs([{}, {}, {}, {}]), title="own, test")
    assert "Labels of texts" not in page
