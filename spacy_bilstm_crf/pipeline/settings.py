"""The settings of the component, which may change while it is in use: its `cfg`."""

from __future__ import annotations

import math
import warnings
import weakref
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from numbers import Real
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.util import load_config

CONFIDENCE = ("off", "entities", "spans")
SETTINGS = (
    "threshold",
    "confidence",
    "spans_key",
    "spans_threshold",
    "overwrite_ents",
    "incorrect_spans_key",
    "weights_key",
    "join",
    "temperature",
    "promise",
)
LEAST_PROBABILITY = 0.01
"""Spans that are less probable are not computed: nearly all are, and they are as many as the square
of the length."""


class Settings(dict[str, Any]):
    """The settings of a component, and its "labels". Users and spaCy's `find-threshold` set them
    later than the config does: each is checked when it is set, and the config of the pipeline is
    changed with it, so that the two never say different things.

    name: the component's name, for errors.
    RAISES: ValueError if a key is no setting, or a value is not one that it may have.
    """

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        super().__init__()
        self.name = name
        self._nlp: weakref.ref[Language] | None = None
        self.update(values)

    def follow(self, nlp: Language) -> None:
        """Change the config of this pipeline, as long as it has the component."""
        self._nlp = weakref.ref(nlp)

    def __setitem__(self, key: str, value: Any) -> None:
        value = check_setting(key, value, self.name)
        super().__setitem__(key, value)
        nlp = None if self._nlp is None else self._nlp()
        if nlp is not None and key in SETTINGS:
            for name, pipe in nlp.components:
                if getattr(pipe, "cfg", None) is self:
                    nlp.get_pipe_config(name)[key] = value

    @contextmanager
    def changed(self, **settings: Any) -> Iterator[None]:
        """Change settings for a while."""
        before = {key: self[key] for key in settings}
        try:
            self.update(settings)
            yield
        finally:
            self.update(before)

    update = MutableMapping.update  # type: ignore[assignment]
    setdefault = MutableMapping.setdefault  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return Settings, (dict(self), self.name)


def check_setting(key: str, value: Any, name: str) -> Any:
    """Check one setting. RETURNS: the value, numbers as floats. RAISES: as `Settings`."""
    if key in ("threshold", "spans_threshold", "join"):
        if value is None and key == "threshold":
            return None
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number or not 0.0 <= float(value) <= 1.0:
            raise ValueError(f"{key} of '{name}' must be a number from 0 to 1, got {value!r}.")
        if key != "join" and 0.0 < float(value) < LEAST_PROBABILITY:
            warnings.warn(
                f"{key} of '{name}' is {value}, and acts as {LEAST_PROBABILITY}: spans that are "
                "less probable are not computed.",
                stacklevel=4,
            )
        return float(value)
    if key == "temperature":
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number or not 0.0 < float(value) < math.inf:
            raise ValueError(f"temperature of '{name}' must be a number above 0, got {value!r}.")
        return float(value)
    if key == "promise" and not isinstance(value, (Mapping, type(None))):
        raise ValueError(f"promise of '{name}' must be what `tune` wrote, or null, got {value!r}.")
    if key == "confidence" and value not in CONFIDENCE:
        raise ValueError(
            f"confidence of '{name}' must be 'off', 'entities' or 'spans', got {value!r}."
        )
    if key == "overwrite_ents" and not isinstance(value, bool):
        raise ValueError(f"overwrite_ents of '{name}' must be true or false, got {value!r}.")
    is_key = isinstance(value, str) and value or value is None and key != "spans_key"
    if key in ("spans_key", "incorrect_spans_key", "weights_key") and not is_key:
        raise ValueError(f"{key} of '{name}' must be a key of doc.spans, got {value!r}.")
    if key != "labels" and key not in SETTINGS:
        raise ValueError(f"'{name}' has no setting {key!r}: it has {', '.join(SETTINGS)}.")
    return value


def check_settings(cfg: Mapping[str, Any], name: str) -> None:
    """Check all settings, also where a plain dict has been put in the place of `Settings`."""
    for key, value in cfg.items():
        check_setting(key, value, name)


def settings_to_save(cfg: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Select what the component's folder holds of `cfg`. The settings are those of the pipeline's
    config.cfg beside it: only what that does not know is added, with what it says instead. That is
    so in a pipeline which has the component from another one, and is not told of changes.

    path: the component's folder.
    RETURNS: a record for `load_settings`; all of `cfg` if there is no config beside the folder.
    """
    file = path.parent / "config.cfg"
    components = load_config(file).get("components", {}) if file.is_file() else {}
    if path.name not in components:
        return dict(cfg)
    config = components[path.name]
    changed = {
        key: {"config": config.get(key), "changed_to": cfg[key]}
        for key in SETTINGS
        if not _same(config.get(key), cfg[key])
    }
    return {"labels": cfg["labels"], "changed": changed}


def load_settings(cfg: Settings, saved: Mapping[str, Any]) -> None:
    """Set what was saved. Where config.cfg has been edited since, or the setting is given when
    the pipeline is loaded, it stands."""
    cfg.update({key: value for key, value in saved.items() if key != "changed"})
    for key, record in saved.get("changed", {}).items():
        if _same(cfg[key], record["config"]):
            cfg[key] = record["changed_to"]


def _same(value: Any, other: Any) -> bool:
    # A float that was written as JSON may be read as its neighbour.
    if isinstance(value, float) and isinstance(other, Real):
        return math.isclose(value, float(other))
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        return value.keys() == other.keys() and all(_same(value[k], other[k]) for k in value)
    return bool(value == other)
