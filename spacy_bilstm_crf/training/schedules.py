"""Learning rates that Thinc's schedules do not give."""

from __future__ import annotations

import math
from collections.abc import Iterator

from thinc.types import Generator


class Plateau(Iterator[float]):
    """A learning rate that falls when the dev score no longer rises; see `plateau`."""

    def __init__(
        self,
        schedule: float | Iterator[float],
        factor: float,
        patience: int,
        min_improvement: float,
        min_rate: float,
    ) -> None:
        self.schedule = schedule
        self.factor, self.patience = factor, patience
        self.min_improvement, self.min_rate = min_improvement, min_rate
        self.scale = 1.0
        self.best: float | None = None
        self.n_worse = 0
        self.rate = 0.0
        self.source: str | None = None

    def __next__(self) -> float:
        """The rate of the next step. After the end of the schedule below, its last one stays."""
        if isinstance(self.schedule, (int, float)):
            self.rate = float(self.schedule)
        else:
            self.rate = next(self.schedule, self.rate)
        scaled = self.rate * self.scale
        return max(scaled, min(self.min_rate, self.rate))

    def report(self, score: float, source: str = "") -> None:
        """Take in the score of an evaluation; higher is better. The component calls this, with its
        name: of several components the first one to report counts."""
        if self.source is None:
            self.source = source
        if source != self.source:
            return
        if self.best is None or score > self.best + self.min_improvement:
            self.best, self.n_worse = score, 0
            return
        self.n_worse += 1
        if self.n_worse > self.patience:
            self.scale *= self.factor
            self.n_worse = 0


def plateau(
    schedule: float | Generator,
    factor: float = 0.5,
    patience: int = 3,
    min_improvement: float = 0.0,
    min_rate: float = 0.0,
) -> Plateau:
    """Multiply the learning rate whenever the dev score has not risen for some evaluations
    (spacy_bilstm_crf.plateau.v1), as `torch.optim.lr_scheduler.ReduceLROnPlateau` does with an
    absolute threshold.

    Thinc's optimizer does not see scores. The component does, when it is evaluated, and reports
    its F1 to the schedules of the optimizer that it is next updated with.

    schedule: the rate, or another schedule that gives it, such as one that warms up.
    factor: what the rate is multiplied by.
    patience: so many evaluations without a better score are let pass, and at the next one it is;
        `[training] eval_frequency` says how many steps lie between them.
    min_improvement: how much better a score must be, from 0 to 1.
    min_rate: the rate does not fall below it.
    RAISES: ValueError if a number is out of its range.
    """
    if not 0.0 < factor < 1.0 or patience < 0 or min_improvement < 0.0 or min_rate < 0.0:
        raise ValueError(
            "plateau needs a factor between 0 and 1, and a patience, a "
            "min_improvement and a min_rate of at least 0; got "
            f"{factor}, {patience}, {min_improvement} and {min_rate}."
        )
    return Plateau(schedule, factor, patience, min_improvement, min_rate)  # type: ignore[arg-type]


def cosine(initial_rate: float, total_steps: int, warmup_steps: int = 0) -> Iterator[float]:
    """Rise linearly for the first steps, then fall to 0 along half a cosine
    (spacy_bilstm_crf.cosine.v1; Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983,
    without restarts).

    initial_rate: the highest rate.
    total_steps: the step at which the rate is 0.
    warmup_steps: steps until the highest rate.
    RAISES: ValueError if there are fewer steps than those of the warm-up, or none.
    """
    if not 0 <= warmup_steps < total_steps:
        raise ValueError(
            f"cosine needs more steps than its warm-up has, got {total_steps} and {warmup_steps}."
        )
    return _cosine(initial_rate, total_steps, warmup_steps)


def _cosine(initial_rate: float, total_steps: int, warmup_steps: int) -> Iterator[float]:
    step = 0
    while True:
        if step < warmup_steps:
            yield initial_rate * step / warmup_steps
        else:
            done = min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))
            yield initial_rate * 0.5 * (1.0 + math.cos(math.pi * done))
        step += 1
