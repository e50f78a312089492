"""How speed and memory scale with docs, labels, width and processes.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.scaling main MODEL CORPUS

Each figure is of a process of its own: words per second of `nlp.pipe`, and by how much the peak of
resident memory is above that before it. Docs are the words of test, over and over, without sentence
marks. Label and width are of models that were trained for a few steps on made-up labels.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from wasabi import msg

from benchmarks.common import (
    NAME,
    processor,
    read_docs,
    seconds_of,
    set_threads,
    tag,
    write_result,
)

app = typer.Typer()


@app.command()
def main(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with test.spacy"),
) -> None:
    """Run every case, and write benchmarks/results/scaling.json."""
    cases: list[dict[str, int]] = [
        {"length": length, "words": max(length, 100_000)}
        for length in (10, 100, 1000, 10_000, 100_000, 1_000_000)
    ]
    cases += [{"length": 100, "labels": labels} for labels in (4, 16, 64)]
    cases += [{"length": 100, "hidden": hidden} for hidden in (100, 200, 512)]
    cases += [{"length": 100, "words": 400_000, "processes": n} for n in (1, 2, 4)]
    rows = []
    for case in cases:
        command = [sys.executable, "-m", "benchmarks.speed.scaling", "case"]
        command += [str(model), str(corpus), json.dumps(case)]
        out = subprocess.run(command, check=True, capture_output=True)
        rows.append(case | json.loads(out.stdout.splitlines()[-1]))
        msg.info(str(rows[-1]))
    result = {
        "corpus": corpus.name,
        "hardware": f"{processor()}, {os.cpu_count()} cores",
        "threads": set_threads(),
        "cases": rows,
    }
    write_result("scaling", result)


@app.command()
def case(model: Path, corpus: Path, settings: str) -> None:
    """Run one case and print its figures."""
    wanted: dict[str, int] = {"words": 100_000, "processes": 1} | json.loads(settings)
    set_threads()
    nlp = spacy.load(model)
    if "labels" in wanted or "hidden" in wanted:
        nlp = made_up_pipeline(nlp.vocab, wanted.get("labels", 4), wanted.get("hidden", 128))
    docs = read_docs(corpus / "test.spacy", nlp.vocab)
    words = [token.text for doc in docs for token in doc]
    words *= wanted["words"] // len(words) + 1
    docs = [
        Doc(nlp.vocab, words=words[start : start + wanted["length"]])
        for start in range(0, wanted["words"], wanted["length"])
    ]
    tag(nlp, [Doc(nlp.vocab, words=words[:2000])])  # compiled and warm
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = seconds_of(lambda: tag(nlp, docs, wanted["processes"]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result: dict[str, Any] = {"words_per_second": round(wanted["words"] / seconds)}
    if wanted["processes"] == 1:
        result["memory_mb"] = round((peak - before) / 1024)
    print(json.dumps(result))


def made_up_pipeline(vocab: Vocab, labels: int, hidden: int) -> Language:
    """A pipeline that a few steps have taught so many made-up labels. hidden: its width."""
    nlp = spacy.blank("en", vocab=vocab)
    nlp.add_pipe(NAME, config={"model": {"tok2vec": {"hidden_width": hidden}}})
    text = " ".join(f"Name{i} sleeps ." for i in range(labels))
    doc = nlp.make_doc(text)
    ents = [(doc[3 * i].idx, doc[3 * i].idx + len(doc[3 * i]), f"L{i}") for i in range(labels)]
    examples = [Example.from_dict(doc, {"entities": ents})]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(30):
        nlp.update(examples, sgd=optimizer)
    return nlp


if __name__ == "__main__":
    app()
