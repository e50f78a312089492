"""What TensorBoard's logger costs in training.

    OMP_NUM_THREADS=1 python -m benchmarks.loggers CORPUS [--rounds 5] [--batches 100]

Pipelines of configs/conll2003.cfg learn from the same batches in turn: without a logger, with
gradients every 50 steps (the default), and with histograms every 50 steps, too. The ratio is the
median of the rounds'. An evaluation's cost is that of the dev loss, the scores and the sample.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from spacy.language import Language
from spacy.util import load_config, load_model_from_config, minibatch
from thinc.api import fix_random_seed
from wasabi import msg

from benchmarks.accuracy import RESULTS, machine
from spacy_bilstm_crf.training.corpus import SentenceRuns
from spacy_bilstm_crf.training.tensorboard import TensorBoardLogger

CONFIG = Path(__file__).parents[1] / "configs" / "conll2003.cfg"
VARIANTS: dict[str, dict[str, Any] | None] = {
    "off": None,
    "gradients": {"gradients_every": 50},
    "histograms": {"gradients_every": 50, "histograms_every": 50},
}


def main(
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and dev.spacy"),
    rounds: int = typer.Option(5, help="How often each is timed"),
    batches: int = typer.Option(100, help="Batches of a round"),
) -> None:
    """Time training with and without the logger, and write benchmarks/results/loggers.json."""
    setting = machine()
    seconds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    evaluation: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            name: _Run(corpus, batches, arguments and {**arguments, "log_dir": f"{folder}/{name}"})
            for name, arguments in VARIANTS.items()
        }
        words = runs["off"].words
        for nth in range(rounds + 1):
            for name, run in runs.items():
                taken = run.train()
                if nth > 0:  # the first round warms up
                    seconds[name].append(taken)
            evaluation.append(runs["gradients"].evaluate(nth))
    result = {
        **setting,
        "rounds": rounds,
        "words_per_second": {n: round(words / statistics.median(s)) for n, s in seconds.items()},
        "times_the_time": {
            name: round(statistics.median(b / a for a, b in zip(seconds["off"], own)), 3)
            for name, own in seconds.items()
        },
        "seconds_per_evaluation": round(statistics.median(evaluation), 2),
    }
    (RESULTS / "loggers.json").write_text(json.dumps(result, indent=2) + "\n")
    msg.good(str(result))


class _Run:
    """A pipeline in training, with a logger or none."""

    def __init__(self, corpus: Path, batches: int, arguments: dict[str, Any] | None) -> None:
        paths = {f"paths.{split}": str(corpus / f"{split}.spacy") for split in ("train", "dev")}
        config = load_config(CONFIG, overrides=paths)
        self.nlp: Language = load_model_from_config(config, auto_fill=True)
        examples = list(SentenceRuns(corpus / "train.spacy", max_sentences=8)(self.nlp))
        fix_random_seed(0)
        self.optimizer = self.nlp.initialize(lambda: examples)
        self.batches = list(minibatch(examples[: 3 * batches], 3))
        self.words = sum(len(eg.predicted) for batch in self.batches for eg in batch)
        self.log_step: Callable[[dict[str, Any] | None], None] = lambda info: None
        if arguments:
            self.log_step, _ = TensorBoardLogger(**arguments)(self.nlp)

    def train(self) -> float:
        """RETURNS: seconds."""
        start = time.perf_counter()
        for batch in self.batches:
            self.nlp.update(batch, sgd=self.optimizer, drop=0.5)
            self.log_step(None)
        return time.perf_counter() - start

    def evaluate(self, step: int) -> float:
        """RETURNS: the seconds that the logger takes after an evaluation."""
        (name,) = self.nlp.pipe_names
        info = {"step": step, "epoch": 0, "score": 0.5, "words": 0, "seconds": 0}
        start = time.perf_counter()
        self.log_step({**info, "losses": {name: 1.0}, "other_scores": {"ents_f": 0.5}})
        return time.perf_counter() - start


if __name__ == "__main__":
    typer.run(main)
