"""Self-contained HTML pages from this package's templates."""

from typing import Any

from jinja2 import Environment, PackageLoader


def render_page(template: str, **values: Any) -> str:
    """A page. template: the file's name in `templates`. values: what it shows; text is escaped."""
    environment = Environment(
        loader=PackageLoader("spacy_bilstm_crf.evaluation"), autoescape=True, trim_blocks=True
    )
    environment.filters["percent"] = percent
    return environment.get_template(template).render(**values)


def percent(value: float | None) -> str:
    """0.5 as 50.00, and what is unknown as a dash."""
    return "–" if value is None else f"{100 * value:.2f}"
