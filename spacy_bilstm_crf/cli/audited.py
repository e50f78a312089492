"""What `audit` makes of what it found: a corrected corpus, and one with weights."""

import sys
from enum import Enum
from pathlib import Path

import spacy
from spacy.language import Language
from wasabi import msg

from ..audit.apply import apply_decisions
from ..audit.weights import convert_with_weights, cross_weight, trust
from ..corpora.annotated import ReadOptions
from ..corpora.convert import ConvertOptions
from ..corpora.export import ExportFormat
from ..tagging.printable import printable
from .counted import counted

_SHOWN = 10


class Weighing(str, Enum):
    """What weights are made of."""

    trust = "trust"
    crossweigh = "crossweigh"


def correct(
    corpus: Path,
    audit: Path,
    decisions: Path,
    corrected: Path,
    *,
    lang: str | None = None,
    input_format: str | None = None,
    read: ReadOptions | None = None,
    output_format: ExportFormat | None = None,
) -> None:
    """Apply decisions, and print what became of them. audit: the folder of findings.jsonl."""
    try:
        nlp = spacy.blank(lang or "xx")
        nlp.max_length = sys.maxsize  # there is no parser to run out of memory
        applied = apply_decisions(
            corpus,
            audit / "findings.jsonl",
            decisions,
            corrected,
            nlp,
            input_format=input_format,
            read=read,
            output_format=output_format,
        )
    except (OSError, ValueError, ImportError) as error:  # a language is imported
        msg.fail("The corpus can't be corrected", printable(error, keep="\n"), exits=1)
    if applied.left_out:
        msg.warn(f"Not applied: {counted(len(applied.left_out), 'accepted finding')}")
        for place, reason in applied.left_out[:_SHOWN]:
            print(printable(f"  {place}: {reason}"))
    if applied.n_removed:
        msg.info(f"Left out, as copies of others: {counted(applied.n_removed, 'text')}")
    msg.good(
        f"Corrected {counted(applied.n_changed, 'entity')} of "
        f"{counted(applied.n_texts, 'text')} in {printable(corrected)}"
    )


def weigh(
    corpus: Path,
    audit: Path,
    weighted: Path,
    nlp: Language,
    options: ConvertOptions,
    weighing: Weighing,
) -> None:
    """Convert a corpus with weights, and print how to train with them. audit: the folder of
    sentences.jsonl."""
    try:
        done = convert_with_weights(
            corpus,
            audit / "sentences.jsonl",
            weighted,
            nlp,
            options,
            weight=trust if weighing == Weighing.trust else cross_weight,
        )
    except (OSError, ValueError) as error:
        msg.fail("The corpus can't be weighted", printable(error, keep="\n"), exits=1)
    msg.good(
        f"Weights for {counted(done.n_sentences, 'sentence')} of train in {printable(weighted)}, "
        f"{done.mean:.2f} in the mean: train with "
        "--components.bilstm_crf_ner.weights_key weights"
    )
