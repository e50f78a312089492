"""The figures of docs/img, drawn from benchmarks/results."""

import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "spacy-bilstm-crf"  # the same file each time
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from benchmarks.common import RESULTS, ROOT  # noqa: E402
from benchmarks.publish.tables import learning  # noqa: E402

IMAGES = ROOT / "docs" / "img"


def draw_figures() -> Iterator[Path]:
    """Draw every figure whose results are there. YIELDS: the files."""
    IMAGES.mkdir(exist_ok=True)
    figures = [
        (calibration, "calibration-conll2003"),
        (promise, "promise-conll2003"),
        (scaling, "scaling"),
    ]
    figures += [(speed, path.stem) for path in RESULTS.glob("speed-*.json")]
    for draw, name in figures:
        path = RESULTS / f"{name}.json"
        if path.exists():
            yield _save(draw(json.loads(path.read_text())), name)
    if learning.learning_curves():
        yield _save(learning_curves(), Path(learning.IMAGE).stem)


def _save(figure: Figure, name: str) -> Path:
    image = IMAGES / f"{name}.svg"
    figure.savefig(image, metadata={"Date": None}, bbox_inches="tight", dpi=150)
    return image


def calibration(result: dict[str, Any]) -> Figure:
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


def promise(result: dict[str, Any]) -> Figure:
    """The recall that is found and the precision that is paid, by promised recall."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 4))
    rows = [row for row in result["scores"]["span probability"] if "kept" in row]
    shown = {None: "in expectation", 0.95: "with 95%"}
    for axis, key in zip(axes, ("test_recall", "test_precision")):
        for confidence, label in shown.items():
            own = [row for row in rows if row["confidence"] == confidence]
            axis.plot(
                [row["recall"] for row in own],
                [row[key] for row in own],
                marker="o",
                label=label,
            )
        if "spaCy ner" in result:
            level = result["spaCy ner"][0][key]
            axis.axhline(level, color="grey", linewidth=0.8, linestyle=":", label="spaCy's ner")
        axis.set(xlabel="promised recall", ylabel=key.replace("test_", ""))
        axis.legend(frameon=False)
    axes[0].set(title="Recall on other documents")
    axes[1].set(title="Precision paid")
    return figure


def scaling(result: dict[str, Any]) -> Figure:
    """Words per second and memory by the length of docs."""
    cases = [case for case in result["cases"] if not {"labels", "hidden", "processes"} & set(case)]
    lengths = [case["length"] for case in cases]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5))
    for axis, key, title in zip(
        axes, ("words_per_second", "memory_mb"), ("Words per second", "Memory beyond the start, MB")
    ):
        axis.plot(lengths, [case[key] for case in cases], marker="o")
        axis.set(xscale="log", xlabel="tokens of a doc", title=title)
        axis.set_ylim(bottom=0)
    return figure


def speed(result: dict[str, Any]) -> Figure:
    """Words per second of every system."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 2.2), sharey=True)
    for axis, task in zip(axes, ("training", "prediction")):
        names = list(result["prediction"])[::-1]
        speeds = [result[task].get(name, {}).get("words_per_second", 0) for name in names]
        bars = axis.barh(names, speeds)
        axis.bar_label(bars, [f"{own:,}" if own else "" for own in speeds], padding=3)
        axis.set(title=f"{task}, words/s, {result['threads']} thread(s)")
        axis.margins(x=0.2)
        axis.spines[["top", "right"]].set_visible(False)
    return figure


def learning_curves() -> Figure:
    """For each config, F1 by the share of words that were annotated, and by that of spans marked or
    asked; the mean over seeds, of rounds of as many words as most ways to choose have."""
    configs = learning.learning_curves()
    size = (11, 4.5 * len(configs))
    figure, axes = plt.subplots(len(configs), 2, figsize=size, sharey="row", squeeze=False)
    for (config, curves), row in zip(configs.items(), axes):
        batch = statistics.mode(batch for batch, name in curves if name != "full")
        shown = {
            name: runs for (own, name), runs in curves.items() if own == batch and name != "full"
        }
        words, spans = row
        _draw_curves(words, shown, learning.share_of_words)
        _draw_curves(spans, shown, learning.share_of_spans)
        full = learning.full_f1(curves)
        for axis in row:
            for part in (0.95, 0.99, 1.0):
                axis.axhline(part * full, color="grey", linewidth=0.6, linestyle=":")
                axis.annotate(f"{part:.0%} of all", (0, part * full), fontsize=7, color="grey")
            axis.set_xlim(left=0)
        words.set(xlabel="words, % of all", ylabel=f"test F1, {Path(config).stem}")
        spans.set(xlabel="spans, % of all", ylim=(0.8 * full, 1.01 * full))
        spans.legend(frameon=False, fontsize=8)
    return figure


def _draw_curves(
    axis: Axes, curves: dict[str, list[learning.Result]], share: learning.Share
) -> None:
    """curves: the runs of each name."""
    for name, runs in curves.items():
        is_asked = runs[0]["strategy"] == "questions"
        if is_asked and share is learning.share_of_words:
            continue
        n_rounds = min(len(run["rounds"]) for run in runs)
        means = [
            [statistics.mean(f(run, run["rounds"][i]) for run in runs) for i in range(n_rounds)]
            for f in (share, lambda run, done: done["test_f"])
        ]
        style = ":" if name == "random" else "--" if is_asked else "-"
        axis.plot(100 * np.array(means[0]), means[1], style, label=learning.NAMES[name])
