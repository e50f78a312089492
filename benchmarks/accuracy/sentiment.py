"""Classifiers of texts side by side, each a config of spaCy's `textcat`.

    OMP_NUM_THREADS=1 python -m benchmarks.accuracy.sentiment NAME CORPUS --positive LABEL
        [--configs sentiment-best,sentiment-bow] [--seeds 0,1,2] [--override KEY=VALUE ...]
        [--tested 5000]

CORPUS is a folder that `convert` wrote of texts with labels. Each config is trained with each seed
on train; the pipeline with the best accuracy on dev is tested on test, or on dev if there is no
test. F2 is that of the positive label: at the likelier label, and from that threshold on which has
the highest F2 on dev. A run that is recorded already is not repeated. Minutes are those of `spacy
train`, with the loading of the corpus and the evaluations on dev, by the clock, and by what the
processor has spent, which other runs beside it hardly change; words per second are by the latter.
With `--tested`, so many texts of test are drawn at random, and a tenth as many of dev, the same for
all: for what is too slow to be tested on all of them.
"""

import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any, TypeVar

import spacy
import typer
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training import Example
from wasabi import msg

from benchmarks.accuracy.runs import recorded_value
from benchmarks.common import CONFIGS, RESULTS, machine, write_result
from spacy_bilstm_crf.corpora.converted import Corpus, open_corpus
from spacy_bilstm_crf.evaluation.category_scores import as_array, category_scores, decide, fbeta
from spacy_bilstm_crf.evaluation.tagging import examples_as_in_training
from spacy_bilstm_crf.torch_bridge.weights import weights_of
from spacy_bilstm_crf.training.runs import check_overrides, train_run
from spacy_bilstm_crf.training.watch import trainable_pipes

_T = TypeVar("_T")
_CONFIGS = sorted(path.stem for path in CONFIGS.glob("sentiment-*.cfg"))
# Candidates for the least probability of the positive label; 0.0 for the likelier label.
_THRESHOLDS = [step / 50 for step in range(1, 50)]
_SCORES = {
    "accuracy": "cats_accuracy",
    "f2": "cats_fbeta",
    "auc": "cats_macro_auc",
    "average_precision": "cats_average_precision",
    "log_loss": "cats_log_loss",
    "calibration_error": "cats_calibration_error",
}


def main(
    name: str = typer.Argument(..., help="Name of the corpus in the results"),
    corpus: Path = typer.Argument(..., exists=True, help="Folder that `convert` wrote"),
    positive: str = typer.Option(..., help="The label whose F2 is recorded"),
    configs: str = typer.Option(
        ",".join(_CONFIGS),
        help="Names in configs/, separated by commas",
    ),
    seeds: str = typer.Option("0", help="Comma-separated seeds"),
    override: list[str] = typer.Option([], help="Config override KEY=VALUE; may be repeated"),
    row: str | None = typer.Option(None, help="Name of the row, by default the config's"),
    tested: int | None = typer.Option(None, help="Texts of test that count, by default all"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Train and test, and write benchmarks/results/sentiment/NAME/CONFIG.json."""
    settings = dict(pair.split("=", 1) for pair in override)
    opened = open_corpus(corpus)
    for config in [CONFIGS / f"{stem}.cfg" for stem in configs.split(",")]:
        check_overrides(config, settings)
        path = f"sentiment/{name}/{row or config.stem}"
        file = RESULTS / f"{path}.json"
        result: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"runs": {}}
        result |= {
            "name": row or config.stem,
            "config": config.stem,
            "overrides": {key: recorded_value(value) for key, value in settings.items()},
            "corpus": name,
            "split": "test" if "test" in opened.splits else "dev",
            **({} if tested is None else {"tested": tested}),
            **machine(gpu_id),
        }
        for seed in seeds.split(","):
            if seed in result["runs"]:
                msg.info(f"{path}, seed {seed} is recorded already")
                continue
            settings_of_run = {"system.seed": seed, **settings}
            run = _run(config, opened, settings_of_run, positive, tested, gpu_id)
            result["runs"][seed] = run
            write_result(path, result)
            msg.good(f"{path}, seed {seed}: {run}")


def _run(
    config: Path,
    corpus: Corpus,
    settings: dict[str, str],
    positive: str,
    tested: int | None,
    gpu_id: int,
) -> dict[str, Any]:
    paths = {f"paths.{split}": str(corpus.folder / f"{split}.spacy") for split in ("train", "dev")}
    n_texts = {} if tested is None else {"dev": tested // 10, "test": tested}
    with tempfile.TemporaryDirectory() as output:
        if n_texts:
            docs = corpus.docs("dev", spacy.blank("xx").vocab)
            paths["paths.dev"] = str(Path(output) / "dev.spacy")
            DocBin(docs=_draw(docs, n_texts["dev"])).to_disk(paths["paths.dev"])
        before = os.times()
        run = train_run(config, settings | paths, Path(output), ["--gpu-id", str(gpu_id)])
        after = os.times()
        nlp = spacy.load(Path(output) / "model-best")
        size = sum(p.stat().st_size for p in (Path(output) / "model-best").rglob("*"))
    full = nlp.config.interpolate()["training"]
    n_words = sum(len(doc) for doc in corpus.docs("train", nlp.vocab))
    passes = full["max_steps"] * full["batcher"]["size"] / n_words
    seconds = after.children_user - before.children_user
    seconds += after.children_system - before.children_system
    found = {
        "minutes": run["minutes"],
        "processor_minutes": round(seconds / 60, 2),
        "processor_minutes_a_pass": round(seconds / 60 / passes, 2),
        "steps": full["max_steps"],
        "parameters": sum(
            weight.value.numel()
            for pipe in trainable_pipes(nlp)
            for weight in weights_of(pipe.model)
        ),
        "megabytes": round(size / 1e6, 1),
    }
    for split in ("dev", "test"):
        if split in corpus.splits:
            examples, speed = _predict(nlp, corpus, split, n_texts.get(split))
            if split == "dev":
                f2 = {least: _f2(examples, nlp, positive, least) for least in _THRESHOLDS}
                found["threshold"] = max(f2, key=f2.__getitem__)
            tuned = _f2(examples, nlp, positive, found["threshold"])
            scores = {**_score(examples, nlp, positive), "f2_at_threshold": tuned, **speed}
            found |= {f"{split}_{key}": value for key, value in scores.items()}
    return found


def _draw(texts: list[_T], n: int | None) -> list[_T]:
    """So many of texts, the same in each call; all for None."""
    return texts if n is None else random.Random(0).sample(texts, n)


def _predict(
    nlp: Language, corpus: Corpus, split: str, n: int | None
) -> tuple[list[Example], dict[str, float]]:
    examples = _draw(examples_as_in_training(nlp, corpus, split), n)
    start = time.process_time()
    for eg, doc in zip(examples, nlp.pipe([eg.predicted for eg in examples])):
        eg.predicted = doc
    seconds = time.process_time() - start
    words = sum(len(eg.predicted) for eg in examples)
    return examples, {"words_per_second": round(words / seconds)}


def _f2(examples: list[Example], nlp: Language, positive: str, threshold: float) -> float:
    labels = nlp.get_pipe("textcat").labels  # type: ignore[attr-defined]
    gold = as_array([eg.reference.cats for eg in examples], labels) > 0.5
    found = as_array([eg.predicted.cats for eg in examples], labels)
    said = decide(found, labels, False, positive, threshold)
    at = labels.index(positive)
    return round(fbeta(gold[:, at], said[:, at], 2.0) or 0.0, 4)


def _score(examples: list[Example], nlp: Language, positive: str) -> dict[str, float]:
    labels = nlp.get_pipe("textcat").labels  # type: ignore[attr-defined]
    scores = category_scores(beta=2.0)(
        examples, labels=labels, positive_label=positive, threshold=0.0
    )
    return {key: round(float(scores[own]), 4) for key, own in _SCORES.items()}


if __name__ == "__main__":
    typer.run(main)
