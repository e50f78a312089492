"""Runs that are killed in the midst of their writing, and begun again until one ends by itself."""

import json
import os
import signal
import time
from functools import partial
from unittest.mock import patch

import spacy
from spacy.tokens import DocBin

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.brat import read_doc
from spacy_bilstm_crf.corpora.formats import FORMATS
from spacy_bilstm_crf.tagging.predict import predict


def size(path):
    """The bytes of a file, or of all files of a folder."""
    sizes = []
    for found in [path, *path.rglob("*")]:
        try:
            sizes.append(found.stat().st_size if found.is_file() else 0)
        except FileNotFoundError:  # written aside, and moved meanwhile
            continue
    return sum(sizes)


def kill_until_done(action, output, rng, most):
    """Call an action in forked processes, which are killed when the output has grown by a random
    number of bytes, of `most` at most, until one ends by itself.

    RETURNS: how many were killed.
    """
    n_killed = 0
    while True:
        limit = size(output) + rng.randint(1, most)
        child = os.fork()
        if child == 0:
            try:
                action()
                os._exit(0)
            finally:
                os._exit(1)
        while size(output) < limit:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                assert status == 0
                return n_killed
            time.sleep(0.0002)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return n_killed
        n_killed += os.WTERMSIG(status) == signal.SIGKILL


def texts(n_texts):
    names = ["Anna Smith", "Jordan", "nobody", "Paris"]
    return {
        f"{n % 7}/{n}": f"{names[n % 4]} lives in Paris . " + f"Number {n} . " * (n % 5)
        for n in range(n_texts)
    }


def read_brat(path):
    nlp = spacy.blank("xx")
    for file in sorted(path.rglob("*.ann")):
        # `read_doc` compares the text of each entity with the text that it is of.
        source = path.parent / "texts" / file.relative_to(path).with_suffix(".txt")
        file.with_suffix(".txt").write_bytes(source.read_bytes())
        doc, unfit = read_doc(file.with_suffix(".txt"), nlp)
        assert not unfit
        name = file.relative_to(path).with_suffix("").as_posix()
        yield name, doc.text, [(e.start_char, e.end_char, e.label_) for e in doc.ents]


def read_jsonl(path):
    for line in path.read_text().splitlines():
        record = json.loads(line)
        ents = [(ent["start"], ent["end"], ent["label"]) for ent in record["ents"]]
        yield record["name"], record["text"], ents


def read_spacy(path):
    for file in sorted(path.glob("*.spacy")):
        for doc in DocBin().from_disk(file).get_docs(spacy.blank("xx").vocab):
            ents = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
            yield doc.user_data["name"], doc.text, ents


def read_annotated(path, output_format, pattern):
    """The texts of an output in a format of annotated texts, with their names in it."""
    for file in sorted(path.rglob(pattern)) if path.is_dir() else [path]:
        for text in FORMATS[output_format].read(file, ReadOptions()):
            is_named = output_format in ("label-studio", "prodigy")
            name = text.name if is_named else file.relative_to(path).with_suffix("").as_posix()
            yield name, text.text, [(span.start, span.end, span.label) for span in text.spans]


READERS = {
    "brat": read_brat,
    "jsonl": read_jsonl,
    "spacy": read_spacy,
    "label-studio": partial(read_annotated, output_format="label-studio", pattern="*.json"),
    "prodigy": partial(read_annotated, output_format="prodigy", pattern=""),
    "webanno": partial(read_annotated, output_format="webanno", pattern="*.tsv"),
}
MOST_BYTES = {
    "brat": 1000,
    "jsonl": 500,
    "spacy": 1500,
    "label-studio": 2000,
    "prodigy": 4000,
    "webanno": 1500,
}


@patch("spacy_bilstm_crf.tagging.parts._PART_CHARS", 100)
@patch("spacy_bilstm_crf.tagging.outputs._DOCS_IN_FILE", 3)
def kill_predict(nlp, folder, output_format, rng, n_texts):
    """Kill `predict` at random until one run ends by itself: the output then has every text once,
    whole, with its own entities, and nothing else.

    RETURNS: how many runs were killed.
    """
    for name, text in texts(n_texts).items():
        path = folder / "texts" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    output = folder / "out"

    def action():
        assert predict(nlp, folder / "texts", output, output_format).failed == []

    n_killed = kill_until_done(action, output, rng, MOST_BYTES[output_format])
    expected = {}
    for name, text in texts(n_texts).items():
        doc = nlp(text)
        expected[name] = text, [(e.start_char, e.end_char, e.label_) for e in doc.ents]
    found = list(READERS[output_format](output))
    assert len(found) == n_texts
    assert {name: (text, ents) for name, text, ents in found} == expected
    assert predict(nlp, folder / "texts", output, output_format)[:2] == (0, [])
    assert not list(folder.rglob("*.unfinished")) and not list(folder.rglob("*.lock"))
    return n_killed
