"""Train the variants of a config that the tables of docs/accuracy.md compare.

    python -m benchmarks.accuracy.ablations TABLE CORPUS [--seeds 0,1,2] [--only NAME]
        [--vectors VECTORS] [--gpu-id 0]

TABLE is "options", which changes one thing of configs/conll2003.cfg in each row, "vectors", the
same for configs/conll2003-best.cfg; "huang2015" and "huang2015-vectors", the rows of that paper; or
"rurebus" and "rurebus-vectors", which train the recipes of those two configs on RuREBus.
Each row is a result of its own, results/accuracy-TABLE/NAME.json, as `benchmarks.accuracy` records
it: what is there already is not run again, so that several processes can share the work by --seeds
or --only.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import typer
from spacy.util import dot_to_object, load_config
from thinc.api import Config
from wasabi import msg

from benchmarks.accuracy.runs import choose_rows, record_runs
from benchmarks.common import CONFIGS

MODEL = "components.bilstm_crf_ner.model"
TOK2VEC = f"{MODEL}.tok2vec"
EMBED = f"{TOK2VEC}.embed"
OPTIMIZER = "training.optimizer"


class Row(NamedTuple):
    """What a row says, and the settings that make it."""

    shown: str
    settings: dict[str, Any]


class Table(NamedTuple):
    """The config that the rows change, what is changed in all of them, and the rows by name."""

    config: str
    settings: dict[str, Any]
    rows: dict[str, Row]


def _beside(**features: dict[str, Any]) -> dict[str, Any]:
    """The default's features and others, side by side."""
    words = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1", "static_vectors": "auto"}
    return {EMBED: {"@layers": "concatenate.v1", "*": {"words": words, **features}}}


AFFIXES = {"@architectures": "spacy_bilstm_crf.AffixEmbed.v1"}
SHAPES = {
    "@architectures": "spacy.MultiHashEmbed.v2",
    "width": 64,
    "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
    "rows": [5000, 1000, 2500, 2500],
    "include_static_vectors": False,
}
# What `benchmarks.accuracy.gazetteer` writes.
GAZETTEER = "assets/gazetteer/patterns.json"
NAMES = {
    "@architectures": "spacy_bilstm_crf.SpanFeatures.v1",
    "labels": ["COUNTRY", "STATE", "CITY", "FIRST", "LAST"],
}
# A span_ruler before the component, which runs in training, too.
RULER: dict[str, Any] = {
    "nlp.pipeline": ["span_ruler", "bilstm_crf_ner"],
    "components.span_ruler": {"factory": "span_ruler"},
    "training.annotating_components": ["span_ruler"],
    # Its spans are no gold standard here, and do not count.
    **{f"training.score_weights.spans_ruler_{key}": None for key in ("f", "p", "r", "per_type")},
    "initialize.components.span_ruler": {
        "patterns": {"@readers": "srsly.read_json.v1", "path": GAZETTEER}
    },
}


def _optimizer(name: str, rate: float, **settings: Any) -> dict[str, Any]:
    """An optimizer with a rate that falls linearly, as the default's."""
    schedule = {"@schedules": "warmup_linear.v1", "initial_rate": rate, "warmup_steps": 0}
    return {OPTIMIZER: {"@optimizers": name, **settings, "learn_rate": schedule}}


CLIPPING = {
    f"{OPTIMIZER}.grad_clip": 0.0,
    "nlp.after_pipeline_creation": {
        "@callbacks": "spacy_bilstm_crf.clip_global_norm.v1",
        "max_norm": 5.0,
    },
}
OPTIONS = {
    "default": Row("default", {}),
    "no-memory": Row("`doc_memory = 0.0`", {f"{TOK2VEC}.doc_memory": 0.0}),
    "no-join": Row("`join = 0.0`", {"components.bilstm_crf_ner.join": 0.0}),
    "softmax": Row('`decoder = "softmax"`', {f"{MODEL}.decoder": "softmax"}),
    "greedy": Row('`decoder = "greedy"`', {f"{MODEL}.decoder": "greedy"}),
    "char-lstm": Row('`char_encoder = "lstm"`', {f"{EMBED}.char_encoder": "lstm"}),
    "no-chars": Row("`char_filters = 0`", {f"{EMBED}.char_filters": 0}),
    "affixes": Row("with `AffixEmbed`", _beside(affixes=AFFIXES)),
    "shapes": Row("with spaCy's NORM, PREFIX, SUFFIX, SHAPE", _beside(shapes=SHAPES)),
    "multi-hash": Row("these alone, no `WordCharEmbed`", {EMBED: {**SHAPES, "width": 128}}),
    "gazetteer": Row(
        "with outside lists as a gazetteer, by `SpanFeatures`", RULER | _beside(names=NAMES)
    ),
    "no-word-dropout": Row("`word_dropout = 0.0`", {f"{EMBED}.word_dropout": 0.0}),
    "no-dropout": Row("`dropout = 0.0`", {"training.dropout": 0.0}),
    "depth-2": Row("`depth = 2`", {f"{TOK2VEC}.depth": 2}),
    "depth-3": Row("`depth = 3`", {f"{TOK2VEC}.depth": 3}),
    "conv": Row("`conv_layers = 1`", {f"{TOK2VEC}.conv_layers": 1}),
    "averages": Row("`use_averages = true`", {f"{OPTIMIZER}.use_averages": True}),
    "adamw": Row("AdamW, decay 0.01", _optimizer("spacy_bilstm_crf.AdamW.v1", 0.002)),
    "clip-global-norm": Row("`clip_global_norm`, 5", CLIPPING),
    "sgd": Row("SGD, rate 0.5", _optimizer("SGD.v1", 0.5, grad_clip=1.0, use_averages=False)),
}
VECTORS = {
    "default": Row("as it is: tuned", {}),
    "frozen": Row(
        "frozen beside a learned table",
        {f"{EMBED}.static_vectors": "frozen", f"{EMBED}.word_width": 50},
    ),
    "mapped": Row(
        "frozen and mapped by spaCy's `MultiHashEmbed`, with NORM, PREFIX, SUFFIX, SHAPE, beside "
        "`WordCharEmbed`",
        {
            EMBED: {
                "@layers": "concatenate.v1",
                "*": {
                    "words": {
                        "@architectures": "spacy_bilstm_crf.WordCharEmbed.v1",
                        "word_dropout": 4.0,
                    },
                    "vectors": {**SHAPES, "include_static_vectors": True},
                },
            }
        },
    ),
    "no-memory": Row("`doc_memory = 0.0`", {f"{TOK2VEC}.doc_memory": 0.0}),
}
# The rows of Huang et al. 2015, table 2: what stands above the features.
_HUANG = {
    "lstm": Row("LSTM", {f"{TOK2VEC}.bidirectional": False, f"{MODEL}.decoder": "greedy"}),
    "bilstm": Row("BI-LSTM", {f"{MODEL}.decoder": "greedy"}),
    "crf": Row("CRF", {f"{TOK2VEC}.depth": 0}),
    "conv-crf": Row("Conv-CRF", {f"{TOK2VEC}.depth": 0, f"{TOK2VEC}.conv_layers": 1}),
    "lstm-crf": Row("LSTM-CRF", {f"{TOK2VEC}.bidirectional": False}),
    "bilstm-crf": Row("BI-LSTM-CRF", {}),
    "gazetteer": Row("BI-LSTM-CRF, gazetteer", {**RULER, f"{EMBED}.*.names": NAMES}),
}
# The recipes of the CoNLL configs, in the language of RuREBus, its tokens and lines. Its docs are
# 20 times as long and stay cut into runs of 8 sentences.
_RECIPE = {
    "components.bilstm_crf_ner.threshold": None,
    f"{OPTIMIZER}.learn_rate.total_steps": 8000,
    f"{TOK2VEC}.doc_memory": 0.5,
}
_PLAIN = {**_RECIPE, f"{OPTIMIZER}.use_averages": False}
_BEST = {**_RECIPE, f"{TOK2VEC}.hidden_width": 200}
# Half as many steps as the configs have.
_SHORT = {f"{OPTIMIZER}.learn_rate.total_steps": 4000}
TABLES = {
    "options": Table("conll2003", _SHORT, OPTIONS),
    "vectors": Table("conll2003-best", _SHORT, VECTORS),
    "huang2015": Table("conll2003-huang2015", {}, _HUANG),
    "huang2015-vectors": Table("conll2003-huang2015", {}, _HUANG),
    "rurebus": Table("rurebus", {}, {"conll2003": Row("conll2003.cfg", _PLAIN)}),
    "rurebus-vectors": Table(
        "rurebus-vectors", {}, {"conll2003": Row("conll2003-best.cfg", _BEST)}
    ),
}


def main(
    table: str = typer.Argument(..., help=f"One of {', '.join(TABLES)}"),
    corpus: Path = typer.Argument(..., exists=True, help="Folder that `convert` wrote"),
    seeds: str = typer.Option("0,1,2", help="Comma-separated seeds"),
    only: str = typer.Option("", help="Names of rows, separated by commas"),
    vectors: str = typer.Option("", help="Pipeline with word vectors"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Train the rows of a table that are not recorded yet."""
    if table not in TABLES:
        msg.fail(f"There is no table {table!r}, only {', '.join(TABLES)}", exits=1)
    config, common, rows = TABLES[table]
    for name in choose_rows(only, rows, table):
        shown, settings = rows[name]
        msg.divider(f"{table}: {shown}")
        override = [f"paths.vectors={vectors}"] if vectors else []
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{config}.cfg"
            derive(CONFIGS / f"{config}.cfg", {**settings, **common}).to_disk(path)
            record_runs(f"{table}/{name}", path, corpus, seeds, override, gpu_id)


def derive(path: Path, settings: Mapping[str, Any]) -> Config:
    """A config with other settings. settings: values, or whole sections, by their dotted names."""
    config = load_config(path)
    for name, value in settings.items():
        *section, key = name.split(".")
        parent = dot_to_object(config, ".".join(section))
        parent[key] = value
    return config


if __name__ == "__main__":
    typer.run(main)
