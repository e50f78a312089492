"""What the default gets wrong, from `bilstm-crf analyze`."""

from benchmarks.publish.tables import read_result
from spacy_bilstm_crf.evaluation.errors import confusion_rows

GROUPS = {
    "per_type": "",
    "by_length": "tokens: ",
    "by_name": "name in training: ",
}


def errors_table() -> str:
    """Scores by type, length and known names; then the kinds of errors and the confusions."""
    tables = read_result("errors-conll2003")
    if tables is None:
        return ""
    rows = ["| | P | R | F1 | gold | found |", "| --- | --- | --- | --- | --- | --- |"]
    for group, shown in GROUPS.items():
        for name, row in tables[group].items():
            scores = ["-" if row[k] is None else f"{100 * row[k]:.1f}" for k in "prf"]
            cells = [f"{shown}{name}", *scores, f"{row['gold']:,}", f"{row['found']:,}"]
            rows.append(f"| {' | '.join(cells)} |")
    kinds = tables["kinds"]
    rows += ["", f"| {' | '.join(kinds)} |", "| --- " * len(kinds) + "|"]
    rows.append(f"| {' | '.join(f'{n:,}' for n in kinds.values())} |")
    columns, counts = confusion_rows(tables["confusion"])
    rows += ["", f"| gold, found as | {' | '.join(columns)} |", "| --- " * (len(columns) + 1) + "|"]
    for label, row in counts:
        rows.append(f"| {label} | {' | '.join(f'{n:,}' for n in row)} |")
    return "\n".join([*rows, ""])
