"""The config that `init` chooses beside spaCy's own `ner`, on any corpora, with no tuning.

    OMP_NUM_THREADS=1 python -m benchmarks.accuracy.tournament CORPUS[@PERCENT] ... [--seeds 0,1]
        [--name NAME] [--output training/tournament]

CORPUS is a file or folder that `convert` reads, @PERCENT takes a part of its training and
development docs, drawn with seed 0. spaCy's `ner` has the config of `spacy init config --optimize
efficiency`, for the same language. Both are trained on the same docs with the same tokens and
tested on all of test, with gold tokens; ours in the units of its training. Words per second are
those of `nlp.pipe` over test, one after the other in every round. A pipeline that is there is not
trained again. Corpora that anyone may fetch, with `fetch` or as they lie in their repositories:

    UNER        https://www.universalner.org                       UNER_*/*.iob2
    MasakhaNER  https://github.com/masakhane-io/masakhane-ner      data/*/{train,dev,test}.txt
    WNUT-17     fetch leondz/wnut_17 --revision refs/convert/parquet
    BC5CDR      fetch tner/bc5cdr --revision refs/convert/parquet
    NCBI        fetch ncbi/ncbi_disease --revision refs/convert/parquet
    ResumeNER   https://github.com/jiesutd/LatticeLSTM             ResumeNER/*.bmes
"""

import json
import random
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import Config
from wasabi import msg

from benchmarks.common import (
    RESULTS,
    WHOLE_DOCS,
    forget,
    machine,
    median,
    ratios,
    read_docs,
    seconds_of,
    tag,
    time_in_turn,
    value_range,
    write_result,
)
from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.convert import convert_corpus
from spacy_bilstm_crf.corpora.converted import Corpus, open_corpus
from spacy_bilstm_crf.corpora.formats import FORMATS
from spacy_bilstm_crf.corpora.inputs import find_inputs
from spacy_bilstm_crf.corpora.untrained import untrained_pipeline
from spacy_bilstm_crf.evaluation.tagging import examples_as_in_training
from spacy_bilstm_crf.training.choose import choose

OURS, SPACY = "bilstm_crf_ner", "spaCy ner"


def main(
    corpora: list[str] = typer.Argument(..., help="CORPUS or CORPUS@PERCENT, one or more"),
    seeds: str = typer.Option("0,1", help="Comma-separated seeds"),
    name: str | None = typer.Option(None, help="Name of the result; by default the folder's"),
    output: Path = typer.Option(Path("training/tournament"), help="Folder for the pipelines"),
    rounds: int = typer.Option(3, help="How often prediction is timed"),
) -> None:
    """Train both on each corpus, and write benchmarks/results/tournament/NAME.json."""
    setting = machine()
    for given in corpora:
        path, _, percent = given.partition("@")
        own = name or Path(path).name
        if percent:
            own = f"{own}-{percent}-percent"
        _play(own, Path(path), int(percent or 100), seeds.split(","), output / own, rounds, setting)


def _play(
    name: str,
    path: Path,
    percent: int,
    seeds: list[str],
    output: Path,
    rounds: int,
    setting: dict[str, Any],
) -> None:
    msg.divider(name)
    file = RESULTS / "tournament" / f"{name}.json"
    result: dict[str, Any] = {"name": name, **setting, "runs": {OURS: {}, SPACY: {}}}
    if file.exists():
        result["runs"] = json.loads(file.read_text())["runs"]
    corpus, configs, facts = _prepare(path, percent, output)
    result |= facts
    models: dict[str, Language] = {}
    for system, config in configs.items():
        for seed in seeds:
            folder = output / f"{system.replace(' ', '_')}-{seed}"
            if not (folder / "minutes.txt").is_file():
                _train(config, corpus, folder, int(seed))
            if seed not in result["runs"][system]:
                nlp = spacy.load(folder / "model-best")
                minutes = float((folder / "minutes.txt").read_text())
                result["runs"][system][seed] = {**_scores(nlp, corpus), "minutes": minutes}
                write_result(f"tournament/{name}", result)
                msg.good(f"{system}, seed {seed}: {result['runs'][system][seed]}")
            models.setdefault(system, spacy.load(folder / "model-best"))
    result |= _speed(models, corpus, rounds)
    write_result(f"tournament/{name}", result)


def _prepare(
    path: Path, percent: int, output: Path
) -> tuple[Corpus, dict[str, Config], dict[str, Any]]:
    """Convert the corpus and choose the configs."""
    with tempfile.TemporaryDirectory() as folder:
        if percent < 100:
            _take_part(path, percent, Path(folder))
            path = Path(folder)
        inputs = find_inputs(path)
        reader = FORMATS[inputs.format]
        texts = [t for p in inputs.files["train"] for t in reader.read(p, ReadOptions())]
        chosen = choose(texts)
        output.mkdir(parents=True, exist_ok=True)
        file = output / "config.cfg"
        chosen.config.to_disk(file)
        converted = convert_corpus(path, output / "corpus", untrained_pipeline(file))
    for choice in chosen.choices:
        msg.text(f"{choice.name} = {choice.value}: {choice.reason}")
    lang = chosen.config["nlp"]["lang"]
    theirs = init_config(lang=lang, pipeline=["ner"], optimize="efficiency", silent=True)
    for split in ("train", "dev"):  # gold tokens, whole docs
        theirs["corpora"][split] = {
            "@readers": "spacy_bilstm_crf.SentenceRuns.v1",
            "path": f"${{paths.{split}}}",
            "max_sentences": WHOLE_DOCS,
        }
    n_words = sum(
        len(doc) for doc in read_docs(output / "corpus" / "train.spacy", spacy.blank(lang).vocab)
    )
    facts = {
        "lang": lang,
        "format": inputs.format,
        "train_words": n_words,
        "train_entities": sum(converted.splits["train"]["entities"].values()),
        "choices": {choice.name: str(choice.value) for choice in chosen.choices},
    }
    return open_corpus(output / "corpus"), {OURS: load_config(file), SPACY: theirs}, facts


def _take_part(path: Path, percent: int, folder: Path) -> None:
    """Write a part of the train and dev docs of a converted corpus, and all of test."""
    for split in ("train", "dev", "test"):
        docs = read_docs(path / f"{split}.spacy", spacy.blank("xx").vocab)
        if split != "test":
            random.Random(0).shuffle(docs)
            docs = docs[: max(3, round(len(docs) * percent / 100))]
        DocBin(docs=docs).to_disk(folder / f"{split}.spacy")


def _train(config: Config, corpus: Corpus, folder: Path, seed: int) -> None:
    """Train a pipeline, and write down the minutes that it took."""
    paths = {name: str(corpus.folder / f"{name}.spacy") for name in ("train", "dev")}
    config = Config(config.copy())
    config["paths"] |= paths
    config["system"]["seed"] = seed
    folder.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with (folder / "log.txt").open("w") as log:
        train(init_nlp(config), folder, stdout=log, stderr=log)
    minutes = (time.perf_counter() - start) / 60
    (folder / "minutes.txt").write_text(f"{minutes:.1f}")


def _scores(nlp: Language, corpus: Corpus) -> dict[str, float]:
    """F1 of dev and test in percent, with gold tokens."""
    found = {}
    for split in ("dev", "test"):
        examples = examples_as_in_training(nlp, corpus, split)
        found[f"{split}_f"] = round(100 * nlp.evaluate(examples)["ents_f"], 2)
    return found


def _speed(models: dict[str, Language], corpus: Corpus, rounds: int) -> dict[str, Any]:
    """Words per second over test, in turn, and ours to spaCy's."""
    tasks = {}
    n_words = 0
    for name, nlp in models.items():
        docs = [eg.predicted for eg in examples_as_in_training(nlp, corpus, "test")]
        n_words = sum(map(len, docs))
        tasks[name] = partial(_time, nlp, docs)
    seconds = time_in_turn(tasks, rounds)
    against = ratios(seconds[SPACY], seconds[OURS])
    return {
        "words_per_second": {n: round(n_words / median(s, 6)) for n, s in seconds.items()},
        "ratio": median(against, 2),
        "ratio_range": value_range(against, 2),
    }


def _time(nlp: Language, docs: list[Any]) -> float:
    copies = [doc.copy() for doc in docs]
    forget(nlp)
    return seconds_of(partial(tag, nlp, copies))


if __name__ == "__main__":
    typer.run(main)
