"""Sweeps: a config trained with every combination of some settings, each run in its own folder."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.util import dict_to_dot

from ..corpora.untrained import read_config
from .runs import check_overrides, config_hash, train_run


class PlannedRun(NamedTuple):
    """A run of a sweep, trained or not.

    name: what sets it apart from the others, for people.
    overrides: values by their dotted names.
    folder: where it is trained; two runs with other settings never have the same.
    """

    name: str
    overrides: dict[str, Any]
    folder: Path

    @property
    def history(self) -> Path:
        """The file that HistoryLogger.v1 writes."""
        return self.folder / "history.jsonl"


def plan_runs(config: Path, output: Path, settings: Mapping[str, Any]) -> list[PlannedRun]:
    """The runs of a sweep: every combination of values.

    config: one with HistoryLogger.v1.
    output: the folder of their folders. A run that it has already keeps its own.
    settings: by dotted name, a value, or several separated by commas.
    RAISES: OSError, or ValueError if it is no config to train with, or lacks one of the settings or
        a history.
    """
    if "paths.history" not in dict_to_dot(read_config(config)):
        raise ValueError(f"{config} has no [paths] history: see HistoryLogger.v1.")
    check_overrides(config, settings)
    return [
        PlannedRun(name, overrides, _folder(output, config, name, overrides))
        for name, overrides in _combinations(settings)
    ]


def train_planned(config: Path, run: PlannedRun, options: Sequence[str] = ()) -> dict[str, Any]:
    """Train a run, or find it trained, with all its logs in its folder.

    options, RETURNS, RAISES: as for `train_run`.
    """
    logs = {"paths.history": str(run.history)}
    for name in dict_to_dot(read_config(config)):
        if name.startswith("training.logger.") and name.endswith(".log_dir"):
            logs[name] = str(run.folder / "tensorboard")
    return train_run(config, {**run.overrides, **logs}, run.folder, options)


def _combinations(settings: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every combination of values, with a name made of those that differ."""
    values = {name: _values(value) for name, value in settings.items()}
    for chosen in itertools.product(*values.values()):
        overrides = dict(zip(values, chosen))
        parts = [
            f"{name.rsplit('.', 1)[-1]}={value}"
            for name, value in overrides.items()
            if len(values[name]) > 1
        ]
        yield ", ".join(parts) or "run", overrides


def _values(value: Any) -> list[Any]:
    """The values that an option lists: JSON values, or else strings, each once."""
    if not isinstance(value, str):
        return [value]
    try:
        values = json.loads(f"[{value}]")
    except ValueError:
        values = value.split(",")
    return list({json.dumps(value): value for value in values}.values())


def _folder(output: Path, config: Path, name: str, overrides: dict[str, Any]) -> Path:
    """The folder of a run: the one that these settings have already, or else a new one with a
    name for people."""
    settings = json.dumps([config_hash(config), overrides], sort_keys=True)
    key = hashlib.sha256(settings.encode()).hexdigest()[:8]
    readable = re.sub(r"[^\w.=+-]+", "_", name)[:80]
    return next(output.glob(f"*-{key}"), output / f"{readable}-{key}")
