"""Confidences that are right as often as they say."""

from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..evaluation.held_out import find_recognizer, read_held_out
from ..evaluation.save import check_output, save_settings
from ..evaluation.temperature import Calibration, calibrate
from ..pipeline.bilstm_crf_ner import BiLSTMCRFRecognizer
from ..tagging.load import load_pipeline
from .options import GpuId

_ROWS = {
    "expected calibration error": "expected_calibration_error",
    "Brier score": "brier_score",
    "log-loss, nats an entity": "log_loss",
    "gold tags, nats a token": "sequence_loss",
    "mean confidence": "mean_confidence",
    "share that is right": "precision",
}


def calibrate_cli(
    model: str = typer.Argument(..., help="A trained pipeline: its folder, or its package"),
    dev: Path = typer.Argument(
        ..., help="Annotated texts that it was not trained on: a .spacy file, or a corpus with dev"
    ),
    output: Path | None = typer.Option(
        None, "--output", "-o", help="New folder for the pipeline; by default MODEL is changed"
    ),
    component: str | None = typer.Option(None, help="Which component, if there are several"),
    folds: int = typer.Option(5, help="Folds of the cross-validation"),
    seed: int = typer.Option(0, help="Seed of the folds"),
    gpu_id: GpuId = -1,
) -> None:
    """Calibrate the probabilities of a pipeline by one temperature, which makes the gold tags of
    dev most likely.

    It is kept in the component's settings, and acts on confidences, spans, thresholds and n-best
    analyses alike. The best entities stay the same. What is printed is measured by
    cross-validation: each document of dev at the temperature that the others give.
    """
    try:
        check_output(model, output)
        setup_gpu(gpu_id, silent=True)
        nlp = load_pipeline(model)
        name, pipe = find_recognizer(nlp, component)
        held_out = read_held_out(nlp, pipe, dev)
        found = calibrate(nlp, held_out, name=name, folds=folds, seed=seed)
        had_promise = pipe.cfg["promise"] is not None
        pipe.cfg.update({"temperature": found.temperature, "promise": None})
        folder = save_settings(nlp, name, model, output)
    except (ValueError, OSError) as error:
        msg.fail("The pipeline can't be calibrated", str(error), exits=1)
    print_calibration(found)
    if had_promise:
        msg.warn(
            "What `tune` promised holds no longer",
            "Its threshold is of other probabilities: run `tune` again.",
        )
    elif pipe.cfg["threshold"] is not None:
        msg.warn(f"The threshold of {pipe.cfg['threshold']:g} now is of calibrated probabilities")
    msg.good(
        f"{folder}: temperature {found.temperature:g}, from {held_out.n_documents:,} documents of "
        f"{held_out.path}"
    )


def calibrate_on_dev(model: Path, corpus: Path) -> None:
    """Calibrate a pipeline in its place, after training. Where that is not possible, it stays as it
    is, and a warning says why. A pipeline without a component of ours is left alone.

    corpus: a folder with dev.spacy.
    """
    nlp = load_pipeline(model)
    if not any(isinstance(pipe, BiLSTMCRFRecognizer) for _, pipe in nlp.pipeline):
        return
    msg.divider("Calibration")
    try:
        name, pipe = find_recognizer(nlp)
        if pipe.cfg["threshold"] is not None:
            raise ValueError(
                f"The config's threshold of {pipe.cfg['threshold']:g} is of probabilities as they "
                "are: calibrated, they would give other entities. For both, run `calibrate`, and "
                "choose the threshold anew, by `tune` or `spacy find-threshold`."
            )
        found = calibrate(nlp, read_held_out(nlp, pipe, corpus), name=name)
        pipe.cfg["temperature"] = found.temperature
        save_settings(nlp, name, model, None)
    except (ValueError, OSError) as error:
        msg.warn("Confidences are not calibrated", str(error))
        return
    print_calibration(found)
    msg.info(f"Temperature {found.temperature:g}, from dev, on which model-best was chosen, too")


def print_calibration(found: Calibration) -> None:
    """Print what was measured before and after, in a table."""
    msg.table(
        [
            (shown, *("-" if own.get(key) is None else f"{own[key]:.4f}" for own in found[1:]))
            for shown, key in _ROWS.items()
        ],
        header=("", "before", "after"),
        aligns=("l", "r", "r"),
    )
