"""Publish the results: render the tables of the README and of docs, and draw the figures.

python -m benchmarks.publish [--check]
"""

import typer
from wasabi import msg

from benchmarks.common import ROOT
from benchmarks.publish.draw import draw_figures
from benchmarks.publish.render import rendered_pages


def main(
    check: bool = typer.Option(False, help="Only tell whether the tables are up to date"),
) -> None:
    """Write the tables into their pages, and draw the figures."""
    for path, text, new in rendered_pages():
        page = path.relative_to(ROOT)
        if check and new != text:
            msg.fail(f"{page} is not what benchmarks/results gives: run this without --check")
            raise typer.Exit(1)
        path.write_text(new, encoding="utf-8")
        msg.good(f"{page} is up to date")
    if not check:
        for image in draw_figures():
            msg.good(f"{image.relative_to(ROOT)} is drawn")


if __name__ == "__main__":
    typer.run(main)
