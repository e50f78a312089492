"""What an audit finds of planted and of real errors."""

from typing import Any

from benchmarks.accuracy.planted import KINDS
from benchmarks.publish.tables import read_result

CORPORA = ("sample", "conll2003")
CONFIGS = ("conll2003", "conll2003-best")
OURS = {
    "suspicion": "suspicion",
    "probabilities": "P(suggestion) - P(annotation)",
    "margin of tags": "least margin of a tag",
    "least tag": "1 - least P(tag)",
    "all tags": "1 - P(all tags)",
    "entities": "1 - least P(entity), or P(missing entity)",
    "suggestions": "greatest P(suggestion)",
}


def planted_table() -> str:
    """Planted errors, by kind: of findings, and of sentences by several scores."""
    parts = []
    for corpus in CORPORA:
        result = read_result(f"audit-planted-{corpus}")
        if result is None:
            continue
        found = result["calibrated"]
        rows = [
            (f"findings, by {OURS[name]}", found["findings"][name])
            for name in ("suspicion", "probabilities")
        ]
        rows += [(_named(name), own) for name, own in found["sentences"].items()]
        names = ("all", *KINDS)
        lines = [f"| {corpus} | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
        for name, own in rows:
            cells = (f"{own[kind]['area']:.3f}, {own[kind]['precision']:.3f}" for kind in names)
            lines.append(f"| {name} | {' | '.join(cells)} |")
        n, models = sum(result["errors"].values()), len(result["seeds"].split(","))
        lines.append(
            f"\n{n:,} errors in dev; `configs/{result['config']}`, {models} model"
            f"{'s' if models > 1 else ''}\n"
        )
        parts.append("\n".join(lines))
    return "\n".join(parts)


def corrected_table() -> str:
    """Sentences of CoNLL-2003's test that others have corrected."""
    parts = []
    for config in CONFIGS:
        result = read_result(f"audit-corrected-{config}")
        if result is None:
            continue
        n = len(result["seeds"].split(","))
        head = ("one model", f"{n} models", "precision", "not calibrated", "precision")
        lines = [f"| `configs/{config}.cfg` | {' | '.join(head)} |"]
        lines.append("| --- |" + " --- |" * len(head))
        for name, own in result["calibrated"]["sentences"].items():
            cells = _corrected_cells(own, result["as trained"]["sentences"][name])
            lines.append(f"| {_named(name)} | {' | '.join(cells)} |")
        lines.append(f"\n{result['wrong']} of {result['sentences']:,} sentences were corrected\n")
        parts.append("\n".join(lines))
    for config in CONFIGS:
        listed = read_result(f"audit-listed-{config}")
        if listed is not None:
            parts.append(_listed(listed))
    return "\n".join(parts)


def _listed(own: dict[str, Any]) -> str:
    return (
        f"By the command's own folds, as `configs/{own['config']}`: area {own['area']:.3f}, "
        f"precision {own['precision']:.3f}; {own['wrong_of_first_50']} of its first 50 sentences "
        "of test\n"
    )


def _corrected_cells(own: dict[str, Any], before: dict[str, Any]) -> list[str]:
    alone = sum(own["one model"]) / len(own["one model"])
    values = (alone, own["area"], own["precision"], before["area"], before["precision"])
    return [f"{value:.3f}" for value in values]


def _named(method: str) -> str:
    return f"sentences, by {OURS[method]}" if method in OURS else f"sentences, {method}"
