"""What need not be suggested any more."""

import json

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText
from spacy_bilstm_crf.corpora.formats.prodigy import make_question, make_record
from spacy_bilstm_crf.suggestion.known import read_known


def test_what_was_handed_out_counts_whatever_was_answered(tmp_path):
    texts = [AnnotatedText(f"Anna left town {number}") for number in range(6)]
    span = AnnotatedSpan(0, 4, "PER")
    tasks = [make_record(text, [span], answer) for text, answer in zip(texts, ("accept", "ignore"))]
    tasks.append({"text": texts[2].text})  # of a pool
    question = make_question(texts[3], span)
    questions = [
        {**make_question(texts[4], span), "answer": "ignore"},
        {**make_question(texts[5], span), "answer": "reject"},
        question,
    ]
    for name, records in (("tasks.jsonl", tasks), ("questions.jsonl", questions)):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (tmp_path / name).write_text(lines)
    columns = tmp_path / "own.conll"
    columns.write_text("Lee\tB-PER\nslept\tO\n")
    known = read_known([tmp_path / "tasks.jsonl", tmp_path / "questions.jsonl", columns])
    assert known.texts == [*(text.text for text in texts[:3]), "Lee slept"]
    assert known.spans == {(text.text, 0, 4, "PER") for text in texts[3:]}
