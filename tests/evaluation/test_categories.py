"""Labels of whole texts, gold beside found."""

import pytest
import spacy
from spacy.training import Example

from spacy_bilstm_crf.evaluation import render_report
from spacy_bilstm_crf.evaluation.categories import (
    LabelRule,
    category_calibration,
    category_tables,
    compare_categories,
    label_rule,
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
    assert tables["confusion"] == {"-": {"a": 1, "b": 0}, "a": {"a": 2, "b": 0},
                                   "b": {"a": 0, "b": 1}}  # fmt: skip
    assert tables["per_label"]["b"] == {
        "p": 1.0, "r": 1.0, "f": 1.0, "gold": 1, "found": 1, "missed": 0, "wrong": 0,
    }  # fmt: skip


def test_a_missed_label_stands_beside_a_wrong_one():
    gold = _docs([{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}, {}, {}])
    found = _docs([{"a": 0.1, "b": 0.8}, {"a": 0.2, "b": 0.1}, {}, {}])
    tables = category_tables(compare_categories(gold, found))
    assert tables["confusion"] == {"a": {"-": 0, "a": 0, "b": 1}, "b": {"-": 1, "a": 0, "b": 0}}


@pytest.mark.parametrize(
    "factory,threshold,found",
    [
        # Gold texts have one label each, yet labels do not exclude each other.
        ("textcat_multilabel", 0.3, [{"a": 0.4, "b": 0.35}, {"a": 0.4, "b": 0.1},
                                     {"a": 0.2, "b": 0.9}, {"a": 0.1, "b": 0.2}]),
        ("textcat", 0.0, [{"a": p, "b": 1 - p} for *_, p in TEXTS]),
    ],
)  # fmt: skip
def test_labels_are_found_as_the_component_scores_them(factory, threshold, found):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory, config={"threshold": threshold})
    pipe.add_label("a"), pipe.add_label("b")
    gold = _docs([{"a": float(label == "a"), "b": float(label == "b")} for _, label, _ in TEXTS])
    predicted = _docs(found)
    scores = pipe.score([Example(doc, own) for doc, own in zip(predicted, gold)])
    row = category_tables(compare_categories(gold, predicted, label_rule(nlp)))["all"]
    for key in "prf":
        assert row[key] == pytest.approx(scores[f"cats_micro_{key}"])


def test_the_positive_label_is_found_from_the_threshold_on(exclusive):
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat", config={"threshold": 0.3}).cfg["positive_label"] = "a"
    rule = label_rule(nlp)
    assert rule == LabelRule(0.3, "a")
    texts = compare_categories(*exclusive, rule)
    assert [text.found for text in texts] == [{"a"}, {"a"}, {"b"}, {"a"}]
    assert [text.probability for text in texts] == pytest.approx([0.9, 0.4, 0.8, 0.7])
    page = render_report(nlp, *exclusive, title="own, test")
    assert "<b>0.9091</b>F2<" in page  # of "a": 2 right, none missed, 1 wrong
    nlp.add_pipe("textcat_multilabel")  # with another threshold: none counts
    assert label_rule(nlp) == LabelRule(None, None)


def test_texts_of_one_length_are_in_one_quarter():
    gold = _docs([{"a": 1.0}] * 4)
    texts = compare_categories(gold, _docs([{"a": 0.9}] * 4))
    rows = category_tables([texts[0]] * 3 + [texts[3]])["by_length"]
    assert {name: row["texts"] for name, row in rows.items()} == {
        "1 to 1 tokens": 3, "4 to 4 tokens": 1,
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


def test_a_pipeline_that_finds_no_entities_has_no_section_on_them(exclusive):
    gold, found = exclusive
    gold[0].ents = []
    assert gold[0].has_annotation("ENT_IOB")
    page = render_report(spacy.blank("en"), gold, found, title="own, test")
    assert "Labels of texts" in page and "By type" not in page
