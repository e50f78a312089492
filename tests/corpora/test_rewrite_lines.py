"""Lines of JSON with other entities: nothing else of a line is other than it was."""

import json
from dataclasses import replace

import pytest

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, FormatError, ReadOptions
from spacy_bilstm_crf.corpora.formats import FORMATS
from spacy_bilstm_crf.corpora.rewrite import Correction, rewrite

TEXT = "Anna met Bo Lind in Oslo"


def rewritten(tmp_path, format, data, change, **options):
    """A file, of which the spans of the first text are changed by a function."""
    options = ReadOptions(**options)
    path, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(data.encode())
    texts = list(FORMATS[format].read(path, options))
    corrections = [Correction(text, text) for text in texts]
    spans = change(list(texts[0].spans))
    after = None if spans is None else replace(texts[0], spans=sorted(spans))
    corrections[0] = Correction(texts[0], after)
    rewrite(path, format, corrections, output, options)
    return output.read_bytes().decode()


def new(words, label, text=TEXT):
    return AnnotatedSpan(text.index(words), text.index(words) + len(words), label)


def relabel(words, label, text=TEXT):
    """A function that gives the span of these words another label."""
    start = text.index(words)
    return lambda spans: [s._replace(label=label) if s.start == start else s for s in spans]


def with_border(words, becomes, label, text=TEXT):
    start = text.index(words)
    return lambda spans: [s for s in spans if s.start != start] + [new(becomes, label, text)]


def without(words, text=TEXT):
    return lambda spans: [span for span in spans if span.start != text.index(words)]


def test_doccano_keeps_the_ids_that_relations_name(tmp_path):
    entities = (
        '{"id": 10, "label": "PER", "start_offset": 0, "end_offset": 4}, '
        '{"id": 11,"label": "LOC","start_offset": 20,"end_offset": 24}'
    )
    rest = '"relations": [{"from_id": 10, "to_id": 11}], "weight": 1e-7, "text": "'
    line = f'{{"id": 1, {rest}{TEXT}", "entities": [{entities}]}}'
    assert rewritten(tmp_path, "doccano", line, relabel("Anna", "ORG")) == line.replace(
        '"PER"', '"ORG"'
    )
    added = ', {"id": 12, "label": "PER", "start_offset": 9, "end_offset": 16}, {"id": 11'
    (tmp_path / "out.jsonl").unlink()
    found = rewritten(tmp_path, "doccano", line, lambda spans: [*spans, new("Bo Lind", "PER")])
    assert found == line.replace(', {"id": 11', added)
    # With an entity go its relations.
    (tmp_path / "out.jsonl").unlink()
    line = line.replace('"relations": [', '"relations": [{"id": 3, "from_id": 11,  "to_id": 11}, ')
    found = rewritten(tmp_path, "doccano", line, without("Anna"))
    gone = f"{entities.split(', {')[0]}, "
    assert found == line.replace(gone, "").replace(', {"from_id": 10, "to_id": 11}', "")


@pytest.mark.parametrize("field", ["text", "data"])
def test_lists_of_doccano(tmp_path, field):
    line = f'{{"{field}":"{TEXT}","label":[[0,4,"PER"],[9,16,"PER"],[20,24,"LOC"]],"id":7}}'
    found = rewritten(tmp_path, "doccano", line, without("Bo Lind"))
    assert found == line.replace('[9,16,"PER"],', "")
    (tmp_path / "out.jsonl").unlink()
    found = rewritten(tmp_path, "doccano", line, with_border("Bo Lind", "Bo", "ORG"))
    assert found == line.replace('[9,16,"PER"]', '[9,11,"ORG"]')


def test_prodigy_keeps_what_tokens_and_spans_have(tmp_path):
    tokens, at = [], 0
    for i, word in enumerate(TEXT.split()):
        own = {"text": word, "start": at, "end": at + len(word), "id": i, "ws": i != 1}
        tokens.append({**own, "disabled": False})
        at += len(word) + 1
    spans = [
        {"start": 0, "end": 4, "label": "PER", "token_start": 0, "token_end": 0, "note": "a"},
        {"start": 9, "end": 11, "label": "PER", "token_start": 2, "token_end": 2, "score": 0.5},
    ]
    record = {"text": TEXT, "tokens": tokens, "spans": spans, "meta": {"id": "m"}}
    line = json.dumps(record) + "\r\n"

    def change(own):
        return [own[0], new("Bo Lind", "ORG"), new("Oslo", "LOC")]

    found = rewritten(tmp_path, "prodigy", line + line.replace("met", "saw"), change)
    spans[1] = {"start": 9, "end": 16, "label": "ORG", "token_start": 2, "token_end": 3}
    spans.append({"start": 20, "end": 24, "label": "LOC", "token_start": 5, "token_end": 5})
    assert found == json.dumps(record) + "\r\n" + line.replace("met", "saw")


def test_entities_of_predict_and_odd_characters(tmp_path):
    text = "Bergen met\u2028Anna \u0085 in Oslo"
    ents = [
        {"start": 0, "end": 6, "label": "PER", "text": "Bergen", "confidence": 0.5},
        {"start": 11, "end": 15, "label": "PER", "text": "Anna", "kb": "Q1"},
    ]
    line = json.dumps({"name": 3, "text": text, "ents": ents}, ensure_ascii=False)
    found = rewritten(tmp_path, "jsonl", "\ufeff" + line, relabel("Bergen", "LOC", text))
    del ents[0]["confidence"]  # it was that of another entity
    ents[0]["label"] = "LOC"
    assert found == "\ufeff" + json.dumps(
        {"name": 3, "text": text, "ents": ents}, ensure_ascii=False
    )


def test_offsets_in_other_units(tmp_path):
    text = "😀 Anna 😀 Oslo"
    line = json.dumps({"text": text, "label": [[3, 7, "PER"], [11, 15, "ORG"]]})
    found = rewritten(
        tmp_path, "doccano", line, with_border("Oslo", "😀 Oslo", "LOC", text), offsets="utf-16"
    )
    assert found == line.replace('[11, 15, "ORG"]', '[8, 15, "LOC"]')


@pytest.mark.parametrize(
    "tags, becomes",
    [
        ("B-PER O B-PER E-PER O S-LOC", "B-PER O B-PER I-PER E-PER S-LOC"),
        ("B-PER O B-PER I-PER O B-LOC", "B-PER O B-PER I-PER I-PER B-LOC"),
        ("I-PER O I-PER I-PER O I-LOC", "I-PER O I-PER I-PER I-PER I-LOC"),
        ("PER O PER PER O LOC", "PER O PER PER PER LOC"),
    ],
)
def test_tokens_keep_their_fields_and_their_scheme(tmp_path, tags, becomes):
    first = "S-PER" if "E-PER" in tags else tags.split()[0]
    words, tags = TEXT.split(), [first, *tags.split()[1:]]
    record = {"id": 5, "words": words, "tags": tags, "pos": list("abcdef")}
    line = json.dumps(record) + "\n"
    found = rewritten(tmp_path, "tokens", line, with_border("Bo Lind", "Bo Lind in", "PER"))
    assert found == json.dumps({**record, "tags": [first, *becomes.split()[1:]]}) + "\n"


def question(words, label, answer):
    start = TEXT.index(words)
    span = {"start": start, "end": start + len(words), "label": label, "score": 0.4}
    return {"text": TEXT, "spans": [span], "_is_binary": True, "answer": answer}


QUESTIONS = [
    question("Anna", "PER", "accept"),
    question("Bo Lind", "ORG", "reject"),
    question("Oslo", "PER", "accept"),
]
LINES = [json.dumps(one) + "\n" for one in QUESTIONS]


def test_each_answer_about_a_text_has_its_line(tmp_path):
    found = rewritten(tmp_path, "prodigy", "".join(LINES), relabel("Oslo", "LOC"))
    third = LINES[2].replace('"PER", "score": 0.4', '"LOC"')
    assert found == LINES[0] + LINES[1] + third
    (tmp_path / "out.jsonl").unlink()
    found = rewritten(tmp_path, "prodigy", "".join(LINES), without("Oslo"))
    assert found == LINES[0] + LINES[1] + LINES[2].replace("accept", "reject")
    (tmp_path / "out.jsonl").unlink()
    other = json.dumps({"text": "It rained", "spans": [], "answer": "accept"})
    removed = rewritten(tmp_path, "prodigy", other + "\n" + "".join(LINES), lambda spans: spans)
    assert removed == other + "\n" + "".join(LINES)


def test_a_text_with_several_answers_goes_with_all_of_them(tmp_path):
    options = ReadOptions()
    path, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    other = json.dumps({"text": "It rained", "spans": [], "answer": "accept"})
    path.write_text("".join([LINES[0], other + "\n", *LINES[1:]]))
    rained, asked = FORMATS["prodigy"].read(path, options)
    corrections = [Correction(rained, rained), Correction(asked, None)]
    rewrite(path, "prodigy", corrections, output, options)
    assert output.read_text() == other + "\n"


def test_an_answer_has_no_room_for_another_entity(tmp_path):
    with pytest.raises(FormatError, match="line 1: a line answers one question"):
        rewritten(tmp_path, "prodigy", "".join(LINES), lambda own: [*own, new("Lind", "PER")])


def test_a_field_that_was_not_there(tmp_path):
    line = json.dumps({"text": TEXT, "answer": "accept"}) + "\n"
    found = rewritten(tmp_path, "prodigy", line, lambda spans: [new("Oslo", "LOC")])
    span = '[{"start": 20, "end": 24, "label": "LOC"}]'
    assert found == line.replace('"accept"', f'"accept", "spans": {span}')
