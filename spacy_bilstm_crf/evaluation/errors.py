"""Gold entities beside predicted ones: which error each is, and tables of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from spacy.scorer import PRFScore
from spacy.tokens import Doc, Span

CORRECT = "correct"
TYPE = "type"
BOUNDARY = "boundary"
BOTH = "type and boundary"
MISSED = "missed"
SPURIOUS = "spurious"
KINDS = (CORRECT, TYPE, BOUNDARY, BOTH, MISSED, SPURIOUS)
"""The scenarios of SemEval-2013 task 9.1 (Segura-Bedmar et al. 2013, S13-2056)."""

# Longer entities are counted together.
_LONGEST = 5


class Match(NamedTuple):
    """A gold entity and the predicted one that it was taken for; None where there is none."""

    gold: Span | None
    found: Span | None
    kind: str


def compare(gold: Doc, predicted: Doc) -> list[Match]:
    """Pair the entities of two docs of the same text, which may be tokenized differently.

    The same places are paired first, then entities that overlap, those of one label and those that
    share more characters first. Each entity stands in one pair, so that of two gold ones that were
    found as one, one is missed.

    RETURNS: pairs in the order of the text.
    RAISES: ValueError if the texts differ.
    """
    if gold.text != predicted.text:
        raise ValueError(
            f"Docs can be compared if they have the same text: {gold.text[:40]!r} is not "
            f"{predicted.text[:40]!r}."
        )
    golds, founds = list(gold.ents), list(predicted.ents)  # doc.ents makes new spans each time
    candidates = []
    first = 0
    for i, a in enumerate(golds):
        while first < len(founds) and founds[first].end_char <= a.start_char:
            first += 1
        for j, b in enumerate(founds[first:], first):
            if b.start_char >= a.end_char:
                break
            shared = min(a.end_char, b.end_char) - max(a.start_char, b.start_char)
            if shared > 0:
                same = (a.start_char, a.end_char) == (b.start_char, b.end_char)
                candidates.append((not same, a.label_ != b.label_, -shared, i, j))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for *_, i, j in sorted(candidates):
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    matches = []
    for i, a in enumerate(golds):
        found = founds[partner[i]] if i in partner else None
        matches.append(Match(a, found, _kind(a, found)))
    matches += [Match(None, b, SPURIOUS) for j, b in enumerate(founds) if j not in taken]
    return sorted(matches, key=lambda match: _place(match).start_char)


def _place(match: Match) -> Span:
    span = match.gold or match.found
    assert span is not None
    return span


def _kind(gold: Span, found: Span | None) -> str:
    if found is None:
        return MISSED
    same_place = (gold.start_char, gold.end_char) == (found.start_char, found.end_char)
    if gold.label_ == found.label_:
        return CORRECT if same_place else BOUNDARY
    return TYPE if same_place else BOTH


def known_names(docs: Iterable[Doc]) -> dict[str, set[str]]:
    """The entities of docs, such as those of the training data: for each name its labels."""
    names: dict[str, set[str]] = defaultdict(set)
    for doc in docs:
        for ent in doc.ents:
            names[ent.text].add(ent.label_)
    return dict(names)


def has_entities(*groups: Sequence[Doc]) -> bool:
    """Whether entities, or that there are none, are known of some doc of each group, such as gold
    and predicted ones."""
    return all(any(doc.has_annotation("ENT_IOB") for doc in docs) for docs in groups)


def compare_docs(golds: Sequence[Doc], predictions: Sequence[Doc]) -> list[list[Match]]:
    """`compare` for many docs.

    golds, predictions: the same texts in the same order.
    RAISES: ValueError if the numbers of docs or their texts differ.
    """
    if len(golds) != len(predictions):
        raise ValueError(f"There are {len(golds)} docs, but {len(predictions)} predicted ones.")
    return [compare(gold, predicted) for gold, predicted in zip(golds, predictions)]


def error_tables(
    matches: Sequence[Match], known: dict[str, set[str]] | None = None
) -> dict[str, Any]:
    """Tables of the errors in docs.

    matches: from `compare` or `compare_docs`.
    known: the names that the training data has, from `known_names`.
    RETURNS: "per_type", "by_length" (in tokens) and, if names are known, "by_name" ("seen" in
        training with the label, seen with "another label", "unseen"): precision, recall and F1 from
        0 to 1, None where there is nothing to count, with the numbers of "gold" and "found"
        entities. "kinds": how many pairs are of each kind. "confusion": for each gold label how
        many of its entities were found as which label, "-" for none.
    """
    kinds = Counter(match.kind for match in matches)
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    for gold, found, _ in matches:
        confusion[gold.label_ if gold else "-"][found.label_ if found else "-"] += 1
    result: dict[str, Any] = {
        "all": _scores(matches, lambda span: "all").get("all", score_row(PRFScore())),
        "per_type": _scores(matches, lambda span: span.label_),
        "by_length": _scores(matches, _length),
        "kinds": {kind: kinds[kind] for kind in KINDS},
        "confusion": {label: dict(sorted(row.items())) for label, row in sorted(confusion.items())},
    }
    if known is not None:
        result["by_name"] = _scores(matches, lambda span: _acquaintance(span, known))
    return result


def analyze(
    golds: Sequence[Doc], predictions: Sequence[Doc], known: dict[str, set[str]] | None = None
) -> dict[str, Any]:
    """`error_tables` of docs that are compared with `compare_docs`."""
    matches = [match for own in compare_docs(golds, predictions) for match in own]
    return error_tables(matches, known)


def confusion_rows(confusion: Mapping[str, Mapping[str, int]]) -> tuple[list[str], list[Any]]:
    """The table that `error_tables` gives as "confusion": the names of its columns, and for each
    row its label and counts."""
    columns = sorted({name for row in confusion.values() for name in row})
    return columns, [(label, [row.get(c, 0) for c in columns]) for label, row in confusion.items()]


def _length(span: Span) -> str:
    return f"{_LONGEST}+" if len(span) >= _LONGEST else str(len(span))


def _acquaintance(span: Span, known: dict[str, set[str]]) -> str:
    labels = known.get(span.text, set())
    if span.label_ in labels:
        return "seen"
    return "another label" if labels else "unseen"


def _scores(
    matches: Sequence[Match], group_of: Callable[[Span], str]
) -> dict[str, dict[str, float | int | None]]:
    """Scores of each group. A gold entity counts in its own group, and so does a predicted one."""
    right, gold, found = Counter[str](), Counter[str](), Counter[str]()
    for a, b, kind in matches:
        if a is not None:
            gold[group_of(a)] += 1
        if kind == CORRECT and a is not None:
            right[group_of(a)] += 1
            found[group_of(a)] += 1
        elif b is not None:
            found[group_of(b)] += 1
    result = {}
    for group in sorted({*gold, *found}):
        tp = right[group]
        result[group] = score_row(PRFScore(tp=tp, fp=found[group] - tp, fn=gold[group] - tp))
    return result


def score_row(score: PRFScore) -> dict[str, float | int | None]:
    """A row of a table: precision, recall and F1, None where there is nothing to count, and the
    numbers of "gold" and "found"."""
    n_gold, n_found = score.tp + score.fn, score.tp + score.fp
    return {
        "p": score.precision if n_found else None,
        "r": score.recall if n_gold else None,
        "f": score.fscore if n_gold or n_found else None,
        "gold": n_gold,
        "found": n_found,
    }
