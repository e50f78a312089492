"""Error tables beside seqeval and nervaluate, and counted by hand."""

import random

import pytest
import spacy
from seqeval.metrics import classification_report
from spacy.tokens import Doc, Span

from spacy_bilstm_crf.evaluation import analyze, compare, known_names

NLP = spacy.blank("xx")
TEXT = "Anna Smith of New York City met Paris in Bonn ."


def doc_with(*ents, text=TEXT):
    doc = Doc(NLP.vocab, words=text.split())
    doc.ents = [Span(doc, *ent) for ent in ents]
    return doc


def kinds(gold, found):
    return [match.kind for match in compare(doc_with(*gold), doc_with(*found))]


def test_kinds():
    gold = [(0, 2, "PER"), (3, 6, "LOC"), (7, 8, "PER"), (9, 10, "LOC")]
    assert kinds(gold, gold) == ["correct"] * 4
    found = [(0, 1, "PER"), (4, 6, "ORG"), (7, 8, "LOC"), (10, 11, "MISC")]
    expected = ["boundary", "type and boundary", "type", "missed", "spurious"]
    assert kinds(gold, found) == expected


def test_each_entity_stands_in_one_pair():
    # The gold entity takes the one of its label, though the other shares as much.
    assert kinds([(3, 5, "LOC")], [(3, 4, "ORG"), (4, 5, "LOC")]) == ["boundary", "spurious"]
    # Two gold entities in one predicted one.
    assert kinds([(3, 4, "LOC"), (4, 5, "LOC")], [(3, 5, "LOC")]) == ["missed", "boundary"]


def test_other_tokens():
    gold = doc_with((3, 5, "LOC"))
    other = Doc(NLP.vocab, words=["Anna Smith of ", "New York", " City met Paris in Bonn . "],
                spaces=[False] * 3)  # fmt: skip
    other.ents = [Span(other, 1, 2, "LOC")]
    assert [match.kind for match in compare(gold, other)] == ["correct"]


def test_other_texts_are_an_error():
    with pytest.raises(ValueError, match="same text"):
        compare(doc_with(), doc_with(text="Something else"))
    with pytest.raises(ValueError, match="1 docs, but 2"):
        analyze([doc_with()], [doc_with(), doc_with()])


@pytest.fixture(scope="module")
def random_docs():
    chance = random.Random(0)

    def draw():
        ents, start = [], 0
        while start < 11:
            end = min(11, start + chance.randint(1, 3))
            if chance.random() < 0.4:
                ents.append((start, end, chance.choice(["PER", "LOC", "ORG"])))
            start = end
        return doc_with(*ents)

    return [draw() for _ in range(200)], [draw() for _ in range(200)]


def iob(docs):
    return [[f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc] for doc in docs]


def test_per_type_is_seqeval(random_docs):
    tables = analyze(*random_docs)
    report = classification_report(*map(iob, random_docs), output_dict=True)
    for label, row in [("micro avg", tables["all"]), *tables["per_type"].items()]:
        expected = report[label]
        assert row["p"] == pytest.approx(expected["precision"])
        assert row["r"] == pytest.approx(expected["recall"])
        assert row["f"] == pytest.approx(expected["f1-score"])
        assert row["gold"] == expected["support"]


def test_counts_are_nervaluate(random_docs):
    nervaluate = pytest.importorskip("nervaluate")
    tags = ["PER", "LOC", "ORG"]
    report = nervaluate.Evaluator(*map(iob, random_docs), tags=tags, loader="list").evaluate()
    strict, exact = (report["overall"][name] for name in ("strict", "exact"))
    kinds = analyze(*random_docs)["kinds"]
    assert kinds["correct"] == strict.correct
    assert kinds["correct"] + kinds["type"] == exact.correct

    # nervaluate lets several entities be found as one, `compare` does not.
    def overlaps(ent, others):
        return sum(ent.start < other.end and other.start < ent.end for other in others)

    def one_to_one(a, b):
        return all(overlaps(e, b.ents) < 2 for e in a.ents) and all(
            overlaps(e, a.ents) < 2 for e in b.ents
        )

    pairs = [pair for pair in zip(*random_docs) if one_to_one(*pair)]
    assert len(pairs) > 100
    golds, founds = zip(*pairs)
    report = nervaluate.Evaluator(iob(golds), iob(founds), tags=tags, loader="list").evaluate()
    by_type, partial = (report["overall"][name] for name in ("ent_type", "partial"))
    kinds = analyze(golds, founds)["kinds"]
    assert min(kinds.values()) > 0
    assert kinds["missed"] == by_type.missed and kinds["spurious"] == by_type.spurious
    assert kinds["correct"] + kinds["boundary"] == by_type.correct
    assert kinds["type"] + kinds["type and boundary"] == by_type.incorrect
    assert kinds["boundary"] + kinds["type and boundary"] == partial.partial


def test_by_length_and_by_name():
    gold = doc_with((0, 2, "PER"), (3, 6, "LOC"), (7, 8, "PER"), (9, 10, "LOC"))
    found = doc_with((0, 2, "PER"), (3, 5, "LOC"), (7, 8, "LOC"), (9, 10, "LOC"))
    train = doc_with((9, 10, "LOC"), (7, 8, "LOC"))
    assert known_names([train]) == {"Bonn": {"LOC"}, "Paris": {"LOC"}}
    tables = analyze([gold], [found], known_names([train]))
    assert tables["by_length"]["2"] == {"p": 0.5, "r": 1.0, "f": 2 / 3, "gold": 1, "found": 2}
    assert tables["by_length"]["3"] == {"p": None, "r": 0.0, "f": 0.0, "gold": 1, "found": 0}
    assert tables["by_name"]["seen"] == {"p": 0.5, "r": 1.0, "f": 2 / 3, "gold": 1, "found": 2}
    assert tables["by_name"]["another label"]["gold"] == 1
    assert tables["by_name"]["unseen"]["gold"] == 2
    assert tables["confusion"] == {"PER": {"LOC": 1, "PER": 1}, "LOC": {"LOC": 2}}
    assert "by_name" not in analyze([gold], [found])


def test_many_entities_are_compared_in_time():
    vocab = spacy.blank("xx").vocab
    doc = Doc(vocab, words=["w", "x"] * 3000)
    doc.ents = [Span(doc, i, i + 1, "A") for i in range(0, 6000, 2)]
    assert analyze([doc], [doc.copy()])["kinds"]["correct"] == 3000
