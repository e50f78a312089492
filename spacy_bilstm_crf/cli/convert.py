"""Annotated texts of any format to DocBin."""

import sys
from itertools import islice
from pathlib import Path

import spacy
import typer
from wasabi import msg

from ..corpora.convert import Conversion, ConvertOptions, convert_corpus, read_files
from ..corpora.facts import look_at
from ..corpora.inputs import find_inputs
from ..corpora.manifest import check_apart
from ..corpora.rurebus import unpack
from ..corpora.untrained import untrained_pipeline
from . import options
from .counted import counted
from .overview import print_overview


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
    lang: options.Lang = None,
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
    retokenize: options.Retokenize = False,
    dev_share: options.DevShare = 0.1,
    test_share: options.TestShare = 0.1,
    folds: int = typer.Option(0, min=0, help="Write so many folds for cross-validation instead"),
    seed: int = typer.Option(0, help="Seed of what is set aside"),
) -> None:
    """Convert annotated texts to spaCy's binary format.

    Formats are known by their content: columns (CoNLL-2003, CoNLL-U, UNER, and their like), exports
    of Prodigy, doccano, Label Studio and INCEpTION (WebAnno TSV), token-classification JSON lines,
    CSV with spans, spaCy's own of versions 2 and 3, and brat; and texts with labels, as JSON lines,
    CSV or a folder of texts for each label. In a folder, the names of files say which are for
    train, dev and test; without dev, texts of train are set aside by source.

    corpus.json, written last, lists the files. A further conversion into the folder replaces these
    and leaves all others.
    """
    try:
        check_apart(input_path, output_dir)
        for archive in unpack(input_path):
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
            retokenize=retokenize,
            dev_share=dev_share,
            test_share=test_share,
            folds=folds,
            seed=seed,
        )
        nlp = untrained_pipeline(config) if config else spacy.blank(lang or _find(input_path, how))
        nlp.max_length = sys.maxsize  # there is no parser to run out of memory
        conversion = convert_corpus(input_path, output_dir, nlp, how)
    except (ValueError, OSError, ImportError) as error:  # a language is imported
        msg.fail("The corpus can't be converted", str(error), exits=1)
    print_conversion(conversion, output_dir, how)


def _find(path: Path, how: ConvertOptions) -> str:
    """The language of the first training texts, by their words."""
    inputs = find_inputs(path, how.format)
    texts = islice(read_files(inputs.format, inputs.files["train"], how.read), 2000)
    language = look_at(list(texts)).language or "xx"
    msg.info(f"Language: {language}, by its words; --lang for another, or --config")
    return language


def print_conversion(conversion: Conversion, output_dir: Path, how: ConvertOptions) -> None:
    """Print what a corpus became."""
    forced = "as told" if how.format else "by its content"
    msg.info(f"Format: {conversion.format}, {forced}")
    for path in conversion.left_out:
        msg.warn(f"{path} is left out: it is of no format, or its name says no split")
    if conversion.set_aside:
        shares = {"dev": how.dev_share, "test": how.test_share}
        listed = " and ".join(
            f"{counted(count, 'text')} of {shares[name]:.0%} of the sources for {name}"
            for name, count in conversion.set_aside.items()
        )
        msg.info(f"Set aside: {listed}, seed {how.seed}")
    for name, counts in conversion.splits.items():
        n_entities = sum(counts["entities"].values())
        listed = ", ".join(f"{label} {count}" for label, count in counts["entities"].items())
        entities = f"{counted(n_entities, 'entity')} ({listed})" if n_entities else "no entities"
        if "cats" in counts:
            listed = ", ".join(f"{label} {count}" for label, count in counts["cats"].items())
            entities = f"labels {listed}"
        msg.good(f"{output_dir / name}.spacy: {counted(counts['docs'], 'doc')}, {entities}")
        if name != "train" and counts["docs"] < 10:
            msg.warn(f"{name} is small: its scores say little")
    print_overview(conversion.overview)
    for what, count in sorted(conversion.counts.items()):
        msg.info(f"{count} {what}")
    if conversion.n_wrong:
        msg.info(
            "Known to be wrong, and in doc.spans['incorrect_spans']: "
            f"{counted(conversion.n_wrong, 'span')}"
        )
    for reason, places in conversion.unfit.items():
        listed = "; ".join(places[:3]) + (" ..." if len(places) > 3 else "")
        what = "left out" if reason == "overlaps another" else "unknown to training"
        msg.warn(f"{counted(len(places), 'entity')} {what} ({reason}): {listed}")
    if conversion.n_foreign:
        share = conversion.n_foreign / conversion.n_tokens
        msg.warn(
            f"{conversion.n_foreign} of {conversion.n_tokens} tokens ({share:.1%}) are not as the "
            "pipeline's tokenizer makes them",
            "A model trained on them may fail on raw text: --retokenize projects the entities onto "
            "the tokenizer's own tokens, and `evaluate` scores raw text, too.",
        )
