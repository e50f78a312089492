"""The tables of the README and of docs, from benchmarks/results."""

import json
from typing import Any

from benchmarks.common import RESULTS


def read_result(name: str) -> dict[str, Any] | None:
    """What results/NAME.json says, None if there is none yet."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def read_runs(name: str) -> list[dict[str, Any]]:
    """The runs that results/accuracy-NAME.json has, none if there is none yet."""
    result = read_result(f"accuracy-{name}")
    return list(result["runs"].values()) if result else []


def read_results(pattern: str) -> list[dict[str, Any]]:
    """The results whose names fit a pattern, sorted by name."""
    return [json.loads(path.read_text()) for path in sorted(RESULTS.glob(f"{pattern}.json"))]
