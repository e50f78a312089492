"""Training seen in TensorBoard."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import IO, Any

from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import dict_to_dot, registry, resolve_dot_names
from thinc.api import Model, Optimizer
from wasabi import msg

from ..pipeline.prediction import label_and_confidence
from ..tags import tag_names
from ..torch_bridge.torch_layer import module_of
from ..torch_bridge.weights import norms, weights_of
from .history import Log, batches_per_step
from .validation import validate
from .watch import trainable_pipes, watch_updates

# A gradient that is so small or so large beside its weights (root mean square of both) does not
# train them, or throws them about: seen in TensorBoard, and said once.
_VANISHING, _EXPLODING = 1e-7, 1e2
# Biases and fresh weights may be next to 0: gradients are compared with this then.
_SMALLEST = 0.1


def TensorBoardLogger(
    log_dir: str,
    gradients_every: int = 50,
    histograms_every: int = 0,
    sample_docs: int = 10,
    validation: bool = True,
) -> Callable[..., Log]:
    """Write what happens in training for TensorBoard (spacy_bilstm_crf.TensorBoardLogger.v1). It
    prints nothing: set it beside the console's by `spacy.ChainLogger.v1`.

    At each evaluation: the training loss (mean over the batches since the one before) and the loss
    and token accuracy on the dev corpus, read without dropout; all scores, those of each type, too;
    the learning rate; words per second. Every few steps: the norm of the gradient of each weight
    tensor before clipping, and how many tensors have one that vanishes or explodes; and histograms
    of weights and gradients. At the end: the CRF's transitions, for the projector and as a picture,
    and the config as hyperparameters, to compare runs. From the first evaluation on, some dev docs
    as they are tagged.

    log_dir: the folder of this run; TensorBoard shows those under a folder beside one another.
    gradients_every: steps between norms of gradients, 0 for none.
    histograms_every: steps between histograms, 0 for none: they cost more.
    sample_docs: so many dev docs are shown.
    validation: whether to compute the loss and the token accuracy on dev.
    RAISES: ValueError if tensorboard is not installed, or a number is negative.
    """
    for name, value in [
        ("gradients_every", gradients_every),
        ("histograms_every", histograms_every),
        ("sample_docs", sample_docs),
    ]:
        if value < 0:
            raise ValueError(f"{name} of TensorBoardLogger must be at least 0, got {value}.")
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ValueError(
            'TensorBoardLogger needs tensorboard: pip install "spacy-bilstm-crf[tensorboard]".'
        ) from error

    def setup(nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr) -> Log:
        writer = SummaryWriter(log_dir)
        pipes = trainable_pipes(nlp)
        n = batches_per_step(nlp)
        runs = [_Run(writer, pipe, n, gradients_every, histograms_every) for pipe in pipes]
        losses = {
            pipe.name: ["Multiline", [f"loss/{pipe.name}/{on}" for on in ("train", "dev")]]
            for pipe in pipes
        }
        writer.add_custom_scalars({"losses, training beside dev": losses})
        examples = _dev_examples(nlp) if validation or sample_docs else []
        progress = _Progress(writer)

        def log_step(info: dict[str, Any] | None) -> None:
            if info is None:
                progress.end = perf_counter()
                return
            progress.log(info)
            for run in runs:
                run.log(info)
            averages = next((run.sgd.averages for run in runs if run.sgd is not None), None)
            with nlp.use_params(averages):  # as spaCy scores and saves with `use_averages`
                for run in runs if validation else ():
                    _log_validation(writer, nlp, run, examples, info["step"])
                docs = [eg.predicted.copy() for eg in examples[:sample_docs]]
                text = "\n\n".join(as_markdown(doc) for doc in nlp.pipe(docs))
            if sample_docs:
                writer.add_text("sample", text, info["step"])
            writer.flush()
            progress.begin = perf_counter()

        def finalize() -> None:
            for run in runs:
                run.close()
            _log_hparams(writer, nlp, progress.best)
            writer.close()

        return log_step, finalize

    return setup


class _Progress:
    """Log what is the same for all components: scores and speed."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer
        self.best: float | None = None
        self.words = 0
        self.begin = self.end = perf_counter()

    def log(self, info: dict[str, Any]) -> None:
        """Called after each evaluation."""
        step = info["step"]
        if self.end > self.begin:  # without the time that evaluation and logging take
            speed = (info["words"] - self.words) / (self.end - self.begin)
            self.writer.add_scalar("words_per_second", speed, step)
        self.words = info["words"]
        self.writer.add_scalar("score", info["score"], step)
        self.best = max(info["score"], self.best or 0.0)
        for name, value in dict_to_dot(info["other_scores"]).items():
            if isinstance(value, (int, float)):
                self.writer.add_scalar(f"scores/{name.replace('.', '/')}", value, step)


class _Run:
    """One component in training: its losses, gradients and weights, and transitions, if any."""

    def __init__(
        self,
        writer: Any,
        pipe: Any,
        batches_per_step: int,
        gradients_every: int,
        histograms_every: int,
    ) -> None:
        self.writer, self.pipe, self.batches_per_step = writer, pipe, batches_per_step
        self.every = {"gradients": gradients_every, "histograms": histograms_every}
        self.step, self.logged_step = 0, 0
        self.sgd: Optimizer | None = None
        self.learn_rate = 0.0
        self.warned: set[str] = set()
        self.cannot_validate = False
        self.stop_watching = watch_updates(pipe.model, self.look)

    def look(self, model: Model[Any, Any], sgd: Optimizer) -> None:
        """Called before each update, when the gradients are there."""
        self.step += 1
        self.sgd, self.learn_rate = sgd, float(sgd.learn_rate)
        due = {what for what, every in self.every.items() if every and self.step % every == 0}
        if not due:
            return
        weights = [weight for weight in weights_of(model) if weight.gradient is not None]
        if "gradients" in due:
            self._log_norms(weights)
        if "histograms" in due:
            for name, value, gradient in weights:
                self._log_histogram(f"weights/{self.pipe.name}/{name}", value)
                self._log_histogram(f"gradients/{self.pipe.name}/{name}", gradient)

    def _log_histogram(self, tag: str, values: Any) -> None:
        if values.isfinite().all():  # else there are no bins, and there is an alarm
            self.writer.add_histogram(tag, values, self.step)

    def _log_norms(self, weights: list[Any]) -> None:
        sizes = [max(1, weight.value.numel()) ** 0.5 for weight in weights]
        gradients = norms([weight.gradient for weight in weights]).tolist()
        values = norms([weight.value for weight in weights]).tolist()
        found: dict[str, list[str]] = {"vanishing": [], "exploding": []}
        for weight, norm, size, value in zip(weights, gradients, sizes, values):
            self.writer.add_scalar(f"gradient_norm/{self.pipe.name}/{weight.name}", norm, self.step)
            relative = (norm / size) / max(value / size, _SMALLEST)
            if relative < _VANISHING:
                found["vanishing"].append(weight.name)
            elif not relative < _EXPLODING:  # not a number, too
                found["exploding"].append(weight.name)
        total = sum(norm**2 for norm in gradients) ** 0.5
        self.writer.add_scalar(f"gradient_norm_of_all/{self.pipe.name}", total, self.step)
        for what, names in found.items():
            self.writer.add_scalar(f"gradient_alarm/{self.pipe.name}/{what}", len(names), self.step)
            if names and what not in self.warned:
                self.warned.add(what)
                text = (
                    f"{what} gradients in {self.pipe.name} at step {self.step}: {', '.join(names)}"
                )
                self.writer.add_text("gradient_alarm", text, self.step)
                msg.warn(text[0].upper() + text[1:])

    def log(self, info: dict[str, Any]) -> None:
        """Called after each evaluation."""
        # spaCy sums the losses since the last evaluation.
        n_batches = (self.step - self.logged_step) * self.batches_per_step
        if n_batches > 0 and self.pipe.name in info["losses"]:
            mean = float(info["losses"][self.pipe.name]) / n_batches
            self.writer.add_scalar(f"loss/{self.pipe.name}/train", mean, info["step"])
        self.logged_step = self.step
        if self.sgd is not None:
            self.writer.add_scalar(f"learn_rate/{self.pipe.name}", self.learn_rate, info["step"])

    def close(self) -> None:
        """Log the transitions, and let the component alone."""
        self.stop_watching()
        if not self.pipe.model.has_ref("crf"):
            return
        module = module_of(self.pipe.model.get_ref("crf"))
        if module.settings["decoder"] != "crf":
            return
        crf = module.chain
        scores = crf.transitions.detach().cpu()
        names = tag_names(self.pipe.labels)
        self.writer.add_embedding(scores, metadata=names, tag=f"{self.pipe.name}/transitions")
        low, high = scores.min(), scores.max()
        picture = ((scores - low) / (high - low).clamp(min=1e-9)).unsqueeze(0)
        picture = picture.repeat_interleave(12, 1).repeat_interleave(12, 2)
        self.writer.add_image(f"{self.pipe.name}/transitions", picture, self.step)


def _log_validation(
    writer: Any, nlp: Language, run: _Run, examples: list[Example], step: int
) -> None:
    if run.cannot_validate:
        return
    try:
        loss, accuracy = validate(nlp, run.pipe, examples)
    except ValueError as error:
        # Such as a label that the component does not have, or a component that tells no loss.
        run.cannot_validate = True
        msg.warn(f"No loss on dev: {error}")
        return
    for tag, value in [("loss/{}/dev", loss), ("token_accuracy/{}", accuracy)]:
        if value is not None:
            writer.add_scalar(tag.format(run.pipe.name), value, step)


def _log_hparams(writer: Any, nlp: Language, best: float | None) -> None:
    """The config's numbers and words, and the best score, for TensorBoard's table of runs."""
    from torch.utils.tensorboard.summary import hparams

    config = nlp.config.interpolate()
    own = {name: config[name] for name in ("training", "components")}
    values = {
        name: value
        for name, value in dict_to_dot(own).items()
        if isinstance(value, (bool, int, float, str))
    }
    for summary in hparams(values, {"best_score": best or 0.0}):
        writer.file_writer.add_summary(summary)
    if best is not None:
        writer.add_scalar("best_score", best)


def _dev_examples(nlp: Language) -> list[Example]:
    config = nlp.config.interpolate()
    settings = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    (corpus,) = resolve_dot_names(config, [settings["dev_corpus"]])
    return list(corpus(nlp))


def as_markdown(doc: Doc) -> str:
    """A doc's text with its entities in bold and their labels, and confidences where there are
    any, after them; then its labels, the most probable one first."""
    parts, end = [], 0
    for ent in doc.ents:
        parts.append(doc.text[end : ent.start_char])
        parts.append(f"**{ent.text.strip()}** `{label_and_confidence(ent)}` ")
        end = ent.end_char
    labels = sorted(doc.cats.items(), key=lambda own: -own[1])
    cats = "".join(f" **{label}** `{value:.2f}`" for label, value in labels)
    return " ".join(("".join(parts) + doc.text[end:] + cats).split())
