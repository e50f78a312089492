"""How sure a mean F1, or the difference between two systems, is.

    python -m benchmarks.accuracy.significance NAME [OTHER] [--samples 10000]

NAME is that of results/accuracy-NAME.json. Bootstrap over the test docs (Efron and Tibshirani 1993;
paired for two systems, as Berg-Kirkpatrick et al. 2012, https://aclanthology.org/D12-1091/): docs
are drawn with replacement, and the F1 on them is taken for every seed and averaged. What differs
between seeds is in the standard deviation of the runs, not in these intervals.
"""

import json
from typing import NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from wasabi import msg

from benchmarks.common import RESULTS


class Interval(NamedTuple):
    """A value in percent, and the bounds of its 95% interval."""

    value: float
    low: float
    high: float


def main(
    name: str = typer.Argument(..., help="Name of a result"),
    other: str = typer.Argument("", help="Name of one to compare it with"),
    samples: int = typer.Option(10000, help="Bootstrap samples"),
) -> None:
    """Print the interval of the test F1, or of the gain over another system."""
    try:
        counts = read_counts(name)
        others = read_counts(other) if other else None
    except ValueError as error:
        msg.fail(str(error), exits=1)
    value, low, high = f1_interval(counts, samples)
    msg.info(f"{name}: F1 {value:.2f}, 95% interval {low:.2f} to {high:.2f}, {len(counts)} seeds")
    if others is not None:
        value, low, high = gain_interval(counts, others, samples)
        msg.info(f"{name} over {other}: {value:+.2f}, 95% interval {low:+.2f} to {high:+.2f}")


def read_counts(name: str, split: str = "test") -> NDArray[np.int64]:
    """The counts of a result. RETURNS: (seeds, docs, 3): right, predicted and gold entities."""
    path = RESULTS / f"accuracy-{name}.json"
    if not path.exists():
        raise ValueError(f"There is no result {name!r}: {path}")
    runs = json.loads(path.read_text())["runs"].values()
    if not all(f"{split}_counts" in run for run in runs):
        raise ValueError(f"The runs of {name!r} were recorded without counts: train them again.")
    rows = [[doc.split() for doc in run[f"{split}_counts"].split(", ")] for run in runs]
    return np.array(rows, dtype=np.int64)


def f1_interval(counts: NDArray[np.int64], samples: int = 10000) -> Interval:
    """The mean F1 of a system over its seeds. counts: (seeds, docs, 3)."""
    draws = _draws(counts.shape[1], samples)
    return _interval(_f1(counts.sum(axis=1)).mean(), _f1(draws @ counts).mean(axis=0))


def gain_interval(
    counts: NDArray[np.int64], other: NDArray[np.int64], samples: int = 10000
) -> Interval:
    """The difference of the mean F1 of two systems on the same docs. (seeds, docs, 3) each; the
    numbers of seeds may differ."""
    if counts.shape[1] != other.shape[1]:
        raise ValueError(f"{counts.shape[1]} and {other.shape[1]} docs can't be compared.")
    draws = _draws(counts.shape[1], samples)
    means = [(_f1(c.sum(axis=1)).mean(), _f1(draws @ c).mean(axis=0)) for c in (counts, other)]
    return _interval(means[0][0] - means[1][0], means[0][1] - means[1][1])


def _draws(n_docs: int, samples: int) -> NDArray[np.int64]:
    """How often each sample has each doc. RETURNS: (samples, docs)."""
    chance = np.random.default_rng(0)
    return chance.multinomial(n_docs, np.full(n_docs, 1 / n_docs), size=samples)


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(..., 3) -> (...,) in percent."""
    right, predicted, gold = np.moveaxis(counts, -1, 0)
    f1: NDArray[np.float64] = 200.0 * right / np.maximum(predicted + gold, 1)
    return f1


def _interval(value: float, sampled: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(sampled, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


if __name__ == "__main__":
    typer.run(main)
