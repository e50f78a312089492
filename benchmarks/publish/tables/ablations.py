"""What each option gives, and the rows of Huang et al. 2015."""

from benchmarks.accuracy.ablations import TABLES
from benchmarks.accuracy.significance import gain_interval, read_counts
from benchmarks.publish.tables import read_runs
from benchmarks.publish.tables.accuracy import spread

# Huang et al. 2015, https://arxiv.org/abs/1508.01991, table 2, CoNLL-2003: with random and with
# SENNA embeddings.
PUBLISHED: dict[str, tuple[float | None, float]] = {
    "lstm": (79.82, 83.74),
    "bilstm": (81.11, 85.17),
    "crf": (83.02, 86.13),
    "conv-crf": (81.47, 88.67),
    "lstm-crf": (84.10, 88.36),
    "bilstm-crf": (84.26, 88.83),
    "gazetteer": (None, 90.10),
}


def options_table() -> str:
    """Each option beside the default, without outside data."""
    return _ablations("options")


def vectors_table() -> str:
    """Each way of using word vectors."""
    return _ablations("vectors")


def _ablations(table: str) -> str:
    rows = [
        "| | seeds | dev | test | beside the first row, 95% interval | test, unmarked |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    base = None
    for name, (shown, _) in TABLES[table].rows.items():
        runs = read_runs(f"{table}/{name}")
        if not runs:
            continue
        counts = read_counts(f"{table}/{name}")
        gain = ""
        if base is None:
            base = counts
        else:
            value, low, high = gain_interval(counts, base)
            gain = f"{value:+.2f} ({low:+.2f} to {high:+.2f})"
        dev, test, unmarked = (
            spread([run[key] for run in runs]) for key in ("dev_f", "test_f", "test_unmarked_f")
        )
        rows.append(f"| {shown} | {len(runs)} | {dev} | {test} | {gain} | {unmarked} |")
    return "\n".join([*rows, ""])


def huang_table() -> str:
    """The paper's table 2 and ours."""
    rows = [
        "| | random, theirs | ours | seeds | SENNA, theirs | GloVe 50d, ours | seeds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, (shown, _) in TABLES["huang2015"].rows.items():
        cells = []
        for table, published in zip(("huang2015", "huang2015-vectors"), PUBLISHED[name]):
            runs = read_runs(f"{table}/{name}")
            ours = spread([run["test_f"] for run in runs]) if runs else ""
            cells += ["" if published is None else f"{published:.2f}", ours, str(len(runs) or "")]
        rows.append(f"| {shown} | {' | '.join(cells)} |")
    return "\n".join([*rows, ""])
