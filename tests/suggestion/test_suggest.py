import json

import pytest
import spacy
from spacy.tokens import Doc, DocBin
from spacy.training import Example

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.convert import ConvertOptions, convert_corpus
from spacy_bilstm_crf.corpora.converted import read_docs
from spacy_bilstm_crf.corpora.formats import FORMATS, detect_format
from spacy_bilstm_crf.corpora.make_doc import WRONG
from spacy_bilstm_crf.corpora.sample import make_sample
from spacy_bilstm_crf.suggestion.pick import RANDOM, Wish
from spacy_bilstm_crf.suggestion.suggest import TaskFormat, suggest
from spacy_bilstm_crf.training.corpus import without_annotation

from ..conftest import small_nlp, train

TEXTS = ["Anna Smith lives in Paris .", "", "Smith met Paris in Jordan", "It rained"]


@pytest.fixture
def pool(tmp_path):
    path = tmp_path / "pool.jsonl"
    records = [{"text": text, "id": f"t{i}", "source": "diary"} for i, text in enumerate(TEXTS)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def said_by(format, path):
    """What the tasks of each text say of its suggestion."""
    if format == TaskFormat.label_studio:
        return {task["data"]["name"]: task["data"] for task in json.loads(path.read_text())}
    if format == TaskFormat.prodigy:
        return {task["meta"]["name"]: task["meta"] for task in lines(path)}
    return {task["id" if format == TaskFormat.doccano else "name"]: task for task in lines(path)}


@pytest.mark.parametrize("format", TaskFormat)
def test_tasks(trained, pool, tmp_path, format):
    output = tmp_path / "out"
    found = suggest(trained, pool, output, format, Wish(n=3, random_share=0.34))
    assert found == (3, 1, 13, 4, 1, 0)
    said = said_by(format, output)
    assert set(said) == {"t0", "t2", "t3"}
    assert sorted(own["suggested_by"] for own in said.values()) == ["mnlp", "mnlp", RANDOM]
    assert all(
        0 <= own["score"] <= 1 and own["input"]["source"] == "diary" for own in said.values()
    )
    # They are read as what they are, with what the pipeline finds.
    assert detect_format(output) == format.value
    texts = {text.text: text for text in FORMATS[format.value].read(output, ReadOptions())}
    doc = trained(TEXTS[0])
    spans = texts[TEXTS[0]].spans
    assert [(s.start, s.end, s.label) for s in spans] == [
        (ent.start_char, ent.end_char, ent.label_) for ent in doc.ents
    ]
    if format in (TaskFormat.prodigy, TaskFormat.label_studio):
        confidences = [ent._.confidence for ent in doc.ents]
        assert [s.confidence for s in spans] == pytest.approx(confidences, rel=1e-4)


def test_the_output_is_the_same_each_time(trained, pool, tmp_path):
    for name in "ab":
        suggest(trained, pool, tmp_path / name, wish=Wish(n=2, random_share=0.5))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with pytest.raises(FileExistsError, match="--force to replace it"):
        suggest(trained, pool, tmp_path / "a")
    suggest(trained, pool, tmp_path / "a", wish=Wish(n=1), force=True)
    assert len(lines(tmp_path / "a")) == 1


def test_settings_stay_and_confidences_are_there(trained, pool, tmp_path):
    cfg = trained.get_pipe("ner").cfg
    cfg["confidence"] = "off"
    suggest(trained, pool, tmp_path / "a", wish=Wish(n=1, random_share=0))
    assert cfg["confidence"] == "off"
    (task,) = lines(tmp_path / "a")
    assert all(0 < span["score"] <= 1 for span in task["spans"]) and task["spans"]


def test_what_is_annotated_is_left_out(trained, pool, tmp_path):
    annotated = tmp_path / "annotated.jsonl"
    records = [{"text": TEXTS[0], "spans": []}, {"text": TEXTS[2], "label": []}]
    annotated.write_text(json.dumps(records[0]))
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(records[1]))
    found = suggest(trained, pool, tmp_path / "a", exclude=[annotated, other])
    assert (found.n, found.n_known) == (1, 2)
    assert [task["text"] for task in lines(tmp_path / "a")] == ["It rained"]


def test_nothing_is_half_written(trained, pool, tmp_path):
    with pytest.raises(ValueError, match="Prodigy's format"):
        suggest(trained, pool, tmp_path / "a", TaskFormat.doccano, Wish(questions=True))
    with pytest.raises(ValueError, match="no bilstm_crf_ner"):
        suggest(spacy.blank("xx"), pool, tmp_path / "a")
    with pytest.raises(ValueError, match="must lie apart"):
        suggest(trained, pool, pool, force=True)
    pool.write_text(pool.read_text() + "?\n")
    with pytest.raises(ValueError, match="line 5"):
        suggest(trained, pool, tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pool.jsonl"]


def docs_of(split, vocab):
    return [
        Doc(
            vocab,
            words=[word for words, _ in document for word in words],
            sent_starts=[i == 0 for words, _ in document for i in range(len(words))],
            ents=[tag for _, tags in document for tag in tags],
        )
        for document in split
    ]


@pytest.mark.slow
def test_answers_to_questions_teach(tmp_path):
    """Ask about spans, answer by the gold standard, convert the answers, and learn from them."""
    nlp = small_nlp()
    sample = make_sample()
    start, rest, held_out = (
        docs_of(part, nlp.vocab)
        for part in (sample["train"][:8], sample["train"][8:32], sample["dev"][:30])
    )
    examples = [Example(without_annotation(doc), doc) for doc in start]
    dev = [Example(without_annotation(doc), doc) for doc in held_out]
    unknown = [Example(without_annotation(doc), without_annotation(doc)) for doc in rest]
    nlp.initialize(lambda: [*examples, *unknown])
    train(nlp, examples, steps=40, drop=0.2)
    DocBin(docs=[eg.predicted for eg in unknown]).to_disk(tmp_path / "pool.spacy")
    asked = tmp_path / "questions.jsonl"
    found = suggest(nlp, tmp_path / "pool.spacy", asked, wish=Wish(n=120, questions=True))
    assert found.n == 120

    gold = {
        (doc.text, ent.start_char, ent.end_char, ent.label_) for doc in rest for ent in doc.ents
    }
    answers = tmp_path / "answers.jsonl"
    with answers.open("w") as file:
        for task in lines(asked):
            (span,) = task["spans"]
            key = task["text"], span["start"], span["end"], span["label"]
            answer = "accept" if key in gold else "reject"
            file.write(json.dumps({**task, "answer": answer}) + "\n")
    options = ConvertOptions(dev_share=0, test_share=0)
    convert_corpus(answers, tmp_path / "corpus", spacy.blank("xx"), options)
    partial = read_docs(tmp_path / "corpus" / "train.spacy", nlp.vocab)
    assert sum(len(doc.ents) + len(doc.spans.get(WRONG, ())) for doc in partial) == 120
    assert {token.ent_iob_ for doc in partial for token in doc} == {"B", "I", ""}

    before = nlp.to_bytes()
    train(nlp, examples, steps=20, drop=0.2)
    without_answers = nlp.evaluate(dev)["ents_f"]
    nlp.from_bytes(before)
    nlp.get_pipe("ner").cfg["incorrect_spans_key"] = WRONG
    answered = [Example(without_annotation(doc), doc) for doc in partial]
    train(nlp, [*examples, *answered], steps=20, drop=0.2)
    assert nlp.evaluate(dev)["ents_f"] > without_answers + 0.05
