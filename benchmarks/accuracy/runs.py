"""Trainings of a config over several seeds, recorded as results/accuracy-NAME.json.

A seed that is recorded already is not run again. The pipeline with the best dev score is tested, as
`benchmarks/accuracy/scores.py` says.
"""

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import spacy
from wasabi import msg
from weasel.util import get_checksum

from benchmarks.accuracy.scores import score_splits
from benchmarks.common import RESULTS, machine, write_result
from spacy_bilstm_crf.corpora.converted import open_corpus
from spacy_bilstm_crf.training.runs import check_overrides, config_hash, train_run


def record_runs(
    name: str, config: Path, corpus: Path, seeds: str, override: Sequence[str], gpu_id: int
) -> None:
    """Train and test a config with the seeds that are not recorded yet. Exits with a message if
    something can't be trained, or the result is of something else.

    name: of the result; it may have a folder.
    corpus: a folder that `convert` wrote.
    seeds: comma-separated.
    override: of the config, each KEY=VALUE.
    """
    path = RESULTS / f"accuracy-{name}.json"
    settings = dict(pair.split("=", 1) for pair in override)
    try:
        wanted = [str(int(seed)) for seed in seeds.split(",")]
        check_overrides(config, settings)
        is_brat = open_corpus(corpus).is_brat
    except (OSError, ValueError) as error:
        msg.fail("Nothing was trained", str(error), exits=1)
    what: dict[str, Any] = {
        "config": config.name,
        "config_hash": config_hash(config),
        "overrides": {key: recorded_value(value) for key, value in settings.items()},
        "corpus": corpus.name,
    }
    result: dict[str, Any] = {"name": name, **what, "runs": {}}
    if is_brat:
        result["dev_files"] = sorted(file.stem for file in (corpus / "dev").glob("*.txt"))
    if path.exists():
        earlier = json.loads(path.read_text())
        other = [f"{k}: {earlier[k]}, now {what[k]}" for k in what if earlier[k] != what[k]]
        if other:
            msg.fail(f"{path} is of something else; remove it first", "\n".join(other), exits=1)
        result["runs"] = earlier["runs"]
    setting = machine(gpu_id)
    for seed in wanted:
        if seed in result["runs"]:
            msg.info(f"Seed {seed} is recorded already")
            continue
        run = setting | train_and_score(config, corpus, seed, settings, gpu_id)
        if path.exists():  # another process may have recorded other seeds
            result["runs"] |= json.loads(path.read_text())["runs"]
        result["runs"][seed] = run
        result["runs"] = dict(sorted(result["runs"].items()))
        write_result(f"accuracy-{name}", result)
        msg.good(f"Seed {seed}: dev {run['dev_f']}, test {run.get('test_f', 'none')}")


def choose_rows(only: str, rows: Iterable[str], of: str) -> list[str]:
    """The names of rows that a comma-separated list asks for, all if it is empty. Exits with a
    message if `of` has no such rows."""
    known = list(rows)
    chosen = only.split(",") if only else known
    if unknown := [name for name in chosen if name not in known]:
        msg.fail(f"{of} has no rows {unknown}, only {', '.join(known)}", exits=1)
    return chosen


def recorded_value(value: str) -> str:
    """Word vectors by what they are, other paths by their names."""
    vectors = Path(value) / "vocab" / "vectors"
    if vectors.is_file():
        return f"vectors, md5 {get_checksum(vectors)}"
    return Path(value).name if "/" in value else value


def train_and_score(
    config: Path, corpus: Path, seed: str, settings: dict[str, str], gpu_id: int
) -> dict[str, Any]:
    """Train a config with a seed; the minutes, and the scores of the best pipeline."""
    with tempfile.TemporaryDirectory() as output:
        options = {"system.seed": seed, **settings}
        options |= {f"paths.{split}": str(corpus / f"{split}.spacy") for split in ("train", "dev")}
        run = train_run(config, options, Path(output), ["--gpu-id", str(gpu_id)])
        nlp = spacy.load(Path(output) / "model-best")
    return {"minutes": run["minutes"], **score_splits(nlp, corpus)}
