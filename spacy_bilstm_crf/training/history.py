"""The console's log of training, and the same as a file that a report draws."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from spacy.language import Language
from spacy.training.loggers import console_logger_v3

from .watch import trainable_pipes, watch_updates

Log = tuple[Callable[[dict[str, Any] | None], None], Callable[[], None]]
"""The functions that spaCy calls at each step, and at the end."""


def HistoryLogger(
    output_file: str | None = None, progress_bar: str | None = None
) -> Callable[..., Log]:
    """spaCy's console logger that also writes a line of JSON for each evaluation
    (spacy_bilstm_crf.HistoryLogger.v1).

    A line has the step, the epoch, the score, the losses (mean of the batches since the line
    before), all scores, also those of each type, the learning rate and the seconds since training
    began. A file that is there is replaced: it belongs to the run before.

    output_file: the file; null for none.
    progress_bar: null, "train" or "eval", as for `spacy.ConsoleLogger.v3`.
    """

    def setup(nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr) -> Log:
        log_console, finalize = console_logger_v3(progress_bar=progress_bar)(nlp, stdout, stderr)
        rates: dict[str, float] = {}
        last_step, per_step = -1, batches_per_step(nlp)

        def look(model: Any, sgd: Any) -> None:
            rates["learn_rate"] = float(sgd.learn_rate)

        watched = [watch_updates(pipe.model, look) for pipe in trainable_pipes(nlp)]
        if output_file:
            Path(output_file).parent.mkdir(parents=True, exist_ok=True)
            Path(output_file).write_text("")

        def log_step(info: dict[str, Any] | None) -> None:
            nonlocal last_step
            log_console(info)
            if info is None or not output_file:
                return
            n_batches = (info["step"] - last_step) * per_step
            last_step = info["step"]
            row = {key: info[key] for key in ("step", "epoch", "score", "seconds")}
            losses = info["losses"].items()
            row["losses"] = {name: float(loss) / n_batches for name, loss in losses}
            row |= {"scores": info["other_scores"], **rates}
            with Path(output_file).open("a", encoding="utf8") as file:
                file.write(json.dumps(row) + "\n")

        def close() -> None:
            for end in watched:
                end()
            finalize()

        return log_step, close

    return setup


def batches_per_step(nlp: Language) -> int:
    """The batches whose losses spaCy adds up in a step: `[training] accumulate_gradient`."""
    return int(nlp.config.interpolate()["training"]["accumulate_gradient"])
