"""Tables rendered into the README and into docs, from benchmarks/results."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.common import ROOT
from benchmarks.publish.tables import (
    ablations,
    accuracy,
    audit,
    errors,
    learning,
    probabilities,
    sentiment,
    serving,
    speed,
    summary,
    tournament,
)

PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"summary": summary.summary_table},
    "docs/accuracy.md": {
        "accuracy": accuracy.accuracy_table,
        "rurebus": accuracy.rurebus_table,
        "ingredients": accuracy.ingredients_table,
        "options": ablations.options_table,
        "vectors": ablations.vectors_table,
        "huang2015": ablations.huang_table,
        "errors": errors.errors_table,
        "tournament": tournament.tournament_table,
        "sentiment-imdb": partial(sentiment.sentiment_table, "imdb"),
        "sentiment-tweets": partial(sentiment.sentiment_table, "tweets"),
    },
    "docs/audit.md": {
        "audit-planted": audit.planted_table,
        "audit-corrected": audit.corrected_table,
    },
    "docs/annotation.md": {"learning": learning.learning_table},
    "docs/probabilities.md": {
        "option-cost": probabilities.option_cost_table,
        "calibration": probabilities.calibration_table,
        "temperature": probabilities.temperature_table,
        "maps": probabilities.maps_table,
        "promise": probabilities.promise_table,
        "partial": probabilities.partial_table,
        "continual-learning": probabilities.continual_learning_table,
    },
    "docs/monitoring.md": {"loggers": speed.loggers_table},
    "docs/serving.md": {"serving": serving.load_table, "serving-soak": serving.soak_table},
    "docs/speed.md": {
        "speed": speed.speed_table,
        "streams": speed.streams_table,
        "workers": speed.workers_table,
        "latency": speed.latency_table,
        "stages": speed.stages_table,
        "kernels": speed.kernels_table,
        "scaling": speed.scaling_table,
    },
}


def rendered_pages() -> Iterator[tuple[Path, str, str]]:
    """YIELDS: each page's path, its text, and its text with the tables that the results give."""
    for name, tables in PAGES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        yield path, text, render(text, tables)


def render(text: str, tables: dict[str, Callable[[], str]]) -> str:
    """Put each table between its markers."""
    for name, table in tables.items():
        pattern = rf"(<!-- RESULTS: {name} -->\n).*?(<!-- END RESULTS -->)"
        rows = table()
        text, found = re.subn(pattern, lambda m: m[1] + rows + m[2], text, flags=re.DOTALL)  # noqa: B023
        if found != 1:
            raise ValueError(f"The markers of the table {name!r} must be there once.")
    return text
