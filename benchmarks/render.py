"""Render the tables of the README and of docs from benchmarks/results.

python -m benchmarks.render [--check]
"""

import re
from collections.abc import Callable
from pathlib import Path

import typer
from wasabi import msg

from benchmarks.tables import ablations, accuracy, errors, probabilities, speed

ROOT = Path(__file__).parents[1]
PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {
        "accuracy": accuracy.accuracy_table,
        "rurebus": accuracy.rurebus_table,
        "ingredients": accuracy.ingredients_table,
        "speed": speed.speed_table,
        "loggers": speed.loggers_table,
    },
    "docs/accuracy.md": {
        "options": ablations.options_table,
        "vectors": ablations.vectors_table,
        "huang2015": ablations.huang_table,
        "errors": errors.errors_table,
    },
    "docs/probabilities.md": {
        "features": probabilities.features_table,
        "calibration": probabilities.calibration_table,
        "partial": probabilities.partial_table,
        "growing": probabilities.growing_table,
    },
    "docs/speed.md": {
        "stages": speed.stages_table,
        "kernels": speed.kernels_table,
        "growth": speed.growth_table,
    },
}


def main(
    check: bool = typer.Option(False, help="Only tell whether the tables are up to date"),
) -> None:
    """Write the tables into their pages."""
    for name, tables in PAGES.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        new = render(text, tables)
        if check and new != text:
            msg.fail(f"{name} is not what benchmarks/results gives: run this without --check")
            raise typer.Exit(1)
        path.write_text(new, encoding="utf-8")
        msg.good(f"{name} is up to date")


def render(text: str, tables: dict[str, Callable[[], str]]) -> str:
    """Put each table between its markers."""
    for name, table in tables.items():
        pattern = rf"(<!-- RESULTS: {name} -->\n).*?(<!-- END RESULTS -->)"
        rows = table()
        text, found = re.subn(pattern, lambda m: m[1] + rows + m[2], text, flags=re.DOTALL)  # noqa: B023
        if found != 1:
            raise ValueError(f"The markers of the table {name!r} must be there once.")
    return text


if __name__ == "__main__":
    typer.run(main)
