"""What is printed of texts with labels."""

from collections import Counter

from wasabi import msg

from ..corpora.overview import Overview
from .counted import counted

# Of more labels, only the most and the least frequent one are told.
_FEW = 8


def print_overview(overview: Overview) -> None:
    """Print the balance of labels, the lengths of texts, and which of them repeat."""
    for split, counts in overview.cats.items():
        lengths = overview.lengths(split)
        msg.info(
            f"{split}: {_shares(counts, overview.n_texts(split))}; {lengths.median:,} words in the "
            f"median text, {lengths.percentile_95:,} at the 95th percentile, {lengths.longest:,} "
            "in the longest"
        )
    for (first, second), found in overview.repeats.items():
        listed = f"such as {found.places[1]} and {found.places[0]}"
        if first == second:
            msg.info(f"{second}: {counted(found.n, 'repetition')} of earlier texts, {listed}")
        else:
            msg.warn(
                f"{counted(found.n, 'text')} of {second} also in {first}, {listed}",
                f"Scores of {second} will be too good: remove these from {first}.",
            )
        if found.n_differ:
            msg.warn(
                f"{found.n_differ:,} of these with other labels there, such as {found.differ[1]} "
                f"and {found.differ[0]}",
                "Correct them, or leave them out.",
            )


def _shares(counts: Counter[str], n_texts: int) -> str:
    """Which share of all texts each label has, or of many labels, how they are spread."""
    ordered = counts.most_common()
    shares = [f"{label} {n / n_texts:.1%}" for label, n in ordered]
    if len(shares) > _FEW:
        return f"{len(shares)} labels, from {shares[0]} to {shares[-1]}"
    return ", ".join(shares) or "no labels"
