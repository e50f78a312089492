"""Draw the figures of docs/img from benchmarks/results.

python -m benchmarks.draw
"""

import json
from pathlib import Path
from typing import Any

import matplotlib
import typer
from wasabi import msg

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "spacy-bilstm-crf"  # the same file each time
from matplotlib import pyplot as plt  # noqa: E402

from .accuracy import RESULTS  # noqa: E402

IMAGES = Path(__file__).parents[1] / "docs" / "img"


def main() -> None:
    """Draw every figure whose results are there."""
    IMAGES.mkdir(exist_ok=True)
    for draw, name in ((calibration, "calibration-conll2003"),):
        path = RESULTS / f"{name}.json"
        if path.exists():
            figure = draw(json.loads(path.read_text()))
            figure.savefig(
                IMAGES / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight", dpi=150
            )
            msg.good(f"{IMAGES / name}.svg")


def calibration(result: dict[str, Any]) -> plt.Figure:
    """How often entities of a confidence are right, in bins with at least ten of them; and
    precision and recall by threshold."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
    left.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
    for name, marker in (("bilstm_crf_ner", "o"), ("beam_ner", "s")):
        if name in result:
            bins = [row for row in result[name]["bins"] if row["entities"] >= 10]
            error = result[name]["expected_calibration_error"]
            left.plot(
                [row["confidence"] for row in bins],
                [row["right"] for row in bins],
                marker=marker,
                label=f"{name}, ECE {error:.4f}",
            )
    left.set(xlabel="mean confidence", ylabel="share of right entities", title="Reliability (dev)")
    left.legend(frameon=False, loc="lower right")
    plain, *rows = result["thresholds"]
    right.plot([row["r"] for row in rows], [row["p"] for row in rows], marker=".")
    for row in rows[::3]:
        right.annotate(
            f"{row['threshold']:.2f}",
            (row["r"], row["p"]),
            textcoords="offset points",
            xytext=(4, 4),
        )
    right.plot(plain["r"], plain["p"], marker="*", markersize=12, label="no threshold")
    right.set(xlabel="recall", ylabel="precision", title="By threshold (dev)")
    right.legend(frameon=False)
    return figure


if __name__ == "__main__":
    typer.run(main)
