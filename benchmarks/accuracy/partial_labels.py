"""Train on a corpus of which a share of the entities is not annotated.

    python -m benchmarks.accuracy.partial_labels CONFIG CORPUS [--seeds 0] [--only NAME]
        [--steps 4000] [--gpu-id 0]

The same entities are left out once as unknown, for the loss to sum over, and once as no entities,
as a corpus that can't say "unknown" would have it. "half-of-all-tokens" leaves out half of the
entities and half of the tokens between them, both unknown. Each row is a result of its own,
results/accuracy-partial-labels/NAME.json, as `benchmarks.accuracy` records it.
"""

import random
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import typer
from spacy.tokens import Doc
from wasabi import msg

from benchmarks.accuracy.runs import choose_rows, record_runs
from benchmarks.common import rewrite_docs


class Row(NamedTuple):
    """The share that is left out, whether it is unknown, and whether other tokens are, too."""

    share: float
    unknown: bool
    tokens: bool = False


ROWS = {
    f"{round(100 * share)}-{way}": Row(share, way == "unknown")
    for share in (0.25, 0.5, 0.75)
    for way in ("unknown", "none")
} | {"half-of-all-tokens": Row(0.5, True, tokens=True)}


def main(
    config: Path = typer.Argument(..., exists=True, help="Training config"),
    corpus: Path = typer.Argument(..., exists=True, help="Folder that `convert` wrote"),
    seeds: str = typer.Option("0", help="Comma-separated seeds"),
    only: str = typer.Option("", help="Names of rows, separated by commas"),
    steps: int = typer.Option(4000, help="Training steps"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Train with entities left out, as unknown and as none."""
    override = [f"training.optimizer.learn_rate.total_steps={steps}"]
    for name in choose_rows(only, ROWS, "The table"):
        msg.divider(name)
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / corpus.name
            folder.mkdir()
            for split in ("dev", "test"):
                shutil.copy(corpus / f"{split}.spacy", folder)
            leave_out(corpus / "train.spacy", folder / "train.spacy", ROWS[name])
            record_runs(f"partial-labels/{name}", config, folder, seeds, override, gpu_id)


def leave_out(path: Path, output: Path, row: Row) -> None:
    """Write the docs of a .spacy file with a share of their annotation left out at random, the
    same at every call."""
    chance = random.Random(0)

    def change(doc: Doc) -> None:
        out = [ent for ent in doc.ents if chance.random() < row.share]
        missing = list(out) if row.unknown else []
        if row.tokens:
            between = [doc[t.i : t.i + 1] for t in doc if not t.ent_type]
            missing += [span for span in between if chance.random() < row.share]
        ents = [ent for ent in doc.ents if ent not in out]
        doc.set_ents(ents, missing=missing, default="outside")

    rewrite_docs(path, output, change)


if __name__ == "__main__":
    typer.run(main)
