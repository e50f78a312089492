"""The errors of a trained pipeline."""

from pathlib import Path
from typing import Any

import srsly
import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..corpora.converted import open_corpus
from ..corpora.files import make_room
from ..evaluation import analyze
from ..evaluation.errors import confusion_rows
from ..evaluation.tagging import names_in_training, tag_split
from ..tagging.load import load_pipeline


def analyze_cli(
    model: Path = typer.Argument(..., help="Path of a trained pipeline"),
    corpus_dir: Path = typer.Argument(
        ..., metavar="CORPUS", help="Folder that `convert` wrote, or of DocBins named NAME.spacy"
    ),
    output: Path | None = typer.Option(None, "--output", "-o", help="JSON file for the tables"),
    split: str = typer.Option("test", help="Which part of the corpus to tag"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Tag a part of a corpus and count the errors: by type, by length, by whether the training set
    has the name, by kind (type, boundary, missed, spurious), and which type was taken for which.
    """
    try:
        if output:
            make_room(output)
        corpus = open_corpus(corpus_dir)
        setup_gpu(gpu_id, silent=True)
        nlp = load_pipeline(model)
        gold, predicted = tag_split(nlp, corpus, split)
        tables = analyze(gold, predicted, names_in_training(nlp, corpus))
        if output:
            srsly.write_json(output, tables)
    except (OSError, ValueError) as error:
        msg.fail("The pipeline can't be analyzed", str(error), exits=1)
    _print(tables)


def _print(tables: dict[str, Any]) -> None:
    percent = {None: "-"}
    for title, key in [
        ("By type", "per_type"), ("By length in tokens", "by_length"),
        ("By name in the training set", "by_name"),
    ]:  # fmt: skip
        if key not in tables:
            continue
        rows = list(tables[key].items())
        if key == "per_type":
            rows.insert(0, ("all", tables["all"]))
        msg.divider(title)
        msg.table(
            [
                (name, *(percent.get(row[k]) or f"{100 * row[k]:.2f}" for k in "prf"),
                 row["gold"], row["found"])
                for name, row in rows
            ],
            header=("", "P", "R", "F", "gold", "found"),
            aligns=("l", "r", "r", "r", "r", "r"),
        )  # fmt: skip
    msg.divider("Kinds of errors")
    msg.table(list(tables["kinds"].items()), aligns=("l", "r"))
    msg.divider("Gold in rows, found in columns")
    columns, rows = confusion_rows(tables["confusion"])
    msg.table(
        [(label, *counts) for label, counts in rows],
        header=("", *columns),
        aligns=("l", *("r" for _ in columns)),
    )
