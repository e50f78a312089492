"""What probabilities give and cost."""

from benchmarks.publish.tables import read_result, read_results, read_runs
from benchmarks.publish.tables.accuracy import spread

# For each option of benchmarks/speed/option_cost.py: what it gives, how it is asked for, and its
# test.
OPTIONS = {
    "confidence": (
        "confidence of entities",
        '`confidence = "entities"`, `ent._.confidence`',
        "tests/nn/crf/test_lattice.py::test_spans",
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
        "five best analyses, doc by doc",
        "`n_best(doc, k=5)`",
        "tests/nn/crf/test_lattice.py::test_k_best",
    ),
}

CONTINUAL_LEARNING = {
    "before": "before",
    "others none, without rehearse": "old entities in the new docs taken as none",
    "others none, with rehearse": "the same, with `nlp.rehearse`",
    "others unknown, without rehearse": "old entities in the new docs unknown",
    "others unknown, with rehearse": "the same, with `nlp.rehearse`",
}


def option_cost_table() -> str:
    """What each probability costs, and which test shows it to be exact."""
    result = read_result("option-cost-conll2003")
    cost = result["cost_percent"] if result else {}
    rows = ["| feature | API | test | cost |", "| --- | --- | --- | --- |"]
    for key, (feature, api, test) in OPTIONS.items():
        shown = f"{cost[key]['median']:+.1f}%" if key in cost else ""
        rows.append(f"| {feature} | {api} | `{test}` | {shown} |")
    return "\n".join([*rows, ""])


def calibration_table() -> str:
    """Expected calibration errors, and the oracle of n-best analyses."""
    result = read_result("calibration-conll2003")
    if result is None:
        return ""
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


def temperature_table() -> str:
    """Confidences as they are trained, and calibrated on dev."""
    rows = [
        "| | temperature | | calibration error | Brier score | log-loss | gold tags | test F1 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in read_results("temperature-*"):
        for name, own in result["models"].items():
            shown, temperature = f"{name} ({result['corpus']})", f"{own['temperature']:.2f}"
            for split in ("dev", "test"):
                if split in own:
                    cells = [_before_and_after(own[split], key) for key in CALIBRATION]
                    score = _before_and_after(own[split], "f", 2) if split == "test" else ""
                    rows.append(
                        f"| {shown} | {temperature} | {split} | {' | '.join(cells)} | {score} |"
                    )
                    shown = temperature = ""
    return "\n".join([*rows, ""])


CALIBRATION = ("expected_calibration_error", "brier_score", "log_loss", "sequence_loss")


def _before_and_after(result: dict[str, dict[str, float]], key: str, digits: int = 4) -> str:
    return " → ".join(f"{result[when][key]:.{digits}f}" for when in ("before", "after"))


def maps_table() -> str:
    """Calibration errors with a map of each label after the temperature."""
    result = read_result("probability-maps-conll2003")
    if result is None:
        return ""
    rows = [
        "| | | temperature | maps of what is found | maps of all | by chance |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    ways = ("temperature", "maps of found", "maps of all", "chance")
    for name, own in result["models"].items():
        shown = name
        for split in ("dev", "test"):
            cells = [" / ".join(f"{own[split][way][of]:.4f}" for of in SPANS) for way in ways]
            rows.append(f"| {shown} | {split} | {' | '.join(cells)} |")
            shown = ""
    return "\n".join([*rows, ""])


SPANS = ("found", "all")


def promise_table() -> str:
    """How often promised recall is kept, and the price."""
    result = read_result("promise-conll2003")
    if result is None:
        return ""
    rows = [
        "| recall promised | for the mean | score | promised | kept | recall | precision |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for score, own in result["scores"].items():
        for row in own:
            promised = f"{row['promised']:.1%}"
            rows.append(f"| {row['recall']:.2f} | {_kind(row)} | {score} | {promised} {_kept(row)}")
    for row in result.get("spaCy ner", ()):
        rows.append(f"| {row['recall']:.2f} | – | spaCy's `ner`, no threshold | – {_kept(row)}")
    note = (
        f"{result['splits']:,} splits of {result['documents']} documents of dev and test in halves"
    )
    shift = [
        "| tuned on dev, tested on test | for the mean | recall | precision |",
        "| --- | --- | --- | --- |",
    ]
    for row in result["shift"]:
        if "kept" in row:
            shift.append(
                f"| {row['recall']:.2f} | {_kind(row)} | {row['test_recall']:.2%} | "
                f"{row['test_precision']:.2%} |"
            )
    return "\n".join([*rows, "", note, "", *shift, ""])


def _kind(row: dict[str, float | None]) -> str:
    sure = row["confidence"]
    return "in expectation" if sure is None else f"with {100 * sure:g}%"


def _kept(row: dict[str, float]) -> str:
    """The last cells of a row of `promise_table`."""
    if "kept" not in row:
        return "| | | |"
    return f"| {row['kept']:.1%} | {row['test_recall']:.2%} | {row['test_precision']:.2%} |"


def partial_table() -> str:
    """F1 with a share of the entities not annotated."""
    rows = [
        "| entities not annotated | unknown, summed out | taken as no entities |",
        "| --- | --- | --- |",
        # The same config and steps.
        f"| 0% | {_test_f('options/default')} |  |",
    ]
    for share in (25, 50, 75):
        cells = [_test_f(f"partial-labels/{share}-{way}") for way in ("unknown", "none")]
        rows.append(f"| {share}% | {' | '.join(cells)} |")
    half = _test_f("partial-labels/half-of-all-tokens")
    rows.append(f"| 50%, and half of the tokens between them | {half} |  |")
    return "\n".join([*rows, ""])


def _test_f(name: str) -> str:
    runs = read_runs(name)
    return spread([run["test_f"] for run in runs]) if runs else ""


def continual_learning_table() -> str:
    """F1 of old labels and of a new one."""
    result = read_result("continual-learning-conll2003")
    if result is None:
        return ""
    rows = [f"| | old labels | {result['label']} |", "| --- | --- | --- |"]
    for key, shown in CONTINUAL_LEARNING.items():
        scores = result[key]
        rows.append(f"| {shown} | {scores['old_f']:.2f} | {scores['new_f']:.2f} |")
    return "\n".join([*rows, ""])
