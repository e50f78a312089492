"""Trainings that go on where they were interrupted, in spaCy's own loop.

After each evaluation, what the loop can't make again is saved: weights, the optimizer's moments,
the states of the random generators, the scores, and the best model. A resumed training runs the
same loop from its first step. Up to the last save it only draws its batches, and is given the
scores that were; then what was saved is put back, and it trains on. On one thread the result is
that of a training that was not interrupted; with spaCy's own ner and parser it is near.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import srsly
import torch
from spacy.language import Language
from thinc.api import Model, Ops, Optimizer

from ..torch_bridge.shim import TorchShim
from ..torch_bridge.weights import weights_of
from .watch import trainable_pipes, watch_updates

_FOLDER = "resume"
_STATE = "state.msgpack"


class Saved(NamedTuple):
    """A save: its folder, and the state in it."""

    folder: Path
    state: dict[str, Any]


def fingerprint(nlp: Language, paths: Iterable[Path]) -> str:
    """What a training depends on: its config, and the files that it reads."""
    digest = hashlib.sha256(nlp.config.to_str().encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def find_saved(output: Path) -> Saved | None:
    """The last save of a training that writes to a folder, None if there is none.

    RAISES: ValueError if it is damaged.
    """
    folder = output / _FOLDER
    for path in sorted(folder.glob("[0-9]*"), reverse=True) if folder.is_dir() else ():
        if path.suffix:
            continue
        try:
            return Saved(path, dict(srsly.read_msgpack(path / _STATE)))
        except Exception as error:
            raise ValueError(
                f"{path} can't be read ({type(error).__name__}). Remove {folder}, and train anew."
            ) from error
    return None


def remove_saved(output: Path) -> None:
    """Remove the saves of a training."""
    shutil.rmtree(output / _FOLDER, ignore_errors=True)


@contextmanager
def resumable(nlp: Language, output: Path, key: str, saved: Saved | None) -> Iterator[None]:
    """Let spaCy's `train` of `nlp`, which writes to `output`, be resumed, and resume it.

    key: `fingerprint` of the training.
    saved: where to go on; None to begin.
    RAISES: ValueError if what was saved is of another training.
    """
    if saved is not None and saved.state["key"] != key:
        raise ValueError(
            f"The interrupted training in {output} had another config or other texts. Undo the "
            "change, or begin anew with --force."
        )
    run = _Run(nlp, output, key, saved)
    originals = {name: getattr(nlp, name) for name in ("update", "evaluate", "to_disk")}
    for name in originals:
        setattr(nlp, name, getattr(run, name))
    watched = [watch_updates(pipe.model, run.note_optimizer) for pipe in trainable_pipes(nlp)]
    try:
        yield
    finally:
        for name in originals:
            delattr(nlp, name)
        for end in watched:
            end()


class _Run:
    """Stands between spaCy's loop and the pipeline."""

    def __init__(self, nlp: Language, output: Path, key: str, saved: Saved | None) -> None:
        self.nlp = nlp
        self.output = output
        self.key = key
        self.saved = saved
        self.evaluations: list[dict[str, Any]] = []
        self.losses: dict[str, float] = {}
        self.optimizer: Optimizer | None = None
        self.is_new = False  # there is an evaluation since the last save
        self._update, self._evaluate, self._to_disk = nlp.update, nlp.evaluate, nlp.to_disk

    def update(self, examples: Any, **kwargs: Any) -> dict[str, float]:
        """`nlp.update`, after the save or what was saved, if it is time."""
        self.losses = kwargs["losses"]
        if self.saved is not None:
            before = self.saved.state["evaluations"]
            if len(self.evaluations) < len(before):
                self.losses.update(before[len(self.evaluations)]["losses"])
                return self.losses
            self._restore(self.saved.state)
            self.saved = None
        if self.is_new:
            self._save()
        return self._update(examples, **kwargs)

    def evaluate(self, examples: Any, **kwargs: Any) -> dict[str, Any]:
        """`nlp.evaluate`, or the scores that were saved."""
        if self.saved is not None:
            known = self.saved.state["evaluations"][len(self.evaluations)]
            for _, pipe in self.nlp.pipeline:
                if hasattr(pipe, "note_scores"):
                    pipe.note_scores(known["scores"])
            self.evaluations.append(known)
            return dict(known["scores"])
        scores = self._evaluate(examples, **kwargs)
        losses = {name: float(loss) for name, loss in self.losses.items()}
        self.evaluations.append({"scores": scores, "losses": losses})
        self.is_new = True
        return scores

    def to_disk(self, path: Path, **kwargs: Any) -> None:
        """`nlp.to_disk`, or a copy of the best model that was saved."""
        if self.saved is None:
            self._to_disk(path, **kwargs)
        else:
            shutil.copytree(self.saved.folder / "model-best", path, dirs_exist_ok=True)

    def note_optimizer(self, model: Model[Any, Any], sgd: Optimizer) -> None:
        """Called before each update."""
        self.optimizer = sgd

    def _save(self) -> None:
        assert self.optimizer is not None
        state = {
            "key": self.key,
            "evaluations": self.evaluations,
            "weights": {name: _array(value) for name, value in self._weights()},
            "optimizer": self._optimizer_state(self.optimizer),
            "rows": {
                place: {name: _array(last) for name, last in shim.row_state().items()}
                for place, shim in self._shims()
            },
            "random": _random_state(),
        }
        folder = self.output / _FOLDER / f"{len(self.evaluations):06}"
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        shutil.copytree(self.output / "model-best", unfinished / "model-best")
        srsly.write_msgpack(unfinished / _STATE, state)
        unfinished.rename(folder)
        for other in folder.parent.iterdir():
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        self.is_new = False

    def _restore(self, state: dict[str, Any]) -> None:
        assert self.optimizer is not None
        for name, value in self._weights():
            value.copy_(torch.from_numpy(np.array(state["weights"][name])))
        self._set_optimizer_state(self.optimizer, state["optimizer"])
        for place, shim in self._shims():
            rows = {name: torch.from_numpy(np.array(a)) for name, a in state["rows"][place].items()}
            shim.set_row_state(rows, self.optimizer)
        _set_random_state(state["random"])

    def _models(self) -> Iterator[tuple[str, Any]]:
        for name, pipe in self.nlp.pipeline:
            model = getattr(pipe, "model", None)
            if getattr(pipe, "is_trainable", False) and model not in (True, False, None):
                yield name, model

    def _weights(self) -> Iterator[tuple[str, torch.Tensor]]:
        for pipe, model in self._models():
            for weight in weights_of(model):
                yield f"{pipe}/{weight.name}", weight.value

    def _shims(self) -> Iterator[tuple[str, TorchShim]]:
        for pipe, model in self._models():
            for number, node in enumerate(model.walk()):
                for shim in node.shims:
                    if isinstance(shim, TorchShim):
                        yield f"{pipe}/{number}", shim

    def _places(self) -> dict[int, tuple[str, Ops]]:
        """Where in the pipeline the nodes and shims with these ids are, for ids may be others in
        another process; and the ops of their arrays, for some stay on the CPU beside a GPU."""
        places: dict[int, tuple[str, Ops]] = {}
        for pipe, model in self._models():
            for number, node in enumerate(model.walk()):
                places.setdefault(node.id, (f"{pipe}/{number}", node.ops))
                for shim in node.shims:
                    places[shim.id] = f"{pipe}/{number}/shim", node.ops
        return places

    def _optimizer_state(self, optimizer: Optimizer) -> dict[str, Any]:
        places = self._places()
        return {
            part: [[places[id_][0], name, _array(value)] for (id_, name), value in own.items()]
            for part in ("mom1", "mom2", "averages", "nr_update")
            if (own := getattr(optimizer, part)) is not None
        }

    def _set_optimizer_state(self, optimizer: Optimizer, state: dict[str, Any]) -> None:
        by_place = {place: (id_, ops) for id_, (place, ops) in self._places().items()}
        for part, entries in state.items():
            own = getattr(optimizer, part)
            own.clear()
            for place, name, value in entries:
                id_, ops = by_place[place]
                if part != "nr_update":
                    value = ops.asarray(np.array(value))  # type: ignore[arg-type]
                own[id_, name] = value


def _array(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy().copy()
    if hasattr(value, "get"):  # CuPy
        return value.get()
    return value


def _random_state() -> dict[str, Any]:
    version, words, gauss = random.getstate()
    kind, keys, *rest = np.random.get_state()
    state: dict[str, Any] = {
        "python": [version, list(words), gauss],
        "numpy": [kind, keys, *rest],
        "torch": torch.get_rng_state().numpy(),
    }
    if torch.cuda.is_available():
        state["cuda"] = [own.numpy() for own in torch.cuda.get_rng_state_all()]
    return state


def _set_random_state(state: dict[str, Any]) -> None:
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    np.random.set_state(tuple(state["numpy"]))
    torch.set_rng_state(torch.from_numpy(np.array(state["torch"])))
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all([torch.from_numpy(np.array(a)) for a in state["cuda"]])
