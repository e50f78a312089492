"""Learning curves: how much has to be annotated, by what is chosen."""

import statistics
from collections.abc import Callable
from typing import Any

from benchmarks.publish.tables import read_results

Result = dict[str, Any]

# By the names of the results: what the rows are called.
NAMES = {
    "random": "at random",
    "mnlp": "MNLP",
    "mnlp-diverse": "MNLP, diverse",
    "entropy": "entropy",
    "entropy-diverse": "entropy, diverse",
    "margin": "margin",
    "margin-diverse": "margin, diverse",
    "errors": "expected errors",
    "errors-diverse": "expected errors, diverse",
    "questions": "questions",
    "questions-diverse": "questions, diverse",
}
IMAGE = "img/learning-curves.svg"
"""Beside the page with the table."""
_SHARES = (0.95, 0.99)
_AT = (0.05, 0.1, 0.15)


def share_of_words(result: Result, done: Result) -> float:
    """The share of the words that were read for a round."""
    return float(done["words"] / result["all_words"])


def share_of_spans(result: Result, done: Result) -> float:
    """How many spans were marked or asked for a round, as a share of all entities."""
    return float((done["entities"] + done["questions"]) / result["all_entities"])


Share = Callable[[Result, Result], float]


def learning_curves() -> dict[str, dict[tuple[int, str], list[Result]]]:
    """By config, the results of all seeds, by words a round (0 for all at once) and name."""
    names = ["full", *NAMES]
    results = [result for result in read_results("active-learning/*") if result["rounds"]]
    results.sort(key=lambda own: (own["size"], own["batch"] or 0, names.index(own["name"])))
    found: dict[str, dict[tuple[int, str], list[Result]]] = {}
    for result in results:
        curves = found.setdefault(result["config"], {})
        curves.setdefault((result["batch"] or 0, result["name"]), []).append(result)
    return {config: curves for config, curves in found.items() if (0, "full") in curves}


def full_f1(curves: dict[tuple[int, str], list[Result]]) -> float:
    """The test F1 of what was trained on all words, in the mean over seeds."""
    return statistics.mean(run["rounds"][-1]["test_f"] for run in curves[0, "full"])


def learning_table() -> str:
    """For each config a table of a row for each way to choose: the share of words, and of spans,
    that it takes to come near the F1 of all words; and the F1 at some shares of the words."""
    tables = [_table(config, curves) for config, curves in learning_curves().items()]
    return "\n".join([*tables, f"![Learning curves]({IMAGE})", ""]) if tables else ""


def _table(config: str, curves: dict[tuple[int, str], list[Result]]) -> str:
    full = full_f1(curves)
    rows = [
        "| chosen | words a round | seeds "
        + "".join(f"| {share:.0%} of the F1: words " for share in _SHARES)
        + "".join(f"| {share:.0%}: spans " for share in _SHARES)
        + "".join(f"| F1 at {share:.0%} of the words " for share in _AT)
        + "|",
        "| --- " * (3 + 2 * len(_SHARES) + len(_AT)) + "|",
    ]
    for (batch, name), own in curves.items():
        if name == "full":
            continue
        cells = [NAMES[name], f"{batch:,}", str(len(own))]
        is_asked = own[0]["strategy"] == "questions"
        for share in (share_of_words, share_of_spans):
            for part in _SHARES:
                needed = [_first_at(run, share, part * full) for run in own]
                cells.append("" if is_asked and share is share_of_words else _percent(needed))
        cells += ["" if is_asked else _mean_f1(own, at) for at in _AT]
        rows.append(f"| {' | '.join(cells)} |")
    one = curves[0, "full"][0]
    hardware = {run["hardware"] for own in curves.values() for run in own}
    note = (
        f"`{config}`; {one['corpus']}, test, {full:.2f} with all {one['all_words']:,} words and "
        f"{one['all_entities']:,} entities; {one['threads']} thread, "
        f"{' or '.join(sorted(hardware))}"
    )
    return "\n".join([*rows, "", note, ""])


def f1_at(result: Result, share: Share, at: float) -> float | None:
    """The test F1 at a share, on a line between the rounds; None outside of them."""
    points = [(share(result, done), done["test_f"]) for done in result["rounds"]]
    for (low, before), (high, after) in zip(points, points[1:]):
        if low <= at <= high:
            return float(before + (after - before) * (at - low) / (high - low))
    return None


def _first_at(result: Result, share: Share, f1: float) -> float | None:
    """The share at which the F1 is first reached, on a line between the rounds."""
    points = [(share(result, done), done["test_f"]) for done in result["rounds"]]
    if points[0][1] >= f1:
        return points[0][0]
    for (low, before), (high, after) in zip(points, points[1:]):
        if after >= f1:
            return float(low + (high - low) * (f1 - before) / (after - before))
    return None


def _percent(values: list[float | None]) -> str:
    found = [value for value in values if value is not None]
    return f"{statistics.mean(found):.1%}" if len(found) == len(values) else "–"


def _mean_f1(results: list[Result], at: float) -> str:
    # The last round may end a little before or after a share.
    values = [f1_at(run, share_of_words, at) for run in results]
    found = [value for value in values if value is not None]
    return f"{statistics.mean(found):.2f}" if len(found) == len(values) else "–"
