import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from spacy_bilstm_crf.training.corpus import SentenceRuns

from ..conftest import entities


@pytest.fixture
def nlp():
    return spacy.blank("xx")


def make_file(nlp, path, *, marks=True):
    words = "Anna left . Oslo is cold . It rained .".split()
    starts = [1, 0, 0, 1, 0, 0, 0, 1, 0, 0] if marks else None
    ents = ["B-PER", "O", "O", "B-LOC"] + ["O"] * 6
    DocBin(docs=[Doc(nlp.vocab, words=words, sent_starts=starts, ents=ents)] * 2).to_disk(path)
    return path


@pytest.mark.parametrize("max_sentences,sizes", [(1, [3, 4, 3]), (2, [7, 3]), (3, [10]), (9, [10])])
def test_runs_of_neighbours(nlp, tmp_path, max_sentences, sizes):
    path = make_file(nlp, tmp_path / "train.spacy")
    examples = list(SentenceRuns(path, max_sentences)(nlp))
    assert [len(eg.predicted) for eg in examples] == sizes * 2
    for eg in examples:
        starts = [[token.is_sent_start for token in doc] for doc in (eg.predicted, eg.reference)]
        assert starts[0] == starts[1]
        assert starts[0][0] is True
        assert not eg.predicted.ents
        assert eg.predicted.text == eg.reference.text
    assert sum((entities(eg.reference) for eg in examples[:1]), [])[0] == (0, 1, "PER")


def test_entities_across_sentences_are_kept(nlp, tmp_path):
    starts = [1, 0, 1, 0, 1]
    doc = Doc(
        nlp.vocab, words=list("abcde"), sent_starts=starts, ents=["O", "B-X", "I-X", "O", "O"]
    )
    DocBin(docs=[doc]).to_disk(tmp_path / "train.spacy")
    examples = list(SentenceRuns(tmp_path / "train.spacy", 1)(nlp))
    assert [len(eg.reference) for eg in examples] == [4, 1]
    assert entities(examples[0].reference) == [(1, 3, "X")]


def test_docs_without_sentence_marks_stay_whole_and_unmarked(nlp, tmp_path):
    path = make_file(nlp, tmp_path / "train.spacy", marks=False)
    (first, _) = SentenceRuns(path, 1)(nlp)
    assert len(first.predicted) == 10
    assert not first.predicted.has_annotation("SENT_START")


def test_folders_and_limits(nlp, tmp_path):
    for name in "ab":
        make_file(nlp, tmp_path / f"{name}.spacy")
    assert len(list(SentenceRuns(tmp_path, 3)(nlp))) == 4
    assert len(list(SentenceRuns(tmp_path / "a.spacy", 3, limit=1)(nlp))) == 1


@pytest.mark.parametrize("arguments,match", [((None,), "path"), (("x.spacy", 0), "max_sentences")])
def test_impossible_settings_are_errors(arguments, match):
    with pytest.raises(ValueError, match=match):
        SentenceRuns(*arguments)


def test_spans_that_are_known_to_be_wrong_are_kept(nlp, tmp_path):
    words = "Anna left . Oslo is cold .".split()
    doc = Doc(nlp.vocab, words=words, sent_starts=[1, 0, 0, 1, 0, 0, 0])
    doc.spans["wrong"] = [Span(doc, 0, 2, "PER"), Span(doc, 3, 4, "ORG"), Span(doc, 2, 4, "LOC")]
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "train.spacy")
    examples = SentenceRuns(tmp_path / "train.spacy", 1)(nlp)
    found = [
        [(span.start, span.end, span.label_) for span in eg.reference.spans["wrong"]]
        for eg in examples
    ]
    assert found == [[(0, 2, "PER")], [(0, 1, "ORG")]]
