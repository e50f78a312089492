"""Train a config over several seeds and record what it reaches.

    python -m benchmarks.accuracy NAME CONFIG CORPUS [--seeds 0,1,2] [--override KEY=VALUE ...]

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
from pathlib import Path
from typing import Any

import spacy
import torch
import typer
from seqeval.metrics import f1_score
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from wasabi import msg

from spacy_bilstm_crf.cli.predict import predict
from spacy_bilstm_crf.corpora.brat_score import score_folders
from spacy_bilstm_crf.training.corpus import without_annotation
from spacy_bilstm_crf.training.runs import config_hash, train_run

RESULTS = Path(__file__).parent / "results"


def main(
    name: str = typer.Argument(..., help="Name of the result, results/accuracy-NAME.json"),
    config: Path = typer.Argument(..., exists=True, help="Training config"),
    corpus: Path = typer.Argument(..., exists=True, help="Folder that `convert` wrote"),
    seeds: str = typer.Option("0,1,2", help="Comma-separated seeds"),
    override: list[str] = typer.Option([], help="Config override KEY=VALUE; may be repeated"),
) -> None:
    """Train and test a config with several seeds."""
    setting = machine()
    path = RESULTS / f"accuracy-{name}.json"
    settings = dict(pair.split("=", 1) for pair in override)
    shown = {key: Path(value).name if "/" in value else value for key, value in settings.items()}
    result = {
        "name": name,
        "config": config.name,
        "config_hash": config_hash(config),
        "overrides": shown,
        "corpus": corpus.name,
        **setting,
        "versions": {"spacy": spacy.__version__, "torch": torch.__version__},
        "runs": {},
    }
    if (corpus / "dev").is_dir():
        result["dev_files"] = sorted(file.stem for file in (corpus / "dev").glob("*.txt"))
    if path.exists():
        earlier = json.loads(path.read_text())
        same = all(earlier[key] == result[key] for key in ("config_hash", "overrides", "corpus"))
        if not same:
            msg.fail(f"{path} is of another config or corpus; remove it first", exits=1)
        result["runs"] = earlier["runs"]
    for seed in seeds.split(","):
        if seed in result["runs"]:
            msg.info(f"Seed {seed} is recorded already")
            continue
        run = train_and_score(config, corpus, seed, settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():  # another process may have recorded other seeds
            result["runs"] |= json.loads(path.read_text())["runs"]
        result["runs"][seed] = run
        result["runs"] = dict(sorted(result["runs"].items()))
        path.write_text(json.dumps(result, indent=2) + "\n")
        msg.good(f"Seed {seed}: dev {run['dev_f']}, test {run.get('test_f', 'none')}")


def train_and_score(
    config: Path, corpus: Path, seed: str, settings: dict[str, str]
) -> dict[str, Any]:
    """Train a config with a seed; the minutes, and the scores of the best pipeline."""
    with tempfile.TemporaryDirectory() as output:
        options = {"system.seed": seed, **settings}
        options |= {f"paths.{split}": str(corpus / f"{split}.spacy") for split in ("train", "dev")}
        run = train_run(config, options, Path(output))
        scores: dict[str, Any] = {"minutes": run["minutes"]}
        nlp = spacy.load(Path(output) / "model-best")
    if (corpus / "dev").is_dir():
        for split in ("dev", "test"):
            if (corpus / split).is_dir():
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


def _tag(nlp: spacy.Language, gold: list[Doc], *, sentences: bool) -> list[Doc]:
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


def _score_files(nlp: spacy.Language, gold: Path) -> dict[str, Any]:
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


def machine() -> dict[str, Any]:
    """Let torch use as many threads as OMP_NUM_THREADS says. RETURNS: for the record of a result,
    the hardware and the threads."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    hardware = f"{processor()}, {os.cpu_count()} cores"
    return {"hardware": hardware, "threads": torch.get_num_threads()}


def processor() -> str:
    """The name of this machine's processor."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


if __name__ == "__main__":
    typer.run(main)
