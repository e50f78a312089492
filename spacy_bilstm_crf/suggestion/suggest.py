"""The texts of a pool to annotate next, or questions about spans in them: the command `suggest`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from ..corpora.annotated import AnnotatedText
from ..corpora.files import aside, make_room
from ..corpora.formats import WRITABLE, label_studio
from ..corpora.formats.json_files import write_json_line
from ..corpora.formats.prodigy import make_question
from ..corpora.manifest import check_apart
from ..evaluation.held_out import find_recognizer
from ..tagging.found import found_in
from ..tagging.load import load_pipeline
from .known import read_known
from .pick import RANDOM, Pick, Wish, pick
from .pool import Unlabelled, read_pool
from .scan import scan


class TaskFormat(str, Enum):
    """The formats of annotation tools that have a place for what a text was suggested by."""

    doccano = "doccano"
    jsonl = "jsonl"
    label_studio = "label-studio"
    prodigy = "prodigy"


class Suggested(NamedTuple):
    """What was suggested, and of what.

    n: texts, or questions.
    n_random: texts of these that were drawn at random.
    n_words: of the texts.
    n_pool: texts of the pool.
    n_empty: of these, those without a word.
    n_known: of these, those that are annotated already, or nearly the same as one that is.
    """

    n: int
    n_random: int
    n_words: int
    n_pool: int
    n_empty: int
    n_known: int


def suggest(
    model: Language | str | Path,
    pool_path: Path,
    output_path: Path,
    output_format: TaskFormat = TaskFormat.prodigy,
    wish: Wish | None = None,
    *,
    exclude: Iterable[Path] = (),
    component: str | None = None,
    force: bool = False,
) -> Suggested:
    """Write the texts of a pool from which a pipeline would learn most, as tasks with what it finds
    in them; or questions about spans of which it is unsure. The first are the most useful ones;
    those that are drawn at random stand last. Each text says what it was suggested by.

    model: a pipeline with a component of ours, or its name or path.
    pool_path: as for `read_pool`.
    output_format: for questions, prodigy.
    wish: what is to be suggested.
    exclude: files or folders of what is annotated already, in any format that is read.
    component: which component, if there are several.
    force: replace the output.
    RETURNS: what was suggested.
    RAISES: FileNotFoundError if there is no pool; FileExistsError if the output is there;
        ValueError if the pool or what is annotated can't be read, the pipeline has no such
        component, the format has no questions, or there is nothing to suggest; OSError if the
        output can't be written. There is then no output, or it is as it was.
    """
    wish = wish or Wish()
    if wish.questions and output_format != TaskFormat.prodigy:
        raise ValueError("Questions are written in Prodigy's format: leave out --format.")
    check_apart(pool_path, output_path)
    make_room(output_path)
    if output_path.exists() and not force:
        raise FileExistsError(
            f"{output_path} is there already. Give another output, or --force to replace it."
        )
    nlp = model if isinstance(model, Language) else load_pipeline(model)
    name, pipe = find_recognizer(nlp, component)
    pool = read_pool(pool_path, nlp.vocab)
    known = read_known(exclude)
    scanned = scan(nlp, name, pool, wish.least_doubt)
    texts = [pool[number] for number in scanned.numbers]
    picks, n_left = pick(scanned, [own.text.text for own in texts], known, wish)
    if not picks:
        raise ValueError(
            "There is nothing to suggest: all texts are annotated already, or no span is doubtful."
        )
    with aside(output_path) as path, path.open("x", encoding="utf-8", newline="") as file:
        if wish.questions:
            _write_questions(nlp, texts, picks, file)
        else:
            with pipe.cfg.changed(confidence="entities"):
                _write_tasks(nlp, texts, picks, output_format, file)
    read = {own.number for own in picks}
    return Suggested(
        len(picks),
        sum(own.by == RANDOM for own in picks),
        sum(int(scanned.uncertainty.n_tokens[number]) for number in read),
        len(pool),
        len(pool) - len(texts),
        len(texts) - n_left,
    )


def _write_tasks(
    nlp: Language,
    texts: Sequence[Unlabelled],
    picks: Sequence[Pick],
    output_format: TaskFormat,
    file: IO[str],
) -> None:
    write = WRITABLE[output_format.value].write
    if output_format == TaskFormat.label_studio:
        version = label_studio.version_of(nlp.meta)
        write = partial(label_studio.write, model_version=version, only_predictions=True)
    write(_tagged(nlp, texts, picks), file)


def _tagged(
    nlp: Language, texts: Sequence[Unlabelled], picks: Sequence[Pick]
) -> Iterator[AnnotatedText]:
    """What the whole pipeline finds in the texts, and what they were suggested by."""
    docs = nlp.pipe(texts[own.number].as_input() for own in picks)
    for own, doc in zip(picks, docs):
        text = texts[own.number].text
        given = {"input": text.fields} if text.fields else {}
        extra = {"suggested_by": own.by, "score": round(own.score, 4), **given}
        yield replace(found_in(text, doc), extra=extra)


def _write_questions(
    nlp: Language, texts: Sequence[Unlabelled], picks: Sequence[Pick], file: IO[str]
) -> None:
    for own in picks:
        text = texts[own.number]
        doc = text.as_input()
        if not isinstance(doc, Doc):
            doc = nlp.make_doc(doc)
        assert own.span is not None
        write_json_line(make_question(found_in(text.text, doc), own.span), file)
