"""Options that several commands take: those that read a corpus (`convert`, `init`, `train`), and
those over many texts (`predict`, `redact`)."""

from pathlib import Path
from typing import Annotated, cast

import typer

from ..corpora.annotated import ReadOptions
from ..corpora.convert import ConvertOptions
from ..corpora.formats import FORMATS
from ..corpora.make_doc import Overlaps

Format = Annotated[
    str | None,
    typer.Option("--format", "-f", help=f"Instead of detecting it: {', '.join(FORMATS)}"),
]
Lang = Annotated[
    str | None,
    typer.Option("--lang", "-l", help="Language code; by default found by the words"),
]
Unit = Annotated[
    str,
    typer.Option("--unit", "-u", help="Columns: a doc per 'sentence', per 'document', or 'auto'"),
]
WordColumn = Annotated[
    str | None,
    typer.Option(help="Columns, tokens: number from 1, or name, of the words' column"),
]
TagColumn = Annotated[
    str | None, typer.Option(help="The same for the tags; WebAnno: the layer of entities")
]
TextField = Annotated[
    str | None, typer.Option(help="CSV, Label Studio, texts with a label: the field of the text")
]
SpansField = Annotated[str | None, typer.Option(help="CSV: the field of its spans, as JSON")]
LabelField = Annotated[str | None, typer.Option(help="Texts with a label: the field of the label")]
Offsets = Annotated[
    str,
    typer.Option(help="What offsets count: 'characters', 'utf-16' units or 'bytes' of UTF-8"),
]
Annotator = Annotated[
    str | None,
    typer.Option(help="Label Studio: whose annotation counts where there are several"),
]
OverlapsOption = Annotated[
    str,
    typer.Option(
        "--overlaps",
        help="Which of spans that overlap are kept: longest, outermost, innermost, first; or error",
    ),
]
Retokenize = Annotated[
    bool,
    typer.Option(
        "--retokenize",
        help="Let the config's tokenizer make the tokens where the file has its own",
    ),
]
DevShare = Annotated[
    float,
    typer.Option(
        min=0.0, max=1.0, help="Share of the sources to set aside for dev where there is none"
    ),
]
TestShare = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="The same for test, where there is neither dev nor test"),
]
Size = Annotated[str, typer.Option(help="fast, default or best")]
Vectors = Annotated[str | None, typer.Option(help="A pipeline with word vectors")]
Minutes = Annotated[
    float | None,
    typer.Option(min=0.1, help="Train no longer, by the time of some steps on this machine"),
]
Model = Annotated[str, typer.Argument(help="Name or path of a trained pipeline")]
Texts = Annotated[
    Path,
    typer.Argument(
        help="Folder of .txt files, or a file of JSON lines with a 'text' each, which may be "
        "compressed (gzip, Zstandard), or of Parquet with a column 'text'",
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Remove first what this command has written to the output, and nothing else",
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        "-w",
        min=1,
        help="Processes that tag, with one thread each: as many as there are cores is fastest, if "
        "there is memory for as many pipelines. The output is the same",
    ),
]
GpuId = Annotated[int, typer.Option("--gpu-id", "-g", help="GPU, -1 for the CPU")]


def read_options(
    *,
    word_column: str | None,
    tag_column: str | None,
    unit: str,
    offsets: str,
    annotator: str | None,
    text_field: str | None,
    spans_field: str | None,
    label_field: str | None,
) -> ReadOptions:
    """What readers are told.

    RAISES: ValueError if a value is none of those that there are.
    """
    _check("unit", unit, "auto", "sentence", "document")
    _check("offsets", offsets, "characters", "utf-16", "bytes")
    return ReadOptions(
        word_column=word_column,
        tag_column=tag_column,
        unit=unit,
        offsets=offsets,
        annotator=annotator,
        text_field=text_field,
        spans_field=spans_field,
        label_field=label_field,
    )


def convert_options(
    read: ReadOptions,
    *,
    format: str | None,
    overlaps: str,
    retokenize: bool,
    dev_share: float,
    test_share: float,
    seed: int,
    folds: int = 0,
) -> ConvertOptions:
    """How a corpus is converted.

    RAISES: ValueError if a value is none of those that there are.
    """
    _check("overlaps", overlaps, "longest", "outermost", "innermost", "first", "error")
    return ConvertOptions(
        format=format,
        read=read,
        overlaps=cast(Overlaps, overlaps),
        retokenize=retokenize,
        dev_share=dev_share,
        test_share=test_share,
        folds=folds,
        seed=seed,
    )


def _check(option: str, value: str, *known: str) -> None:
    if value not in known:
        raise ValueError(f"--{option} must be one of {', '.join(known)}, got {value!r}.")
