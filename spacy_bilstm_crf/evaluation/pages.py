"""Self-contained HTML pages from templates, and what several of them show."""

from typing import Any

from jinja2 import Environment, PackageLoader

from .errors import confusion_rows
from .svg import line_chart


def render_page(
    template: str, *, package: str = "spacy_bilstm_crf.evaluation", **values: Any
) -> str:
    """A page. template: the file's name in the `templates` of a package. values: what it shows;
    text is escaped."""
    environment = Environment(loader=PackageLoader(package), autoescape=True, trim_blocks=True)
    environment.filters["percent"] = percent
    return environment.get_template(template).render(**values)


def percent(value: float | None) -> str:
    """0.5 as 50.00, and what is unknown as a dash."""
    return "–" if value is None else f"{100 * value:.2f}"


def heat(confusion: dict[str, dict[str, int]]) -> dict[str, Any]:
    """A "confusion" as columns and rows, counts with the share of their row, which colours them."""
    columns, counts = confusion_rows(confusion)
    rows = [(label, [(n, round(n / (sum(row) or 1), 3)) for n in row]) for label, row in counts]
    return {"columns": columns, "rows": rows}


def reliability(bins: list[dict[str, float]]) -> str:
    """A chart of the "bins" of `calibration`."""
    points = [(row["confidence"], row["right"]) for row in bins]
    chart = {"as it should be": [(0.0, 0.0), (1.0, 1.0)], "as it is": points}
    return line_chart(chart, x_name="confidence", low=0.0, high=1.0, markers=True)
