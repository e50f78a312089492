"""Questions about single spans: what is asked, and what the answers say."""

import json

import pytest
import spacy

from spacy_bilstm_crf.corpora.annotated import (
    AnnotatedSpan,
    AnnotatedText,
    FormatError,
    ReadOptions,
)
from spacy_bilstm_crf.corpora.formats import detect_format, prodigy
from spacy_bilstm_crf.corpora.make_doc import WRONG, make_doc

from .span_texts import plain, write

TEXT = AnnotatedText("Ana met May.", name="7", tokens=[(0, 3), (4, 7), (8, 11), (11, 12)])
ANA, MET, MAY = (
    AnnotatedSpan(0, 3, "PER", confidence=0.5),
    AnnotatedSpan(4, 7, "PER", confidence=0.1),
    AnnotatedSpan(8, 11, "DATE", confidence=0.6),
)


def answered(tmp_path, *answers):
    path = tmp_path / "a.jsonl"
    records = [
        {**prodigy.make_question(text, span), "answer": answer} for text, span, answer in answers
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    options = ReadOptions()
    return list(prodigy.read(path, options)), options.counts, path


def test_a_question():
    question = prodigy.make_question(TEXT, ANA)
    assert question["_is_binary"] is True and "answer" not in question
    assert question["spans"] == [
        {"start": 0, "end": 3, "label": "PER", "token_start": 0, "token_end": 0, "score": 0.5}
    ]


def test_answers_about_a_text_come_together(tmp_path):
    other = AnnotatedText("Ana left.")
    texts, counts, path = answered(
        tmp_path,
        (TEXT, ANA, "accept"),
        (other, ANA, "accept"),
        (TEXT, MAY, "reject"),
        (TEXT, ANA, "accept"),
        (TEXT, MET, None),
        (TEXT, MET, "ignore"),
    )
    assert detect_format(path) == "prodigy"
    assert [(t.text, plain(t.spans), plain(t.wrong), t.unknown) for t in texts] == [
        ("Ana met May.", [(0, 3, "PER")], [(8, 11, "DATE")], [(0, 12)]),
        ("Ana left.", [(0, 3, "PER")], [], [(0, 9)]),
    ]
    assert counts == {
        "questions were not answered in Prodigy, and are left out": 1,
        "texts were ignored in Prodigy, and are left out": 1,
    }
    doc, _ = make_doc(texts[0], spacy.blank("xx"))
    assert [token.ent_iob_ for token in doc] == ["B", "", "", ""]
    assert [(span.text, span.label_) for span in doc.spans[WRONG]] == [("May", "DATE")]


def test_answers_that_contradict_each_other(tmp_path):
    with pytest.raises(FormatError, match=r"line 2: PER 'Ana' is rejected here, .*a.jsonl, line 1"):
        answered(tmp_path, (TEXT, ANA, "accept"), (TEXT, ANA, "reject"))


def test_partly_known_texts_are_written_as_answers(tmp_path):
    path = tmp_path / "b.jsonl"
    path.write_text(
        write(prodigy, [AnnotatedText("Ana met May.", [ANA], wrong=[MAY], unknown=[(0, 12)])])
    )
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(record["spans"][0]["label"], record["answer"]) for record in records] == [
        ("PER", "accept"),
        ("DATE", "reject"),
    ]
