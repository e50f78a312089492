"""The report: self-contained, with the numbers of `analyze` and all texts escaped."""

import json
import re
from html.parser import HTMLParser

import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_bilstm_crf.evaluation import analyze, known_names, render_report
from spacy_bilstm_crf.evaluation.curves import curves
from spacy_bilstm_crf.training.corpus import without_annotation

from ..conftest import make_examples


@pytest.fixture
def docs(trained):
    """Gold docs with one more entity than the pipeline finds, and a text that HTML must escape."""
    gold = [eg.reference for eg in make_examples(trained)]
    words = "<b>Anna & Paris</b> is far .".split()
    odd = Doc(trained.vocab, words=words, sent_starts=[True] + [False] * 5)
    odd.ents = [Span(odd, 3, 4, "LOC")]
    gold.append(odd)
    found = list(trained.pipe(without_annotation(doc) for doc in gold))
    return gold, found


class Checker(HTMLParser):
    """Collects the tags, and fails on anything that would be fetched."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert tag not in ("script", "link", "img", "iframe")
        for name, value in attrs:
            assert not (name in ("src", "href") or "url(" in (value or ""))


def test_page(trained, docs, tmp_path):
    gold, found = docs
    log = tmp_path / "history.jsonl"
    rows = [
        {"step": s, "losses": {"ner": 9.0 - s}, "learn_rate": 0.1,
         "scores": {"ents_f": s / 10, "ents_p": 0.5, "ents_r": 0.25}}
        for s in range(3)
    ]  # fmt: skip
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    page = render_report(
        trained, gold, found, title="A < B", known=known_names(gold[:1]), history=log
    )
    checker = Checker()
    checker.feed(page)
    tables = analyze(gold, found, known_names(gold[:1]))
    assert f"<b>{100 * tables['all']['f']:.2f}</b>F1" in page
    for label, row in tables["per_type"].items():
        scores = "".join(f"<td>{100 * row[k]:.2f}</td>" for k in "prf")
        assert f"<td>{label}</td>{scores}" in page
    assert "A &lt; B" in page and "&lt;b&gt;Anna" in page and "<b>Anna" not in page
    assert checker.tags.count("svg") == 4  # scores, loss, rate and confidence
    assert re.search(r"found: [^<]*missed", page)
    assert "Whether the training set has the name" in page
    # The sentence with an error comes first.
    texts = page[page.index("<h2>Texts") :]
    assert texts.index("&lt;b&gt;Anna") < texts.index("Nobody saw")
    confidence = found[0].ents[0]._.confidence
    assert f"PER {confidence:.2f}" in texts


def test_what_is_not_known_is_left_out(trained, docs):
    page = render_report(trained, *docs, title="x")
    assert "Whether the training set has the name" not in page and "<h2>Training" not in page


def test_a_history_that_is_none_is_an_error(trained, docs, tmp_path):
    (tmp_path / "log").write_text("E    #  LOSS\n")
    with pytest.raises(ValueError, match="no log of HistoryLogger"):
        render_report(trained, *docs, title="x", history=tmp_path / "log")


def test_labels_are_escaped():
    vocab = spacy.blank("xx").vocab
    doc = Doc(vocab, words=["Anna", "left"])
    doc.ents = [Span(doc, 0, 1, "<script>")]
    nlp = spacy.blank("xx")
    page = render_report(nlp, [doc], [doc.copy()], title="x")
    Checker().feed(page)
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "line",
    [
        "E    #  LOSS",
        "5",
        "[1]",
        '["step", "scores", "losses"]',
        "",
        '{"step": 1}',
        '{"step": "1", "scores": {}, "losses": {}}',
        '{"step": 1, "scores": [], "losses": {}}',
        '{"step": 1, "scores": {}, "losses": ["ner"]}',
        '{"step": 1, "scores": {}, "losses": {"ner": null}}',
        '{"step": 1, "scores": {"ents_f": "1"}, "losses": {}}',
        '{"step": 1, "scores": {}, "losses": {}, "learn_rate": {}}',
        '{"step": 1, "scores": {}, "losses"',
        "[" * 100000,
        "\xff",
    ],
)
def test_a_history_that_is_none_is_named(line, tmp_path):
    log = tmp_path / "history.jsonl"
    row = '{"step": 1, "scores": {"ents_f": null}, "losses": {"ner": 1.0}}'
    log.write_text(f"{row}\n{line}\n", encoding="latin-1")
    with pytest.raises(ValueError, match="history.jsonl is no log of HistoryLogger.v1"):
        list(curves(log))


def test_losses_that_diverged_are_left_out(tmp_path):
    log = tmp_path / "history.jsonl"
    rows = [{"step": s, "scores": {}, "losses": {"ner": loss}} for s, loss in
            [(1, 2.0), (2, float("nan")), (3, float("inf")), (4, 10**400), (5, 3.0)]]  # fmt: skip
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    charts = dict(curves(log))
    assert charts["Training loss"].count(",") >= 2 and "nan" not in charts["Training loss"]
    (points,) = re.findall(r'points="([^"]*)"', charts["Training loss"])
    assert len(points.split()) == 2


def test_says_how_probabilities_were_set(trained, docs):
    gold, found = docs
    promise = {
        "of": "recall", "at_least": 0.9, "confidence": 0.95, "count": "entities",
        "documents": 40, "data": "own.spacy", "threshold": 0.3, "temperature": 1.5,
    }  # fmt: skip
    cfg = trained.get_pipe("ner").cfg
    assert "Calibrated" not in render_report(trained, gold, found, title="")
    with cfg.changed(temperature=1.5, threshold=0.3, promise=promise):
        page = render_report(trained, gold, found, title="")
    assert (
        "Calibrated: temperature 1.5. Entities are those with a probability of at least 0.3."
        in page
    )
    assert (
        "with a confidence of 0.95: a recall of 0.9 (entities), by 40 documents of own.spacy"
        in page
    )
    # It was of another threshold.
    with cfg.changed(temperature=1.5, threshold=0.4, promise=promise):
        assert "Promised" not in render_report(trained, gold, found, title="")
