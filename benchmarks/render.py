"""Render the tables of the README and of docs from benchmarks/results.

python -m benchmarks.render [--check]
"""

import json
import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from wasabi import msg

from .accuracy import RESULTS

ROOT = Path(__file__).parents[1]
NAMES = {
    "conll2003": "`configs/conll2003.cfg`, no outside data",
    "conll2003-conv": "the same with `conv_layers = 1`, one seed",
    "conll2003-glove-50d": "`configs/conll2003-best.cfg`, GloVe 6B 50d",
}
RUREBUS = {
    "rurebus": "`configs/rurebus.cfg`, no outside data",
    "rurebus-vectors": "`configs/rurebus-vectors.cfg`, floret vectors of 544 unlabelled texts",
}

# For each feature of benchmarks/features.py: what it is, how it is asked for, and its test.
FEATURES = {
    "confidence": (
        "confidence of entities",
        '`confidence = "entities"`, `ent._.confidence`',
        "tests/nn/test_lattice.py::test_spans",
    ),
    "spans": (
        "all spans above 0.1",
        '`confidence = "spans"`, `doc.spans[key].attrs["scores"]`',
        "tests/pipeline/test_confidence.py::test_candidates",
    ),
    "threshold": (
        "threshold, without confidence",
        "`threshold = 0.35`",
        "tests/pipeline/test_confidence.py::test_a_low_threshold_finds_more",
    ),
    "given": (
        "entities of other components, half of all, stay",
        "`overwrite_ents = false`",
        "tests/pipeline/test_confidence.py::test_what_is_on_the_doc_constrains_the_rest",
    ),
    "n_best": (
        "five best readings, doc by doc",
        "`n_best(doc, k=5)`",
        "tests/nn/test_lattice.py::test_k_best",
    ),
}
GROWING = {
    "before": "before",
    "others none, without rehearse": "old entities in the new docs taken as none",
    "others none, with rehearse": "the same, with `nlp.rehearse`",
    "others unknown, without rehearse": "old entities in the new docs unknown",
    "others unknown, with rehearse": "the same, with `nlp.rehearse`",
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


def accuracy_table() -> str:
    """Mean and standard deviation over the seeds of each system."""
    rows = [
        "| | dev | test | test, no sentence marks | minutes a run |",
        "| --- | --- | --- | --- | --- |",
    ]
    notes = set()
    for name, shown in NAMES.items():
        path = RESULTS / f"accuracy-{name}.json"
        if not path.exists():
            continue
        result = json.loads(path.read_text())
        runs = result["runs"].values()
        cells = [
            _spread([run[key] for run in runs]) for key in ("dev_f", "test_f", "test_unmarked_f")
        ]
        minutes = statistics.mean(run["minutes"] for run in runs)
        rows.append(f"| {shown} | {' | '.join(cells)} | {minutes:.0f} |")
        notes.add(f"{result['threads']} thread a run, {result['hardware']}, both cores busy")
    return "\n".join([*rows, "", *sorted(notes), ""])


def rurebus_table() -> str:
    """Mean and standard deviation over the seeds, and the F1 of each type."""
    rows, notes = [], set()
    for name, shown in RUREBUS.items():
        path = RESULTS / f"accuracy-{name}.json"
        if not path.exists():
            continue
        result = json.loads(path.read_text())
        runs = list(result["runs"].values())
        if not rows:
            types = list(runs[0]["dev_per_type"])
            rows.append(f"| | seeds | dev | {' | '.join(types)} | minutes a run |")
            rows.append("| --- " * (len(types) + 4) + "|")
        per_type = [statistics.mean(run["dev_per_type"][label] for run in runs) for label in types]
        cells = [str(len(runs)), _spread([run["dev_f"] for run in runs])]
        cells += [f"{value:.1f}" for value in per_type]
        minutes = statistics.mean(run["minutes"] for run in runs)
        rows.append(f"| {shown} | {' | '.join(cells)} | {minutes:.0f} |")
        notes.add(f"{result['threads']} thread a run, {result['hardware']}, both cores busy")
    return "\n".join([*rows, "", *sorted(notes), ""]) if rows else ""


def ingredients_table() -> str:
    """One run each: what a part of the RuREBus recipe gives."""
    path = RESULTS / "rurebus-ingredients.json"
    if not path.exists():
        return ""
    rows = ["| recipe | steps | dev |", "| --- | --- | --- |"]
    for run in json.loads(path.read_text())["runs"]:
        rows.append(f"| {run['recipe']} | {run['steps']:,} | {run['dev_f']:.2f} |")
    return "\n".join([*rows, ""])


def speed_table() -> str:
    """Words per second of every system, and how many times as fast ours is."""
    rows = [
        "| threads | | training, words/s | ours is | prediction, words/s | ours is | test F1 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    notes = set()
    for path in sorted(RESULTS.glob("speed-*.json")):
        result = json.loads(path.read_text())
        for name in result["prediction"]:
            cells = []
            for task in ("training", "prediction"):
                cells += _speed(result[task].get(name), is_peer=not name.startswith("bilstm_crf"))
            score = result["test_f"].get(name)
            cells.append(f"{score:.2f}" if score else "")
            rows.append(f"| {result['threads']} | `{name}` | {' | '.join(cells)} |")
        notes.add(
            f"{result['hardware']}, {result['rounds']} rounds, median (range) of their ratios"
        )
    return "\n".join([*rows, "", *sorted(notes), ""])


def _speed(row: dict[str, Any] | None, *, is_peer: bool) -> list[str]:
    if row is None:
        return ["", ""]
    low, high = row["ratio_range"]
    ratio = f"{row['ratio']:.2f}x ({low:.2f} to {high:.2f})" if is_peer else ""
    return [f"{row['words_per_second']:,}", ratio]


def kernels_table() -> str:
    """The CRF beside torchcrf."""
    rows = [
        "| threads | batch, steps, tags | loss, gradient | no numba | decode | no numba |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for path in sorted(RESULTS.glob("kernels-*.json")):
        result = json.loads(path.read_text())
        for row in result["sizes"]:
            cells = [", ".join(map(str, row["size"]))]
            for task in ("loss", "decode"):
                own = row[task]
                cells += [f"{own['ours_ratio']}x, {own['ms']} ms", f"{own['torch_ratio']}x"]
            where = "GPU" if path.stem == "kernels-gpu" else result["threads"]
            rows.append(f"| {where} | {' | '.join(cells)} |")
    return "\n".join([*rows, ""])


def stages_table() -> str:
    """Microseconds a word of each stage."""
    rows, sizes = [], []
    for path in sorted(RESULTS.glob("stages-*.json")):
        result = json.loads(path.read_text())
        for task in ("prediction", "training"):
            stages = dict(result[task])
            whole = stages.pop("whole")
            cells = [f"{name} {value:.2f}" for name, value in stages.items()]
            rows.append(f"| {result['threads']} | {task} | {whole:.2f} | {', '.join(cells)} |")
        sizes.append(f"{result['load_seconds']} s to load, {result['size_mb']} MB on disk")
    header = ["| threads | | whole | of which |", "| --- | --- | --- | --- |"]
    return "\n".join([*header, *rows, "", sizes[0] + "; " + result["hardware"], ""])


def growth_table() -> str:
    """Speed and memory by length, labels, width and processes."""
    path = RESULTS / "growth.json"
    if not path.exists():
        return ""
    result = json.loads(path.read_text())
    rows = ["| | words/s | memory, MB |", "| --- | --- | --- |"]
    for case in result["cases"]:
        if "labels" in case:
            shown = f"{case['labels']} labels, untrained"
        elif "hidden" in case:
            shown = f"{case['hidden']} units a direction, 4 labels, untrained"
        elif "processes" in case:
            shown = f"{case['processes']} process{'es' if case['processes'] > 1 else ''}"
        else:
            shown = f"docs of {case['length']:,} tokens"
        rows.append(f"| {shown} | {case['words_per_second']:,} | {case.get('memory_mb', '')} |")
    return "\n".join([*rows, "", f"{result['hardware']}, {result['threads']} thread", ""])


def features_table() -> str:
    """What each probability costs, and which test shows it to be exact."""
    path = RESULTS / "features-conll2003.json"
    cost = json.loads(path.read_text())["cost_percent"] if path.exists() else {}
    rows = ["| feature | API | test | cost |", "| --- | --- | --- | --- |"]
    for key, (feature, api, test) in FEATURES.items():
        shown = f"{cost[key]['median']:+.1f}%" if key in cost else ""
        rows.append(f"| {feature} | {api} | `{test}` | {shown} |")
    return "\n".join([*rows, ""])


def calibration_table() -> str:
    """Expected calibration errors, and the oracle of n-best readings."""
    path = RESULTS / "calibration-conll2003.json"
    if not path.exists():
        return ""
    result = json.loads(path.read_text())
    rows = [
        "| dev | entities found | right | mean confidence | expected calibration error |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in ("bilstm_crf_ner", "beam_ner"):
        if name in result:
            own = result[name]
            rows.append(
                f"| `{name}` | {own['entities']:,} | {own['precision']:.4f} | "
                f"{own['mean_confidence']:.4f} | {own['expected_calibration_error']:.4f} |"
            )
    oracle = result["oracle_f"]
    rows += ["", f"| k | {' | '.join(oracle)} |", "| --- " * (len(oracle) + 1) + "|"]
    rows.append(f"| oracle F1, test | {' | '.join(f'{f:.2f}' for f in oracle.values())} |")
    return "\n".join([*rows, ""])


def partial_table() -> str:
    """F1 with a share of the entities not annotated."""
    path = RESULTS / "partial-labels-conll2003.json"
    if not path.exists():
        return ""
    runs = json.loads(path.read_text())["runs"]
    shares = sorted({name.split()[0] for name in runs}, key=float)
    rows = [
        "| entities not annotated | unknown, summed out | taken as no entities |",
        "| --- | --- | --- |",
    ]
    for share in shares:
        cells = [runs.get(f"{share} {way}") for way in ("unknown", "none")]
        shown = [f"{run['test_f']:.2f}" if run else "" for run in cells]
        rows.append(f"| {float(share):.0%} | {' | '.join(shown)} |")
    half = runs.get("0.5 half of all tokens")
    if half:
        rows.append(f"| 50%, and half of the tokens between them | {half['test_f']:.2f} | |")
    return "\n".join([*rows, ""])


def growing_table() -> str:
    """F1 of old labels and of a new one."""
    path = RESULTS / "growing-conll2003.json"
    if not path.exists():
        return ""
    result = json.loads(path.read_text())
    rows = [f"| | old labels | {result['label']} |", "| --- | --- | --- |"]
    for key, shown in GROWING.items():
        scores = result[key]
        rows.append(f"| {shown} | {scores['old_f']:.2f} | {scores['new_f']:.2f} |")
    return "\n".join([*rows, ""])


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.2f}"
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"


PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {
        "accuracy": accuracy_table,
        "rurebus": rurebus_table,
        "ingredients": ingredients_table,
        "speed": speed_table,
    },
    "docs/probabilities.md": {
        "features": features_table,
        "calibration": calibration_table,
        "partial": partial_table,
        "growing": growing_table,
    },
    "docs/speed.md": {"stages": stages_table, "kernels": kernels_table, "growth": growth_table},
}


if __name__ == "__main__":
    typer.run(main)
