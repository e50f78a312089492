"""Runs of `spacy train`, recorded so that none is done twice."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from spacy.util import dict_to_dot

from ..corpora.files import write_whole
from ..corpora.untrained import read_config

RECORD = "run.json"
# Settings of a component that `calibrate` and `tune` find, and training knows nothing of.
_SET_LATER = ("temperature", "promise")


def config_hash(path: Path) -> str:
    """A hash that tells apart configs which train differently: not of their loggers or layout or of
    what is set after training, and of their paths, and the key of weights, those that they give.

    RAISES: ValueError if it is no config to train with.
    """
    config = read_config(path)
    if "training" not in config:
        raise ValueError(f"{path} has no [training]: give a config that `spacy train` takes.")
    paths = config.pop("paths", {})
    given = {k: v for k, v in paths.items() if v is not None and k != "history"}
    if given:
        config["paths"] = given
    config["training"].pop("logger", None)
    for block in config.get("components", {}).values():
        for key in _SET_LATER:
            block.pop(key, None)
        if block.get("weights_key") is None:
            block.pop("weights_key", None)
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:12]


def check_overrides(config: Path, names: Iterable[str]) -> None:
    """Check that a config has these settings: spaCy would train without a word about others.

    names: dotted, such as "training.dropout".
    RAISES: ValueError if it lacks one.
    """
    known = dict_to_dot(read_config(config))
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise ValueError(f"{config} has no setting {name}.{hint}")


def train_run(
    config: Path, overrides: Mapping[str, Any], output: Path, options: Sequence[str] = ()
) -> dict[str, Any]:
    """Train a config into a folder by `spacy train`, in a process of its own, which prints its
    progress. A run that the folder has already, finished and with these settings, is not repeated.

    overrides: values by their dotted names.
    output: gets model-best, model-last and the record, run.json.
    options: further ones of `spacy train`, such as --gpu-id 0.
    RETURNS: the record: the config's name and hash, the overrides, the minutes and, of model-best,
        the performance in its meta.
    RAISES: subprocess.CalledProcessError if training fails, ValueError if the record is damaged.
    """
    asked = {
        "config": config.name,
        "config_hash": config_hash(config),
        "overrides": {name: str(value) for name, value in overrides.items()},
    }
    record = output / RECORD
    if record.is_file():
        found = _read_record(record)
        if {key: found.get(key) for key in asked} == asked:
            return found
        record.unlink()
    command = [sys.executable, "-m", "spacy", "train", str(config), "--output", str(output)]
    command += options
    for name, value in overrides.items():
        command += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
    start = time.time()
    subprocess.run(command, check=True)
    meta: dict[str, Any] = _read_json(output / "model-best" / "meta.json")
    result = {
        **asked,
        "minutes": round((time.time() - start) / 60, 2),
        "performance": meta["performance"],
    }
    write_whole(record, json.dumps(result, indent=2).encode())
    return result


def _read_json(path: Path) -> Any:
    # Not srsly's reader, to which 0.3 is 0.30000000000000004.
    return json.loads(path.read_text(encoding="utf-8"))


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record = _read_json(path)
        if set(record) >= {"config", "config_hash", "overrides", "minutes", "performance"}:
            float(record["minutes"])
            dict(record["performance"])
            return dict(record)
    except (ValueError, TypeError, AttributeError):
        pass
    raise ValueError(f"{path} is damaged. Remove it, and the run is trained again.")
