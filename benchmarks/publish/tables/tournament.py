"""The config that `init` chooses beside spaCy's own `ner`."""

from typing import Any

from benchmarks.accuracy.tournament import OURS, SPACY
from benchmarks.publish.tables import read_results
from benchmarks.publish.tables.accuracy import spread


def tournament_table() -> str:
    """A row a corpus: its size, the F1 of both, and words per second."""
    rows = [
        "| corpus | training words, entities | `init`'s config, test F1 | spaCy's `ner`, test F1 |"
        " minutes, ours and spaCy's | ours, words/s | spaCy's, words/s | ours is |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    notes = set()
    for result in sorted(read_results("tournament/*"), key=lambda own: int(own["train_words"])):
        f1 = {system: _spread_of(result, system, "test_f") for system in (OURS, SPACY)}
        minutes = " and ".join(_spread_of(result, system, "minutes", 1) for system in (OURS, SPACY))
        speed = result["words_per_second"]
        cells = [
            result["name"],
            f"{result['train_words']:,}, {result['train_entities']:,}",
            f1[OURS],
            f1[SPACY],
            minutes,
            f"{speed[OURS]:,}",
            f"{speed[SPACY]:,}",
            f"{result['ratio']:.1f}x",
        ]
        rows.append(f"| {' | '.join(cells)} |")
        seeds = len(result["runs"][OURS])
        threads = "thread" if result["threads"] == 1 else "threads"
        notes.add(f"{seeds} seeds, {result['threads']} {threads}, {result['hardware']}")
    return "\n".join([*rows, "", *sorted(notes), ""])


def _spread_of(result: dict[str, Any], system: str, key: str, digits: int = 2) -> str:
    values = [run[key] for run in result["runs"][system].values()]
    if digits == 2:
        return spread(values)
    return f"{sum(values) / len(values):.{digits}f}"
