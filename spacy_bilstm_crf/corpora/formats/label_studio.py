"""Label Studio's exports JSON and JSON-MIN, and the tasks that it imports.

JSON is a list of tasks: {"id": 1, "data": {"text": "..."}, "annotations": [{"completed_by": 1,
"result": [{"type": "labels", "value": {"start": 0, "end": 5, "labels": ["PER"]}, ...}]}],
"predictions": []}. JSON-MIN is a list of annotations: {"id": 1, "text": "...", "label": [{"start":
0, "end": 5, "labels": ["PER"]}], "annotator": 1}. The formats:
https://labelstud.io/guide/task_format, https://labelstud.io/guide/export and
https://labelstud.io/guide/predictions
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from .json_files import (
    check_object,
    check_text,
    find_name,
    first_record,
    no_texts,
    read_json_array,
    write_json_array,
)
from .label_studio_records import (
    MIN_FIELDS,
    MIN_MARKS,
    Region,
    annotator_names,
    is_min,
    read_min,
    read_task,
    valid_annotations,
)
from .spans import Offsets, SpanReader, check_known


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like tasks or an export of Label Studio."""
    if not re.match(r"\s*\[\s*\{", head):
        return False
    record = first_record(head)
    if isinstance(record, dict):
        is_task = bool({"annotations", "predictions"} & record.keys())
        return (is_task and isinstance(record.get("data"), dict)) or bool(MIN_MARKS & record.keys())
    return re.search(r'"(from_name|completed_by|annotation_id)"\s*:', head) is not None


def annotators(path: Path) -> dict[str, int]:
    """How many tasks each annotator has annotated, by e-mail, or by id where the file has no more;
    "" where the file does not say who it was. Those that were skipped do not count.

    RAISES: FormatError if the file is no export of Label Studio.
    """
    counts: Counter[str] = Counter()
    for place, item in read_json_array(path):
        record = check_object(item, place)
        if is_min(record):
            counts.update([annotator_names(record.get("annotator"), place)[0]])
        else:
            found = valid_annotations(record, place)
            counts.update(
                {annotator_names(annotation.get("completed_by"), place)[0] for annotation in found}
            )
    return dict(counts)


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read an export of Label Studio, or tasks with predictions.

    Of a task's annotations, that of `options.annotator` counts, else the one that is marked as
    ground truth, else the first that was not skipped. Tasks without are left out; those that have
    only predictions are read from the first. Offsets may count UTF-16 units, as Label Studio's do,
    or code points: all spans of a task are read in the one in which their texts match.

    RAISES: FormatError naming the file and the line if the text or its annotation is not found, or
        a span is not of its text; if the annotator has annotated nothing.
    """
    is_empty = True
    taken: set[tuple[str | None, str]] = set()
    for place, item in read_json_array(path):
        record = check_object(item, place)
        if is_min(record):
            regions = read_min(record, place, options)
            data = {key: value for key, value in record.items() if key not in MIN_FIELDS}
        else:
            regions = read_task(record, place, options.annotator)
            data = check_object(record.get("data"), f"{place}: 'data'")
        if regions is None:
            options.counts[_left_out(options.annotator)] += 1
            continue
        if not is_min(record) and len(valid_annotations(record, place)) > 1:
            options.counts[_several(options.annotator)] += 1
        text = _find_text(data, options.text_field, place)
        task = (find_name(record, place, "id"), text)
        if task in taken and task[0] is not None and is_min(record):
            continue  # JSON-MIN repeats a task for each of its annotations.
        taken.add(task)
        is_empty = False
        yield AnnotatedText(
            text,
            _read_spans(regions, text, place, options.offsets),
            name=find_name(data, place, "name") or find_name(record, place, "id") or "",
            place=place,
            source=find_name(data, place, "source", "doc", "document"),
        )
    if is_empty and options.annotator is not None:
        raise FormatError(
            f"{path}: no task is annotated by {options.annotator!r}. The file has annotations by "
            f"{', '.join(map(repr, annotators(path))) or 'no one'}."
        )
    if is_empty:
        raise no_texts(path)


def _left_out(annotator: str | None) -> str:
    by = "" if annotator is None else f" by {annotator}"
    return f"tasks have no annotation{by}, and are left out"


def _several(annotator: str | None) -> str:
    taken = "the one marked as ground truth, or else the first, is taken"
    if annotator is not None:
        taken = f"that of {annotator} is taken"
    return f"tasks have several annotations: {taken} (--annotator)"


def write(
    texts: Iterable[AnnotatedText],
    file: IO[str],
    *,
    model_version: str = "bilstm_crf_ner",
    only_predictions: bool = False,
    first: int = 1,
) -> None:
    """Write tasks to import into Label Studio. The project's labeling configuration must have
    <Labels name="label" toName="text"> and <Text name="text" value="$text">.

    model_version: what texts with confidences are predictions of. Others are written as annotated.
    only_predictions: whether these others are predictions, too.
    first: the number of the first task, of which ids are made: those of several files must differ.
    RAISES: FormatError if a part of a text's annotation is not known.
    """
    known = (check_known(text, "Label Studio") for text in texts)
    tasks = (
        _format(text, number, model_version, only_predictions)
        for number, text in enumerate(known, first)
    )
    write_json_array(tasks, file)


def _find_text(data: dict[str, Any], asked: str | None, place: str) -> str:
    strings = [key for key, value in data.items() if isinstance(value, str)]
    if asked is None and "text" in strings:
        asked = "text"
    elif asked is None and len(strings) == 1:
        asked = strings[0]
    if asked is None or asked not in strings:
        wanted = "the field of the text" if asked is None else f"a text in the field {asked!r}"
        raise FormatError(
            f"{place}: {wanted} is not found. Fields of text: "
            f"{', '.join(map(repr, strings)) or 'none'}. Name one by --text-field."
        )
    return check_text(data[asked], repr(asked), place)


def _read_spans(regions: list[Region], text: str, place: str, unit: str) -> list[AnnotatedSpan]:
    # "characters" is what no one has asked for.
    units = ["utf-16", "characters"] if unit == "characters" else [unit]
    errors: list[FormatError] = []
    for unit in units:
        reader = SpanReader(text, place, unit)
        try:
            return [
                reader.make(start, end, label, surface=surface, confidence=confidence)
                for start, end, label, surface, confidence in regions
            ]
        except FormatError as error:
            errors.append(error)
    raise errors[0]


def version_of(meta: Mapping[str, Any]) -> str:
    """What Label Studio is told of a pipeline, as "en_news 1.0.0". meta: its `nlp.meta`."""
    return f"{meta['lang']}_{meta['name']} {meta['version']}"


def make_prediction(
    text: AnnotatedText,
    prefix: str,
    model_version: str,
    *,
    from_name: str = "label",
    to_name: str = "text",
) -> dict[str, Any]:
    """Make a prediction of what is marked in a text. Its score, by which Label Studio sorts tasks,
    is the least confidence of a span, and is left out where none is known.

    prefix: of the ids of its regions, which no other text may have.
    from_name, to_name: of the tags <Labels> and <Text> of the labeling configuration.
    """
    scores = [span.confidence for span in text.spans if span.confidence is not None]
    return {
        "model_version": model_version,
        **({"score": min(scores)} if scores else {}),
        "result": _regions(text, prefix, from_name, to_name),
    }


def _regions(
    text: AnnotatedText, prefix: str, from_name: str = "label", to_name: str = "text"
) -> list[dict[str, Any]]:
    offsets = Offsets(text.text, "utf-16")
    return [
        {
            "id": f"{prefix}-{index}",
            "type": "labels",
            "from_name": from_name,
            "to_name": to_name,
            "value": {
                "start": offsets.from_characters(span.start),
                "end": offsets.from_characters(span.end),
                "text": text.text[span.start : span.end],
                "labels": [span.label],
            },
            **({} if span.confidence is None else {"score": span.confidence}),
        }
        for index, span in enumerate(text.spans, 1)
    ]


def _format(
    text: AnnotatedText, number: int, model_version: str, is_prediction: bool
) -> dict[str, Any]:
    named = {"name": text.name, "source": text.source}
    given = {key: value for key, value in named.items() if value}
    data = {"text": text.text, **given, **text.extra}
    if is_prediction or any(span.confidence is not None for span in text.spans):
        return {"data": data, "predictions": [make_prediction(text, str(number), model_version)]}
    return {"data": data, "annotations": [{"result": _regions(text, str(number))}]}
