"""The records of Label Studio's exports: which annotation of each counts, and what it marks."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..annotated import FormatError, ReadOptions
from .json_files import check_list, check_object, find_name

MIN_FIELDS = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")
"""What JSON-MIN has beside the fields of the task."""
MIN_MARKS = {"annotator", "annotation_id", "lead_time"}


class Region(NamedTuple):
    """A stretch of a text with a label, its offsets as they are in the file."""

    start: Any
    end: Any
    label: Any
    surface: Any
    confidence: Any


def is_min(record: dict[str, Any]) -> bool:
    """Tell whether a record is an annotation of JSON-MIN, not a task."""
    return not isinstance(record.get("data"), dict)


def annotator_names(annotator: Any, place: str) -> list[str]:
    """What an annotator is called: e-mail and id, or what there is of them; [""] if nothing."""
    values = annotator if isinstance(annotator, dict) else {"id": annotator}
    return [name for key in ("email", "id") if (name := find_name(values, place, key))] or [""]


def valid_annotations(record: dict[str, Any], place: str) -> list[dict[str, Any]]:
    """A task's annotations without those that were skipped, the ground truth first.

    RAISES: FormatError if they are no list of objects.
    """
    items = check_list(record.get("annotations") or [], "'annotations'", place)
    objects = [check_object(item, place) for item in items]
    found = [annotation for annotation in objects if not annotation.get("was_cancelled")]
    return sorted(found, key=lambda annotation: not annotation.get("ground_truth"))


def read_task(record: dict[str, Any], place: str, annotator: str | None) -> list[Region] | None:
    """The regions of a task; None if it has no annotation, or none by the annotator asked for.

    RAISES: FormatError if a result is damaged, or labels no plain text.
    """
    for annotation in valid_annotations(record, place):
        if annotator is None or annotator in annotator_names(annotation.get("completed_by"), place):
            return _read_results(annotation, place, has_scores=False)
    predictions = check_list(record.get("predictions") or [], "'predictions'", place)
    if annotator is None and predictions and not record.get("annotations"):
        return _read_results(check_object(predictions[0], place), place, has_scores=True)
    return None


def _read_results(annotation: dict[str, Any], place: str, has_scores: bool) -> list[Region]:
    regions: list[Region] = []
    for item in check_list(annotation.get("result"), "'result'", place):
        result = check_object(item, place)
        kind = result.get("type")
        if kind == "labels":
            value = check_object(result.get("value"), f"{place}: 'value'")
            score = result.get("score", value.get("score")) if has_scores else None
            regions += _read_value(value, place, score)
        elif isinstance(kind, str) and kind.endswith("labels"):
            raise FormatError(
                f"{place}: a result of the type {kind!r}. Only labels of plain text can be read."
            )
    return regions


def read_min(record: dict[str, Any], place: str, options: ReadOptions) -> list[Region] | None:
    """The regions of a record of JSON-MIN; None if it is not by the annotator asked for.

    RAISES: FormatError if it is damaged, or no annotation.
    """
    if options.annotator is not None and options.annotator not in annotator_names(
        record.get("annotator"), place
    ):
        return None
    if options.spans_field is not None:
        fields = [check_list(record.get(options.spans_field) or [], options.spans_field, place)]
    else:
        fields = [value for value in record.values() if _is_regions(value)]
        if not fields and not MIN_MARKS & record.keys():
            raise FormatError(
                f"{place}: neither a task of Label Studio ('data' and 'annotations') nor an "
                f"annotation of JSON-MIN. Its fields: {', '.join(map(repr, record))}."
            )
    items = [check_object(item, place) for field in fields for item in field]
    return [region for item in items for region in _read_value(item, place, None)]


def _is_regions(value: Any) -> bool:
    """Tell whether a field of JSON-MIN holds labeled stretches of a text."""
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(item, dict) and {"start", "labels"} <= item.keys() for item in value)
    )


def _read_value(value: dict[str, Any], place: str, score: Any) -> list[Region]:
    labels = check_list(value.get("labels"), "'labels' of a span", place)
    start, end, surface = value.get("start"), value.get("end"), value.get("text")
    return [Region(start, end, label, surface, score) for label in labels]
