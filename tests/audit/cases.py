"""A small corpus with errors, findings of them, and what it is when they are accepted."""

import json
from pathlib import Path

import spacy

from spacy_bilstm_crf.audit.apply import apply_decisions
from spacy_bilstm_crf.audit.documents import make_documents, read_texts
from spacy_bilstm_crf.audit.page import audit_id
from spacy_bilstm_crf.corpora.annotated import ReadOptions

IOB1 = """-DOCSTART- -X- O O

Anna NNP I-NP I-ORG
Smith NNP I-NP I-ORG
saw VBD I-VP O
Oslo NNP I-NP I-LOC

-DOCSTART- -X- O O

Bergen NNP I-NP I-LOC
Oslo NNP I-NP B-LOC
slept VBD I-VP I-PER
"""


def record(number, kind, sentence, gold, other, place, other_place=None, **values):
    """A finding. place, other_place: what is annotated and what is suggested, as it stands in the
    sentence."""

    def offsets(words):
        start = sentence.index(words)
        return start, start + len(words)

    start, end = offsets(place)
    first, last = offsets(other_place) if other_place else (None, None)
    own = {"id": f"{number:04x}", "kind": kind, "group": "g", "file": "train.txt", "line": None}
    own |= {"split": "train", "document": "", "sentence": sentence, "sentence_start": 0}
    own |= {"start": start, "end": end, "gold_label": gold, "gold_probability": None}
    own |= {"suggested_start": first, "suggested_end": last, "suggested_label": other}
    own |= {"suggested_probability": None, "suspicion": 0.5, "note": ""}
    shift = values.pop("shift", 0)
    for name in ("start", "end", "suggested_start", "suggested_end", "sentence_start"):
        own[name] = None if own[name] is None else own[name] + shift
    return own | values


ANNA, BERGEN = "Anna Smith saw Oslo", "Bergen Oslo slept"
KINDS = [
    record(1, "label", ANNA, "ORG", "PER", "Anna Smith", "Anna Smith"),
    record(2, "border", BERGEN, "LOC", "LOC", "Bergen", "Bergen Oslo"),
    record(3, "spurious", BERGEN, "LOC", None, "Oslo"),
    record(4, "spurious", BERGEN, "PER", None, "slept"),
    record(5, "missing", ANNA, None, "EVENT", "saw", "saw"),
    record(6, "other", ANNA, None, None, "Oslo"),
]
CORRECTED = [
    [("Anna Smith", "PER"), ("saw", "EVENT"), ("Oslo", "LOC")],
    [("Bergen Oslo", "LOC")],
]


def named(findings, corpus, **options):
    """Findings with the names of the first documents that they fit."""
    read, input_format = options.get("read") or ReadOptions(), options.get("input_format")
    documents = make_documents(read_texts(corpus, read, input_format), spacy.blank("xx"))

    def name_of(one):
        fitting = (
            document.name
            for document in documents
            if Path(document.file).name == Path(one["file"]).name
            and document.text.text.startswith(one["sentence"], one["sentence_start"])
        )
        return one["document"] or next(fitting, "none")

    return [one | {"document": name_of(one)} for one in findings]


def apply(folder, corpus, findings, decided=None, output="out", nlp=None, **options):
    findings = named(findings, corpus, **options)
    (folder / "findings.jsonl").write_text("".join(json.dumps(one) + "\n" for one in findings))
    ids = [one["id"] for one in findings]
    decided = dict.fromkeys(ids, "accept") if decided is None else decided
    decisions = {"audit": audit_id(findings), "decisions": decided}
    (folder / "decisions.json").write_text(json.dumps(decisions))
    paths = folder / "findings.jsonl", folder / "decisions.json", folder / output
    return apply_decisions(corpus, *paths, nlp or spacy.blank("xx"), **options)


def found(text):
    return [(text.text[s.start : s.end], s.label) for s in sorted(text.spans)]
