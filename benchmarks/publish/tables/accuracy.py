"""How right."""

import statistics
from collections.abc import Iterable
from typing import Any

from benchmarks.accuracy.significance import f1_interval, read_counts
from benchmarks.publish.tables import read_result

NAMES = {
    "conll2003-fast": "`configs/conll2003-fast.cfg`, no outside data",
    "conll2003": "`configs/conll2003.cfg`, no outside data",
    "conll2003-softmax": "`configs/conll2003-softmax.cfg`, no outside data",
    "conll2003-best": "`configs/conll2003-best.cfg`, GloVe 6B 50d",
    "conll2003-transformer": "`configs/conll2003-transformer.cfg`, MiniLM-L6 (22M), 600 steps",
}

RUREBUS = {
    "rurebus": "`configs/rurebus.cfg`, no outside data",
    "rurebus-vectors": "`configs/rurebus-vectors.cfg`, floret vectors of 544 unlabelled texts",
    "rurebus/conll2003": "the recipe of `configs/conll2003.cfg`, no outside data",
    "rurebus-vectors/conll2003": "the recipe of `configs/conll2003-best.cfg`, floret vectors of "
    "these and the training texts",
}


def accuracy_table() -> str:
    """Mean and standard deviation over the seeds of each system."""
    rows = [
        "| | seeds | dev | test | 95% interval | unmarked | minutes a run | on two threads |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    notes = set()
    for name, shown in NAMES.items():
        result = read_result(f"accuracy-{name}")
        if result is None:
            continue
        runs = result["runs"].values()
        dev, test, unmarked = (
            spread([run[key] for run in runs]) for key in ("dev_f", "test_f", "test_unmarked_f")
        )
        _, low, high = f1_interval(read_counts(name))
        interval = f"{low:.2f} to {high:.2f}"
        minutes = mean_minutes(runs)
        alone = read_result(f"accuracy-{name}-2-threads")
        alone_minutes = f"{alone['runs']['0']['minutes']:.0f}" if alone else ""
        cells = [shown, len(runs), dev, test, interval, unmarked, minutes, alone_minutes]
        rows.append(f"| {' | '.join(map(str, cells))} |")
        notes |= {_setting(run) for run in runs}
    return "\n".join([*rows, "", *sorted(notes), ""])


def rurebus_table() -> str:
    """Mean and standard deviation over the seeds, and the F1 of each type."""
    rows: list[str] = []
    notes = set()
    for name, shown in RUREBUS.items():
        result = read_result(f"accuracy-{name}")
        if result is None:
            continue
        runs = list(result["runs"].values())
        if not rows:
            types = list(runs[0]["dev_per_type"])
            rows.append(f"| | seeds | dev | {' | '.join(types)} | minutes a run |")
            rows.append("| --- " * (len(types) + 4) + "|")
        per_type = [statistics.mean(run["dev_per_type"][label] for run in runs) for label in types]
        cells = [str(len(runs)), spread([run["dev_f"] for run in runs])]
        cells += [f"{value:.1f}" for value in per_type]
        minutes = mean_minutes(runs)
        rows.append(f"| {shown} | {' | '.join(cells)} | {minutes} |")
        notes |= {_setting(run) for run in runs}
    return "\n".join([*rows, "", *sorted(notes), ""]) if rows else ""


def _setting(run: dict[str, Any]) -> str:
    return f"{run['threads']} thread a run, {run['hardware']}, two runs at a time"


def ingredients_table() -> str:
    """One run each: what a part of the RuREBus recipe gives."""
    result = read_result("rurebus-ingredients")
    if result is None:
        return ""
    rows = ["| recipe | steps | dev |", "| --- | --- | --- |"]
    for run in result["runs"]:
        rows.append(f"| {run['recipe']} | {run['steps']:,} | {run['dev_f']:.2f} |")
    return "\n".join([*rows, ""])


def mean_minutes(runs: Iterable[dict[str, Any]]) -> str:
    """Of the runs whose time is known: one that was stopped in between, or ran beside others, has
    none. Empty if none is."""
    minutes = [run["minutes"] for run in runs if run["minutes"] is not None]
    return f"{statistics.mean(minutes):.0f}" if minutes else ""


def spread(values: list[float]) -> str:
    """Mean and standard deviation; the value alone if there is one."""
    if len(values) < 2:
        return f"{values[0]:.2f}"
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"
