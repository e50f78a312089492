"""Train a config over several seeds and record what it reaches.

    python -m benchmarks.accuracy NAME CONFIG CORPUS [--seeds 0,1,2] [--override KEY=VALUE ...]
        [--gpu-id 0]

CORPUS is a folder that `python -m spacy bilstm-crf convert` wrote. A seed that is recorded already
is not run again. The pipeline with the best dev score is tested. A corpus in columns: on gold
tokens, with gold sentence starts; on the same docs without any ("unmarked"); and on each sentence
as a doc of its own ("alone"). A corpus in brat: on raw text, by the official score of its files.
"""

import json
import os
import platform
import re
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import spacy
import torch
import typer
from seqeval.metrics import f1_score
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import require_gpu
from wasabi import msg
from weasel.util import get_checksum

from spacy_bilstm_crf.cli.predict import predict
from spacy_bilstm_crf.corpora.brat_score import score_folders
from spacy_bilstm_crf.corpora.converted import RAW_SPLITS, open_corpus
from spacy_bilstm_crf.training.corpus import without_annotation
from spacy_bilstm_crf.training.runs import check_overrides, config_hash, train_run

RESULTS = Path(__file__).parent / "results"


def main(
    name: str = typer.Argument(..., help="Name of the result, results/accuracy-NAME.json"),
    config: Path = typer.Argument(..., exists=True, help="Training config"),
    corpus: Path = typer.Argument(..., exists=True, help="Folder that `convert` wrote"),
    seeds: str = typer.Option("0,1,2", help="Comma-separated seeds"),
    override: list[str] = typer.Option([], help="Config override KEY=VALUE; may be repeated"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Train and test a config with several seeds."""
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
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():  # another process may have recorded other seeds
            result["runs"] |= json.loads(path.read_text())["runs"]
        result["runs"][seed] = run
        result["runs"] = dict(sorted(result["runs"].items()))
        path.write_text(json.dumps(result, indent=2) + "\n")
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
        scores: dict[str, Any] = {"minutes": run["minutes"]}
        nlp = spacy.load(Path(output) / "model-best")
    converted = open_corpus(corpus)
    if converted.is_brat:
        for split in RAW_SPLITS:
            if split in converted.splits:
                scores |= {f"{split}_{k}": v for k, v in _score_files(nlp, corpus / split).items()}
        return scores
    for split in ("dev", "test"):
        gold = list(DocBin().from_disk(corpus / f"{split}.spacy").get_docs(nlp.vocab))
        docs = _tag(nlp, gold, sentences=True)
        scores |= {f"{split}_{key}": value for key, value in _score(docs, gold).items()}
        scores[f"{split}_counts"] = _counts(docs, gold)
        scores[f"{split}_unmarked_f"] = _score(_tag(nlp, gold, sentences=False), gold)["f"]
        alone = [sentence.as_doc() for doc in gold for sentence in doc.sents]
        scores[f"{split}_alone_f"] = _score(_tag(nlp, alone, sentences=True), alone)["f"]
    return scores


def _tag(nlp: Language, gold: list[Doc], *, sentences: bool) -> list[Doc]:
    docs = [without_annotation(doc, sentences=sentences) for doc in gold]
    return list(nlp.pipe(docs))


def _counts(docs: list[Doc], gold: list[Doc]) -> str:
    """Of each doc, the entities that are right, predicted, and in the gold standard: what a
    bootstrap over docs needs."""
    counts = []
    for doc, reference in zip(docs, gold):
        found, expected = (
            {(ent.start, ent.end, ent.label_) for ent in each.ents} for each in (doc, reference)
        )
        counts.append(f"{len(found & expected)} {len(found)} {len(expected)}")
    return ", ".join(counts)


def _score(docs: list[Doc], gold: list[Doc]) -> dict[str, float]:
    """Precision, recall and F1 by spaCy's scorer, and F1 by seqeval, in percent."""
    scores = get_ner_prf([Example(doc, reference) for doc, reference in zip(docs, gold)])
    seqeval = f1_score([_iob(doc) for doc in gold], [_iob(doc) for doc in docs])
    return {
        "f": round(100 * scores["ents_f"], 3),
        "p": round(100 * scores["ents_p"], 3),
        "r": round(100 * scores["ents_r"], 3),
        "seqeval_f": round(100 * seqeval, 3),
    }


def _score_files(nlp: Language, gold: Path) -> dict[str, Any]:
    """Precision, recall and F1 of .ann files tagged from raw text, and F1 per type, in percent."""
    with tempfile.TemporaryDirectory() as predicted:
        predict(nlp, gold, Path(predicted))
        scores = score_folders(gold, predicted)
    return {
        **{key: round(100 * scores[f"ents_{key}"], 3) for key in "fpr"},
        "per_type": {k: round(100 * v["f"], 3) for k, v in scores["ents_per_type"].items()},
    }


def _iob(doc: Doc) -> list[str]:
    return [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc]


def machine(gpu_id: int = -1) -> dict[str, Any]:
    """Let torch use as many threads as OMP_NUM_THREADS says, and spaCy the GPU, if one is given.
    RETURNS: for the record of a result, the hardware, the threads and the versions."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    hardware = f"{processor()}, {os.cpu_count()} cores"
    if gpu_id >= 0:
        require_gpu(gpu_id)
        hardware += f", {torch.cuda.get_device_name(gpu_id)}"
    versions = {"spacy": version("spacy"), "torch": torch.__version__}
    return {"hardware": hardware, "threads": torch.get_num_threads(), "versions": versions}


def processor() -> str:
    """The name of this machine's processor."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


if __name__ == "__main__":
    typer.run(main)
