"""Weights from suspicions: which sentence gets which, and that all else stays as it was."""

import json

import pytest
import spacy
from spacy.training import Example

from spacy_bilstm_crf.audit.weights import cross_weight, trust, write_weights
from spacy_bilstm_crf.corpora.annotated import FormatError
from spacy_bilstm_crf.corpora.convert import convert_corpus
from spacy_bilstm_crf.corpora.converted import open_corpus
from spacy_bilstm_crf.pipeline.weights import token_weights

COLUMNS = {
    "train": "-DOCSTART- O\n\nAnna B-PER\nleft O\n\nParis B-LOC\nslept O\n\n"
    "-DOCSTART- O\n\nAnna O\nleft O\n\n-DOCSTART- O\n\nAnna B-PER\nleft O\n",
    "dev": "-DOCSTART- O\n\nIt O\nrained O\n",
}
SUSPICIONS = [0.25, 1.0, 0.875, 0.0]


def write_columns(folder):
    folder.mkdir()
    for split, content in COLUMNS.items():
        (folder / f"{split}.txt").write_text(content)


def write_sentences(path, suspicions=SUSPICIONS, **changed):
    places = [(0, 9), (10, 21), (0, 9), (0, 9)]
    texts = ["Anna left", "Paris slept", "Anna left", "Anna left"]
    lines = []
    for (start, end), text, suspicion in zip(places, texts, suspicions):
        record = {"file": "train.txt", "split": "train", "document": None, "line": 3}
        record |= {"start": start, "end": end, "sentence": text, "suspicion": suspicion}
        lines.append(json.dumps(record | changed) + "\n")
    path.write_text("".join(lines))


@pytest.fixture
def converted(tmp_path):
    write_columns(tmp_path / "columns")
    convert_corpus(tmp_path / "columns", tmp_path / "corpus", spacy.blank("xx"))
    write_sentences(tmp_path / "sentences.jsonl")
    return tmp_path


def write(folder, **options):
    return write_weights(
        folder / "corpus", folder / "sentences.jsonl", folder / "weighted", **options
    )


def weights_of(folder):
    docs = open_corpus(folder).docs("train", spacy.blank("xx").vocab)
    examples = [Example(doc, doc) for doc in docs]
    return [token_weights([eg], "weights", name="ner").tolist() for eg in examples]


def test_weights():
    assert [trust(s) for s in (0.0, 0.25, 1.0)] == [1.0, 0.75, 0.1]
    assert trust(1.0, floor=0.0) == 0.0
    assert [cross_weight(s) for s in (0.0, 1.0)] == pytest.approx([1.0, 0.7**3])
    assert cross_weight(2 / 3) == pytest.approx(0.7**2)
    assert cross_weight(1.0, epsilon=0.5, times=1) == 0.5


def test_each_sentence_has_the_weight_of_its_suspicion(converted):
    found = write(converted)
    assert found == (3, 4, pytest.approx((0.75 + 0.1 + 0.125 + 1.0) / 4))
    # Docs of equal text are told apart by their order.
    assert weights_of(converted / "weighted") == [
        pytest.approx([0.75, 0.75, 0.1, 0.1]),
        pytest.approx([0.125, 0.125]),
        pytest.approx([1.0, 1.0]),
    ]
    write(converted, weight=lambda suspicion: 2 * suspicion)  # replaces its own
    assert weights_of(converted / "weighted")[1] == pytest.approx([1.75, 1.75])


def test_all_else_is_as_it_was(converted):
    write(converted)
    vocab = spacy.blank("xx").vocab
    before, after = (open_corpus(converted / name) for name in ("corpus", "weighted"))
    assert before.splits == after.splits == ["dev", "train"] and after.is_own
    for split in before.splits:
        for one, other in zip(before.docs(split, vocab), after.docs(split, vocab), strict=True):
            for attr in ("ORTH", "ENT_IOB", "ENT_TYPE", "SENT_START", "SPACY"):
                assert one.to_array(attr).tolist() == other.to_array(attr).tolist()
    dev = [converted / name / "dev.spacy" for name in ("corpus", "weighted")]
    assert dev[0].read_bytes() == dev[1].read_bytes()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"suspicions": SUSPICIONS[:1]}, "train.spacy, doc 1: .*sentences.jsonl has not the sent"),
        ({"sentence": "Anna  left"}, "doc 1: .*Run `audit` on this corpus"),
        ({"suspicion": 1.5}, "line 1: the suspicion 1.5 is not from 0 to 1"),
        ({"suspicion": None}, "line 1: no sentence of an audit .*TypeError"),
    ],
)
def test_sentences_of_others_are_told_and_nothing_is_written(converted, change, message):
    write_sentences(converted / "sentences.jsonl", **change)
    with pytest.raises(FormatError, match=message):
        write(converted)
    assert not (converted / "weighted").exists()


def test_a_corpus_that_is_not_converted(converted):
    (converted / "corpus" / "corpus.json").unlink()
    with pytest.raises(ValueError, match="corpus was not written by `convert`"):
        write(converted)
    with pytest.raises(ValueError, match="must lie apart"):
        write_weights(converted / "corpus", converted / "sentences.jsonl", converted / "corpus")
