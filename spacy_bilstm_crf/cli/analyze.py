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
from ..evaluation.categories import category_tables, compare_categories, has_categories, label_rule
from ..evaluation.errors import confusion_rows, has_entities
from ..evaluation.pages import percent
from ..evaluation.tagging import names_in_training, tag_split
from ..tagging.load import load_pipeline
from .options import GpuId


def analyze_cli(
    model: Path = typer.Argument(..., help="Path of a trained pipeline"),
    corpus_dir: Path = typer.Argument(
        ..., metavar="CORPUS", help="Folder that `convert` wrote, or of DocBins named NAME.spacy"
    ),
    output: Path | None = typer.Option(None, "--output", "-o", help="JSON file for the tables"),
    split: str = typer.Option("test", help="Which part of the corpus to tag"),
    gpu_id: GpuId = -1,
) -> None:
    """Tag a part of a corpus and count the errors: by type, by length, by whether the training set
    has the name, by kind (type, boundary, missed, spurious), and which type was taken for which.

    Of a corpus of texts with labels, by label, by kind (missed, wrong), by length, and which label
    was taken for which.
    """
    try:
        if output:
            make_room(output)
        corpus = open_corpus(corpus_dir)
        setup_gpu(gpu_id, silent=True)
        nlp = load_pipeline(model)
        gold, predicted = tag_split(nlp, corpus, split)
        tables: dict[str, Any] = {}
        if has_entities(gold, predicted):
            tables = analyze(gold, predicted, names_in_training(nlp, corpus))
        if has_categories(gold, predicted):
            texts = compare_categories(gold, predicted, label_rule(nlp))
            tables["categories"] = category_tables(texts)
        if not tables:
            raise ValueError(
                f"{split} has no entities and no labels of texts that {model} finds, too. `report` "
                "and `evaluate` give the scores of others."
            )
        if output:
            srsly.write_json(output, tables)
    except (OSError, ValueError) as error:
        msg.fail("The pipeline can't be analyzed", str(error), exits=1)
    if "all" in tables:
        _print(tables)
    if "categories" in tables:
        _print_categories(tables["categories"])


def _print(tables: dict[str, Any]) -> None:
    for title, key in [
        ("By type", "per_type"), ("By length in tokens", "by_length"),
        ("By name in the training set", "by_name"),
    ]:  # fmt: skip
        if key in tables:
            rows = tables[key]
            _print_scores(title, {"all": tables["all"], **rows} if key == "per_type" else rows)
    msg.divider("Kinds of errors")
    msg.table(list(tables["kinds"].items()), aligns=("l", "r"))
    _print_confusion(tables["confusion"])


def _print_categories(tables: dict[str, Any]) -> None:
    rows = {"all": tables["all"], **tables["per_label"]}
    _print_scores("Labels of texts", rows)
    msg.divider("Kinds of errors")
    msg.table(
        [(name, row["missed"], row["wrong"]) for name, row in rows.items()],
        header=("", "missed", "wrong"),
        aligns=("l", "r", "r"),
    )
    msg.divider("By length of the text")
    msg.table(
        [
            (name, row["texts"], percent(row["accuracy"]))
            for name, row in [
                ("all", {"texts": tables["n_texts"], "accuracy": tables["accuracy"]}),
                *tables["by_length"].items(),
            ]
        ],
        header=("", "texts", "accuracy"),
        aligns=("l", "r", "r"),
    )
    if tables["confusion"]:
        _print_confusion(tables["confusion"])


def _print_scores(title: str, rows: dict[str, dict[str, Any]]) -> None:
    msg.divider(title)
    msg.table(
        [
            (name, *(percent(row[key]) for key in "prf"), row["gold"], row["found"])
            for name, row in rows.items()
        ],
        header=("", "P", "R", "F", "gold", "found"),
        aligns=("l", "r", "r", "r", "r", "r"),
    )


def _print_confusion(confusion: dict[str, dict[str, int]]) -> None:
    msg.divider("Gold in rows, found in columns")
    columns, rows = confusion_rows(confusion)
    msg.table(
        [(label, *counts) for label, counts in rows],
        header=("", *columns),
        aligns=("l", *("r" for _ in columns)),
    )
