"""What the default gets wrong, from `bilstm-crf analyze`."""

import json

from ..accuracy import RESULTS

GROUPS = {
    "per_type": "",
    "by_length": "tokens: ",
    "by_name": "name in training: ",
}


def errors_table() -> str:
    """Scores by type, length and known names; then the kinds of errors and the confusions."""
    path = RESULTS / "errors-conll2003.json"
    if not path.exists():
        return ""
    tables = json.loads(path.read_text())
    rows = ["| | P | R | F1 | gold | found |", "| --- | --- | --- | --- | --- | --- |"]
    for group, shown in GROUPS.items():
        for name, row in tables[group].items():
            scores = ["-" if row[k] is None else f"{100 * row[k]:.1f}" for k in "prf"]
            cells = [f"{shown}{name}", *scores, f"{row['gold']:,}", f"{row['found']:,}"]
            rows.append(f"| {' | '.join(cells)} |")
    kinds = tables["kinds"]
    rows += ["", f"| {' | '.join(kinds)} |", "| --- " * len(kinds) + "|"]
    rows.append(f"| {' | '.join(f'{n:,}' for n in kinds.values())} |")
    confusion = tables["confusion"]
    columns = sorted({name for row in confusion.values() for name in row})
    rows += ["", f"| gold, found as | {' | '.join(columns)} |", "| --- " * (len(columns) + 1) + "|"]
    for label, row in confusion.items():
        rows.append(f"| {label} | {' | '.join(f'{row.get(c, 0):,}' for c in columns)} |")
    return "\n".join([*rows, ""])
