"""What is probably annotated wrong in a corpus."""

from collections import Counter
from contextlib import suppress
from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..audit.audit import FINDINGS, FOLDS, PAGE, Audit, audit_corpus
from ..audit.documents import make_documents, read_texts
from ..audit.folds import FoldOptions
from ..corpora.export import ExportFormat
from ..corpora.files import make_room, write_whole
from ..corpora.manifest import check_apart
from ..corpora.rurebus import unpack
from ..corpora.untrained import read_config, untrained_pipeline
from ..tagging.printable import printable
from . import options
from .audited import Weighing, correct, weigh
from .counted import counted
from .init import choose_for, format_config, print_choices

_SHOWN = 10
_TOLD = "# Chosen by audit with "


def audit_cli(
    corpus: Path = typer.Argument(
        ..., help="A file of annotated texts, or a folder of them, as for `convert`"
    ),
    output: Path = typer.Argument(..., help="Folder for all that comes of it"),
    config: Path | None = typer.Option(
        None, "--config", "-c", help="Training config, instead of the one that `init` chooses"
    ),
    lang: options.Lang = None,
    size: options.Size = "default",
    vectors: options.Vectors = None,
    minutes: float | None = typer.Option(
        None, min=0.1, help="Train no longer in all, by the time of some steps on this machine"
    ),
    gpu_id: options.GpuId = -1,
    folds: int = typer.Option(5, min=2, help="Parts, each judged by a model of the others"),
    repeats: int = typer.Option(1, min=1, help="Judge all so many times, by other seeds"),
    seed: int = typer.Option(0, help="Seed of the folds and of the trainings"),
    threshold: float | None = typer.Option(
        None,
        min=0.0,
        max=1.0,
        help="The suspicion from which on a finding counts. By default 0.5, or --least if that is "
        "more",
    ),
    most: int | None = typer.Option(
        None, min=0, help="End with code 1 if more findings than this count"
    ),
    least: float = typer.Option(
        0.5, min=0.0, max=1.0, help="The suspicion from which on a finding is listed"
    ),
    apply: Path | None = typer.Option(
        None,
        help="Train nothing: apply the decisions.json of the page, and write OUTPUT/corrected",
    ),
    to: ExportFormat | None = typer.Option(
        None, help="With --apply: the format to write, instead of that of the corpus"
    ),
    weights: Weighing | None = typer.Option(
        None,
        help="Also write OUTPUT/weighted, the corpus as `convert` does, from which training learns "
        "less where it is suspicious: by one minus the suspicion, or as CrossWeigh does",
    ),
    format: options.Format = None,
    unit: options.Unit = "auto",
    word_column: options.WordColumn = None,
    tag_column: options.TagColumn = None,
    text_field: options.TextField = None,
    spans_field: options.SpansField = None,
    label_field: options.LabelField = None,
    offsets: options.Offsets = "characters",
    annotator: options.Annotator = None,
    overlaps: options.OverlapsOption = "longest",
) -> None:
    """List what is probably annotated wrong in a corpus, worst first: wrong labels and borders,
    missing and spurious entities, each with what is likelier.

    Every text, of train, dev and test, is judged by a model that was trained without it and
    without texts like it. Checks beside it need no model: duplicates across splits, misspelt
    labels, entities that end in blanks or punctuation, the same sentence annotated in two ways.

    The output gets findings.jsonl, index.html to look through them and decide, and sentences.jsonl
    with the suspicion of every sentence. An audit that was interrupted goes on with the folds that
    are left, by the same command.
    """
    is_new = not output.exists()
    try:
        check_apart(corpus, output)
        for archive in unpack(corpus):
            msg.warn(f"{archive} holds other files than those our figures were measured on")
        read = options.read_options(
            word_column=word_column,
            tag_column=tag_column,
            unit=unit,
            offsets=offsets,
            annotator=annotator,
            text_field=text_field,
            spans_field=spans_field,
            label_field=label_field,
        )
        how = options.convert_options(
            read,
            format=format,
            overlaps=overlaps,
            retokenize=False,
            dev_share=0.1,
            test_share=0.1,
            seed=seed,
        )
        counts_from = max(0.5, least) if threshold is None else threshold
        if counts_from < least:
            raise ValueError(
                f"Findings are listed from a suspicion of {least:g} on: give --least "
                f"{counts_from:g} to count from there."
            )
        if apply is not None:
            correct(
                corpus,
                output,
                apply,
                output / "corrected",
                lang=lang,
                input_format=format,
                read=read,
                output_format=to,
            )
            return
        if to is not None:
            raise ValueError("--to is the format of what --apply corrects: give both or none.")
        make_room(output, folder=True)
        texts = read_texts(corpus, read, format)
        given = [o for o in (lang, vectors, minutes) if o is not None]
        if config is not None and (given or size != "default"):
            raise ValueError(
                "--lang, --size, --vectors and --minutes are for a config that is chosen: beside "
                "--config they would do nothing. Leave them out."
            )
        used = config or output / "config.cfg"
        told = _told(lang, size, vectors, minutes)
        if config is None and used.exists():
            _check_told(used, told)
            msg.info(f"{used} is there, and is used as it is; remove it to have one chosen anew")
        elif config is None:
            chosen = choose_for(
                [text for _, _, text in texts],
                lang=lang,
                size=size,
                vectors=vectors,
                minutes=minutes and minutes / (folds * repeats),
                gpu=gpu_id >= 0,
                seed=seed,
            )
            print_choices(chosen)
            write_whole(used, f"{told}\n{format_config(chosen)}".encode())
        nlp = untrained_pipeline(used)
        documents = make_documents(texts, nlp, how.overlaps)
        setup_gpu(gpu_id, silent=True)
        found = audit_corpus(
            documents,
            read_config(used),
            output,
            options=FoldOptions(folds, repeats, seed, gpu_id=gpu_id),
            least=least,
            on_fold=_print_fold,
            title=corpus.name,
        )
    except (ValueError, OSError, ImportError) as error:
        if is_new:
            with suppress(OSError):  # it holds what was trained
                if not (output / FOLDS).exists():
                    (output / "config.cfg").unlink(missing_ok=True)
                output.rmdir()
        msg.fail("The corpus can't be audited", printable(error, keep="\n"), exits=1)
    except KeyboardInterrupt:
        msg.warn("Interrupted", "The same command goes on with the folds that are left.")
        raise typer.Exit(130) from None
    n_suspicious = _print_findings(found, counts_from)
    n_findings = counted(len(found.findings), "finding")
    msg.good(f"{output / FINDINGS}: {n_findings}; {output / PAGE} shows them")
    if weights is not None:
        weigh(corpus, output, output / "weighted", nlp, how, weights)
    if most is not None and n_suspicious > most:
        msg.fail(f"{counted(n_suspicious, 'suspicious finding')}, more than {most}", exits=1)


def _told(*given: object) -> str:
    """The first line of a config that is chosen: what it was chosen by."""
    names = ("--lang", "--size", "--vectors", "--minutes")
    return _TOLD + ", ".join(f"{name} {value}" for name, value in zip(names, given) if value)


def _check_told(config: Path, told: str) -> None:
    first = config.read_text(encoding="utf-8").partition("\n")[0]
    if first.startswith(_TOLD) and first != told:
        raise ValueError(
            f"{config} was chosen with {first.removeprefix(_TOLD)}. Give the same to go on, or "
            "remove it to have one chosen anew."
        )


def _print_fold(nth: int, total: int, is_kept: bool) -> None:
    msg.divider(f"Fold {nth} of {total}{', kept' if is_kept else ''}")


def _print_findings(found: Audit, threshold: float) -> int:
    """Print the worst, and how many there are of each kind. RETURNS: how many count."""
    suspicious = [own for own in found.findings if own.suspicion >= threshold]
    counts = Counter(own.kind for own in suspicious)
    rows = [
        (
            f"{own.suspicion:.2f}",
            f"{own.file}:{own.line}" if own.line else f"{own.file}, {own.document}",
            printable(own.group),
        )
        for own in found.findings[:_SHOWN]
    ]
    if rows:
        msg.table(rows, header=("suspicion", "where", "what"), aligns=("r", "l", "l"))
    listed = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    msg.info(
        f"{counted(len(suspicious), 'finding')} of a suspicion from {threshold:g}"
        + (f": {listed}" if listed else "")
    )
    return len(suspicious)
