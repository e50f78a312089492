"""What TensorBoard's logger costs in training.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.loggers CORPUS [--rounds 5] [--batches 100]

Pipelines of configs/conll2003.cfg learn from the same batches in turn: without a logger, with
gradients every 50 steps (the default), and with histograms every 50 steps, too. The ratio is the
median of the rounds'. An evaluation's cost is that of the dev loss, the scores and the sample.
"""

import statistics
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import typer
from spacy.language import Language
from spacy.util import load_config, load_model_from_config, minibatch
from thinc.api import fix_random_seed
from wasabi import msg

from benchmarks.common import (
    CONFIGS,
    count_words,
    machine,
    median,
    ratios,
    read_examples,
    seconds_of,
    time_in_turn,
    write_result,
)
from spacy_bilstm_crf.training.tensorboard import TensorBoardLogger

CONFIG = CONFIGS / "conll2003.cfg"
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
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            name: _Run(corpus, batches, arguments and {**arguments, "log_dir": f"{folder}/{name}"})
            for name, arguments in VARIANTS.items()
        }
        words = runs["off"].words
        tasks = {name: run.train for name, run in runs.items()}
        seconds = time_in_turn({**tasks, "evaluation": runs["gradients"].evaluate}, rounds)
    evaluation = seconds.pop("evaluation")
    result = {
        **setting,
        "rounds": rounds,
        "words_per_second": {n: round(words / statistics.median(s)) for n, s in seconds.items()},
        "times_the_time": {
            name: median(ratios(own, seconds["off"]), 3) for name, own in seconds.items()
        },
        "seconds_per_evaluation": median(evaluation, 2),
    }
    write_result("loggers", result)
    msg.good(str(result))


class _Run:
    """A pipeline in training, with a logger or none."""

    def __init__(self, corpus: Path, batches: int, arguments: dict[str, Any] | None) -> None:
        paths = {f"paths.{split}": str(corpus / f"{split}.spacy") for split in ("train", "dev")}
        config = load_config(CONFIG, overrides=paths)
        self.nlp: Language = load_model_from_config(config, auto_fill=True)
        examples = read_examples(self.nlp, corpus / "train.spacy")
        fix_random_seed(0)
        self.optimizer = self.nlp.initialize(lambda: examples)
        self.batches = list(minibatch(examples[: 3 * batches], 3))
        self.words = sum(map(count_words, self.batches))
        self.evaluations = count()
        self.log_step: Callable[[dict[str, Any] | None], None] = lambda info: None
        if arguments:
            self.log_step, _ = TensorBoardLogger(**arguments)(self.nlp)

    def train(self) -> float:
        """RETURNS: seconds."""

        def learn() -> None:
            for batch in self.batches:
                self.nlp.update(batch, sgd=self.optimizer, drop=0.5)
                self.log_step(None)

        return seconds_of(learn)

    def evaluate(self) -> float:
        """RETURNS: the seconds that the logger takes after an evaluation."""
        (name,) = self.nlp.pipe_names
        info: dict[str, Any] = {
            "step": next(self.evaluations),
            "epoch": 0,
            "score": 0.5,
            "words": 0,
            "seconds": 0,
        }
        info |= {"losses": {name: 1.0}, "other_scores": {"ents_f": 0.5}}
        return seconds_of(lambda: self.log_step(info))


if __name__ == "__main__":
    typer.run(main)
