"""Annotated texts of any format to DocBin."""

import sys
from pathlib import Path
from typing import cast

import spacy
import typer
from wasabi import msg

from ..corpora.annotated import ReadOptions
from ..corpora.convert import Conversion, ConvertOptions, convert_corpus
from ..corpora.formats import FORMATS
from ..corpora.make_doc import Overlaps
from ..corpora.manifest import check_apart
from ..corpora.rurebus import unpack
from ..corpora.untrained import untrained_pipeline


def convert_cli(
    input_path: Path = typer.Argument(
        ..., metavar="CORPUS", help="A file of annotated texts, or a folder of them"
    ),
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train.spacy, dev.spacy and test.spacy to"
    ),
    config: Path | None = typer.Option(
        None,
        "--config",
        "-c",
        help="Training config: its tokenizer and untrained components make the docs of raw text",
    ),
    lang: str = typer.Option("en", "--lang", "-l", help="Language code, if there is no config"),
    format: str | None = typer.Option(
        None, "--format", "-f", help=f"Instead of detecting it: {', '.join(FORMATS)}"
    ),
    unit: str = typer.Option(
        "auto", "--unit", "-u", help="Columns: a doc per 'sentence', per 'document', or 'auto'"
    ),
    word_column: str | None = typer.Option(
        None, help="Columns, tokens: number from 1, or name, of the words' column"
    ),
    tag_column: str | None = typer.Option(None, help="The same for the tags; WebAnno: the layer"),
    text_field: str | None = typer.Option(None, help="CSV, Label Studio: the field of the text"),
    spans_field: str | None = typer.Option(None, help="CSV: the field of its spans, as JSON"),
    offsets: str = typer.Option(
        "characters", help="What offsets count: 'characters', 'utf-16' units or 'bytes' of UTF-8"
    ),
    annotator: str | None = typer.Option(
        None, help="Label Studio: whose annotation counts where there are several"
    ),
    overlaps: str = typer.Option(
        "longest",
        help="Which of spans that overlap are kept: longest, outermost, innermost, first; or error",
    ),
    retokenize: bool = typer.Option(
        False,
        "--retokenize",
        help="Let the config's tokenizer make the tokens where the file has its own",
    ),
    dev_share: float = typer.Option(
        0.1, min=0.0, max=1.0, help="Share of the sources to set aside for dev where there is none"
    ),
    test_share: float = typer.Option(
        0.1, min=0.0, max=1.0, help="The same for test, where there is neither dev nor test"
    ),
    folds: int = typer.Option(0, min=0, help="Write so many folds for cross-validation instead"),
    seed: int = typer.Option(0, help="Seed of what is set aside"),
) -> None:
    """Convert annotated texts to spaCy's binary format.

    Formats are known by their content: columns (CoNLL-2003, CoNLL-U, UNER, and their like), exports
    of Prodigy, doccano, Label Studio and INCEpTION (WebAnno TSV), token-classification JSON lines,
    CSV with spans, spaCy's own of versions 2 and 3, and brat. In a folder, the names of files say
    which are for train, dev and test; without dev, texts of train are set aside by source.

    corpus.json, written last, lists the files. A further conversion into the folder replaces these
    and leaves all others.
    """
    try:
        check_apart(input_path, output_dir)
        _check("unit", unit, "auto", "sentence", "document")
        _check("offsets", offsets, "characters", "utf-16", "bytes")
        _check("overlaps", overlaps, "longest", "outermost", "innermost", "first", "error")
        nlp = untrained_pipeline(config) if config else spacy.blank(lang)
        nlp.max_length = sys.maxsize  # there is no parser to run out of memory
        for archive in unpack(input_path):
            msg.warn(f"{archive} holds other files than those our figures were measured on")
        options = ConvertOptions(
            format=format,
            read=ReadOptions(
                word_column=word_column,
                tag_column=tag_column,
                unit=unit,
                offsets=offsets,
                annotator=annotator,
                text_field=text_field,
                spans_field=spans_field,
            ),
            overlaps=cast(Overlaps, overlaps),
            retokenize=retokenize,
            dev_share=dev_share,
            test_share=test_share,
            folds=folds,
            seed=seed,
        )
        conversion = convert_corpus(input_path, output_dir, nlp, options)
    except (ValueError, OSError, ImportError) as error:  # a language is imported
        msg.fail("The corpus can't be converted", str(error), exits=1)
    print_conversion(conversion, output_dir, options)


def _check(option: str, value: str, *known: str) -> None:
    if value not in known:
        raise ValueError(f"--{option} must be one of {', '.join(known)}, got {value!r}.")


def print_conversion(
    conversion: Conversion, output_dir: Path, options: ConvertOptions = ConvertOptions()
) -> None:
    """Print what a corpus became."""
    forced = "as told" if options.format else "by its content"
    msg.info(f"Format: {conversion.format}, {forced}")
    for path in conversion.left_out:
        msg.warn(f"{path} is left out: it is of no format, or its name says no split")
    if conversion.set_aside:
        shares = {"dev": options.dev_share, "test": options.test_share}
        listed = " and ".join(
            f"{count} texts of {shares[name]:.0%} of the sources for {name}"
            for name, count in conversion.set_aside.items()
        )
        msg.info(f"Set aside: {listed}, seed {options.seed}")
    for name, counts in conversion.splits.items():
        n_entities = sum(counts["entities"].values())
        listed = ", ".join(f"{label} {count}" for label, count in counts["entities"].items())
        entities = f"{n_entities} entities ({listed})" if n_entities else "no entities"
        msg.good(f"{output_dir / name}.spacy: {counts['docs']} docs, {entities}")
    if conversion.n_wrong:
        msg.info(
            f"{conversion.n_wrong} spans are known to be wrong, and in doc.spans['incorrect_spans']"
        )
    for reason, places in conversion.unfit.items():
        listed = "; ".join(places[:3]) + (" ..." if len(places) > 3 else "")
        what = "are left out" if reason == "overlaps another" else "are unknown to training"
        msg.warn(f"{len(places)} entities {what} ({reason}): {listed}")
    if conversion.n_foreign:
        share = conversion.n_foreign / conversion.n_tokens
        msg.warn(
            f"{conversion.n_foreign} of {conversion.n_tokens} tokens ({share:.1%}) are not as the "
            "pipeline's tokenizer makes them",
            "A model trained on them may fail on raw text: --retokenize projects the entities onto "
            "the tokenizer's own tokens, and `evaluate` scores raw text, too.",
        )
