"""Redacted texts and their logs: the command `redact`."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from ..corpora.brat import find_files
from ..corpora.files import write_whole
from ..tagging.lines import format_line
from ..tagging.outputs import FilePerText, LinePerText, Output
from ..tagging.packed import PackedLines, is_packed
from ..tagging.probable_spans import spans_above
from ..tagging.product import Make
from ..tagging.texts import Text, stamp, without
from .found import find, finds_entities, gives_probabilities
from .masks import Masks
from .redacted import Change, redact

LOG, TEXT = ".jsonl", ".txt"
"""The suffixes of a text's files: its log, and the redacted text, which says that it is done."""
KEY = "redacted"
"""Of the log in a line, beside the name and the text."""


@dataclass(frozen=True)
class Redactions:
    """The product of `redact`, whose arguments these are.

    is_folder, are_numbers: as for `Product`.
    """

    masks: Masks
    threshold: float | None
    with_text: bool
    is_folder: bool
    are_numbers: bool = False

    def make_function(self, nlp: Language) -> Make:
        """The function that makes what the output writes of a text. It warns if there will be no
        probabilities.

        RAISES: ValueError if no component finds entities, so that all would be kept.
        """
        if not finds_entities(nlp):
            raise ValueError(
                "No component of this pipeline finds entities, so nothing would be redacted. "
                "Add one, such as bilstm_crf_ner; one of your own says so by "
                'assigns=["doc.ents"].'
            )
        if not gives_probabilities(nlp, self.threshold):
            warnings.warn(
                "The pipeline gives no probabilities: its entities are redacted, without any in "
                "the log.",
                stacklevel=2,
            )
        return self._make

    def _make(self, text: Text, doc: Doc) -> Any:
        if doc.text != text.text:
            raise ValueError("the tokenizer changes the text, so offsets do not fit: use another")
        found = find(doc, self.threshold)
        redacted = redact(text.text, found, self.masks.replace_in(text.text))
        log = [self._entry(text, change) for change in redacted.changes]
        if self.is_folder:
            lines = b"".join(format_line({"name": text.name, **entry}) for entry in log)
            return [lines.decode(), redacted.text]
        return format_line({"name": text.name, "text": redacted.text, KEY: log})

    def _entry(self, text: Text, change: Change) -> dict[str, Any]:
        hidden = {"text": text.text[change.start : change.end]} if self.with_text else {}
        return {**change._asdict(), **hidden}

    def settings(self, nlp: Language) -> AbstractContextManager[None]:
        """Within this context, the pipeline gives the spans that are hidden."""
        return spans_above(nlp, self.threshold)

    def open_output(self, path: Path, *, force: bool) -> Output:
        """Open the output. force: remove first what the command has written to it.

        RAISES: ValueError if there are files of others where its own will be.
        """
        if self.is_folder:
            folder = _open_folder(path, force)
            self._keep_options(path / ".redact.options", is_new=not folder.manifest.digests)
            return folder
        kind = PackedLines if is_packed(path) else LinePerText
        lines = kind(path, KEY, force=force, stamp=_stamp_of_record)
        self._keep_options(path.with_name(f".{path.name}.options"), is_new=not lines.done)
        return lines

    def _keep_options(self, file: Path, *, is_new: bool) -> None:
        """RAISES: ValueError if the texts that are there were redacted with other options: what is
        to be hidden now might stand there."""
        own = {**asdict(self.masks), "threshold": self.threshold, "with_text": self.with_text}
        if is_new or not file.exists():
            write_whole(file, json.dumps(own).encode())
        elif (earlier := json.loads(file.read_text())) != own:
            changed = ", ".join(
                f"{key} {earlier.get(key)!r} there, {value!r} here"
                for key, value in own.items()
                if earlier.get(key) != value
            )
            raise ValueError(
                f"The output has texts that were redacted with other options ({changed}). Give the "
                "same ones, another output, or --force to begin anew."
            )


def _open_folder(path: Path, force: bool) -> FilePerText:
    output = FilePerText(path, (LOG, TEXT), force=force, stamp=_stamp_of_files)
    # A text that is there counts as done: one that is not redacted may not be there.
    for found in find_files(path, TEXT):
        name = found.relative_to(path)
        own = {name.as_posix(), name.with_suffix(LOG).as_posix()}
        if not all(output.manifest.is_own(file) for file in own):
            raise ValueError(
                f"{found} or its log was not written by this command, or was changed since: it "
                "would stand among redacted texts. Give another output folder."
            )
    return output


def _stamp_of_files(text: Text, made: Sequence[str]) -> str:
    log, redacted = made
    return _stamp(redacted, [json.loads(line) for line in log.split("\n") if line])


def _stamp_of_record(record: dict[str, Any]) -> str:
    try:
        return _stamp(record["text"], record[KEY])
    except (TypeError, KeyError) as error:
        raise ValueError(
            f"The line of {record['name']!r} in the output is not one that this command has "
            "written. Give another output."
        ) from error


def _stamp(redacted: str, log: Sequence[Mapping[str, Any]]) -> str:
    """What the original text is compared by: without what was hidden, which the output must not
    tell, not even by a digest."""
    hidden = [(entry["start"], entry["end"]) for entry in log]
    masked = [(entry["new_start"], entry["new_end"]) for entry in log]
    grown = sum(end - start for start, end in masked) - sum(end - start for start, end in hidden)
    return stamp(without(redacted, masked), len(redacted) - grown, hidden)
