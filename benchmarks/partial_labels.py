"""Train on a corpus of which a share of the entities is not annotated.

    python -m benchmarks.partial_labels CONFIG CORPUS [--shares 0,0.25,0.5,0.75] [--steps 4000]

The same entities are left out once as unknown, for the loss to sum over, and once as no entities,
as a corpus that can't say "unknown" would have it. "half of all tokens" leaves out half of the
entities and half of the tokens between them, both unknown. What is recorded is not run again.
"""

import json
import random
import shutil
import tempfile
from pathlib import Path

import spacy
import typer
from spacy.tokens import DocBin
from wasabi import msg

from .accuracy import RESULTS, machine, train_and_score


def main(
    config: Path = typer.Argument(..., help="Training config"),
    corpus: Path = typer.Argument(..., help="Folder that `convert` wrote"),
    shares: str = typer.Option("0,0.25,0.5,0.75", help="Shares of the entities left out"),
    steps: int = typer.Option(4000, help="Training steps"),
    seed: int = typer.Option(0, help="Seed of the training and of what is left out"),
) -> None:
    """Train with entities left out, as unknown and as none."""
    setting = machine()
    path = RESULTS / f"partial-labels-{corpus.name}.json"
    result = {
        "corpus": corpus.name,
        "config": config.name,
        "steps": steps,
        "seed": seed,
        **setting,
        "runs": json.loads(path.read_text())["runs"] if path.exists() else {},
    }
    wanted = [(float(s), way) for s in shares.split(",") for way in ("unknown", "none")]
    wanted = [(share, way) for share, way in wanted if share or way == "unknown"]
    for share, way in [*wanted, (0.5, "half of all tokens")]:
        name = f"{share:g} {way}"
        if name in result["runs"]:
            msg.info(f"'{name}' is recorded already")
            continue
        with tempfile.TemporaryDirectory() as folder:
            for split in ("dev", "test"):
                shutil.copy(corpus / f"{split}.spacy", folder)
            _leave_out(corpus / "train.spacy", Path(folder), share, way, seed)
            settings = {"training.optimizer.learn_rate.total_steps": str(steps)}
            result["runs"][name] = train_and_score(config, Path(folder), str(seed), settings)
        path.write_text(json.dumps(result, indent=2) + "\n")
        msg.good(f"{name}: {result['runs'][name]}")


def _leave_out(path: Path, folder: Path, share: float, way: str, seed: int) -> None:
    nlp, rng = spacy.blank("xx"), random.Random(seed)
    kept = DocBin()
    for doc in DocBin().from_disk(path).get_docs(nlp.vocab):
        out = [ent for ent in doc.ents if rng.random() < share]
        ents = [ent for ent in doc.ents if ent not in out]
        between = [doc[t.i : t.i + 1] for t in doc if not t.ent_type and rng.random() < share]
        missing = out + between if way == "half of all tokens" else out
        doc.set_ents(ents, missing=[] if way == "none" else missing, default="outside")
        kept.add(doc)
    kept.to_disk(folder / path.name)


if __name__ == "__main__":
    typer.run(main)
