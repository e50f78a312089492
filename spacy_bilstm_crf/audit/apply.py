"""A corrected corpus, of what was accepted in an audit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language

from ..corpora.annotated import AnnotatedText, FormatError, ReadOptions, Unfit
from ..corpora.compressed import SUFFIXES
from ..corpora.export import ExportFormat, write_texts
from ..corpora.formats import FORMATS
from ..corpora.inputs import find_inputs, split_of
from ..corpora.manifest import OwnFiles, check_apart
from ..corpora.rewrite import Correction, rewrite
from .changes import change
from .decisions import read_accepted, read_findings
from .finding import Finding
from .locate import Place, locate

_SUFFIXES = {
    ExportFormat.columns: ".conll",
    ExportFormat.csv: ".csv",
    ExportFormat.label_csv: ".csv",
    ExportFormat.label_studio: ".json",
    ExportFormat.spacy: ".spacy",
    ExportFormat.spacy2: ".json",
}


class Applied(NamedTuple):
    """What became of the accepted findings.

    format: that the corpus was read in.
    n_changed: how many entities were changed, added or removed, in `n_texts` texts.
    n_removed: texts that were left out, as copies of others.
    left_out: findings that were not applied, with the reason.
    """

    format: str
    n_changed: int
    n_texts: int
    n_removed: int
    left_out: list[Unfit]


def apply_decisions(
    corpus: Path,
    findings: Path,
    decisions: Path,
    output: Path,
    nlp: Language,
    *,
    input_format: str | None = None,
    read: ReadOptions | None = None,
    output_format: ExportFormat | None = None,
) -> Applied:
    """Write a corpus with the accepted findings of its audit applied, all of it or nothing.

    Labels and borders are changed, what is missing is added and what is spurious removed. Of a
    duplicate, the text is removed.

    corpus: as `audit` read it.
    findings: its findings.jsonl. decisions: what the page saved.
    output: a folder for files of the same names; what this function wrote there before is replaced.
    nlp: its tokenizer makes the tokens of texts that have none, where `output_format` needs them.
    input_format, read: as `audit` was told.
    output_format: None for that of the corpus: files without changes are then copied, and of the
        others is changed what has to be; see `rewrite`.
    RAISES: FileNotFoundError if a file is missing; FormatError if one can't be read, findings do
        not fit the corpus, or the format can't hold what is corrected; ValueError if corpus and
        output do not lie apart; FileExistsError if files of others are in the way. There is then no
        output, or it is as it was.
    """
    check_apart(corpus, output)
    for path, remedy in (
        (findings, "Audit the corpus first, into that folder."),
        (decisions, "Give what the page saved."),
    ):
        if not path.exists():
            raise FileNotFoundError(f"{path} is not there. {remedy}")
    accepted = read_accepted(decisions, read_findings(findings))
    read = read or ReadOptions()
    found, files, _ = find_inputs(corpus, input_format)
    paths = [path for split in files.values() for path in split]
    texts = {path: list(FORMATS[found].read(path, read)) for path in paths}
    corrector = _Corrector(locate(accepted, texts, corpus))
    own = OwnFiles(output, command="audit --apply", manifest=".audit.json")
    own.check_free([])
    with own.build() as built:
        for path, before in texts.items():
            corrections = [corrector.correct((path, n), text) for n, text in enumerate(before)]
            target = built / (path.relative_to(corpus) if corpus.is_dir() else path.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if output_format is not None:
                target = _place(target, output_format, is_folder=found in ("brat", "webanno"))
                write_texts(_kept(corrections), target, output_format, nlp)
            elif all(correction.before is correction.after for correction in corrections):
                _check_free(target)
                for source in (path, path.with_suffix(".ann")) if found == "brat" else (path,):
                    shutil.copyfile(source, target.with_suffix(source.suffix))
            else:
                target = _uncompressed(target)
                _check_free(target)
                _rewrite(path, found, corrections, target, read)
        own.replace(built, {"format": found if output_format is None else output_format.value})
    return Applied(
        found,
        corrector.n_changed,
        corrector.n_texts,
        corrector.n_removed,
        corrector.left_out,
    )


class _Corrector:
    """Corrects texts by their findings, and counts."""

    def __init__(self, findings: dict[Place, list[Finding]]) -> None:
        self.findings = findings
        self.n_changed = self.n_texts = self.n_removed = 0
        self.left_out: list[Unfit] = []

    def correct(self, place: Place, text: AnnotatedText) -> Correction:
        """A text as it should be; the same one if nothing changes."""
        own = self.findings.get(place, [])
        others = [finding for finding in own if finding.kind != "duplicate"]
        if len(others) < len(own):
            self.n_removed += 1
            self.left_out += [Unfit(other.place, "its text is removed") for other in others]
            return Correction(text, None)
        after, done, unfit = change(text, others)
        self.left_out += unfit
        if not done:
            return Correction(text, text)
        self.n_changed += len(done)
        self.n_texts += 1
        return Correction(text, after)


def _kept(corrections: list[Correction]) -> list[AnnotatedText]:
    return [correction.after for correction in corrections if correction.after is not None]


def _place(target: Path, output_format: ExportFormat, *, is_folder: bool) -> Path:
    """Where a file goes in another format: for a folder of files, to one of its name, or to the
    folder where it is, if it is itself one of such files."""
    if output_format.is_folder and is_folder:
        return target.parent
    target = _uncompressed(target)
    # "eng.train" is no suffix: what tells the split stays.
    name = target.name if split_of(Path(target.suffix)) else target.stem
    suffix = "" if output_format.is_folder else _SUFFIXES.get(output_format, ".jsonl")
    target = target.with_name(name + suffix)
    _check_free(target)
    if output_format.is_folder:
        target.mkdir()
    return target


def _check_free(target: Path) -> None:
    if target.exists():
        raise FormatError(f"Two files of the corpus would be {target.name}. Rename one of them.")


def _uncompressed(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() in SUFFIXES else path


def _rewrite(
    path: Path, format: str, corrections: list[Correction], target: Path, read: ReadOptions
) -> None:
    if not _kept(corrections) and format != "brat":
        raise FormatError(f"{path}: all of its texts would be removed. Keep one of them.")
    try:
        rewrite(path, format, corrections, target, read)
    except ValueError as error:
        place = "" if isinstance(error, FormatError) else f"{path}: "
        raise FormatError(f"{place}{error} Give another format to write: --to.") from error
