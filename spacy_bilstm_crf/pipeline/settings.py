"""The settings of the component that may change while it is in use, in its `cfg`."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

CONFIDENCE = ("off", "entities", "spans")


def check_settings(cfg: Mapping[str, Any], name: str) -> None:
    """Check the thresholds and `confidence`: a config sets them, and users and spaCy's
    `find-threshold` set them later.

    name: the component's name, for errors.
    RAISES: ValueError if a threshold is no number from 0 to 1, or confidence is unknown.
    """
    for key in ("threshold", "spans_threshold"):
        value = cfg[key]
        if value is None and key == "threshold":
            continue
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number or not 0.0 <= float(value) <= 1.0:
            raise ValueError(f"{key} of '{name}' must be a number from 0 to 1, got {value!r}.")
    if cfg["confidence"] not in CONFIDENCE:
        raise ValueError(
            f"confidence of '{name}' must be 'off', 'entities' or 'spans', "
            f"got {cfg['confidence']!r}."
        )
