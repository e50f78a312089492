"""The README's table: accuracy, speed and size in three rows."""

from benchmarks.publish.tables import read_result, read_runs
from benchmarks.publish.tables.accuracy import spread

UNKNOWN = "not measured"


def summary_table() -> str:
    """Each system of the benchmark of speed, on one thread."""
    rows = [
        "| | test F1 | training, words/s | prediction, words/s | size, MB |",
        "| --- | --- | --- | --- | --- |",
    ]
    speed, stages = read_result("speed-1-thread"), read_result("stages-1-thread")
    runs = read_runs("conll2003")
    if speed is None or stages is None or not runs:
        return ""
    known = {"bilstm_crf_ner": (spread([run["test_f"] for run in runs]), f"{stages['size_mb']}")}
    for name in ("bilstm_crf_ner", "spaCy ner", "Flair"):
        score, size = known.get(name, (UNKNOWN, UNKNOWN))
        words = [
            f"{speed[task][name]['words_per_second']:,}" for task in ("training", "prediction")
        ]
        rows.append(f"| `{name}` | {score} | {' | '.join(words)} | {size} |")
    note = (
        f"`configs/{speed['config']}`; F1: mean and standard deviation over {len(runs)} seeds; "
        f"speed on one thread, {speed['hardware']}"
    )
    return "\n".join([*rows, "", note, ""])
