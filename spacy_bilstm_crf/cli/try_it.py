"""A trained pipeline on texts that one types."""

import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from wasabi import msg
from wasabi.util import color, supports_ansi

from ..evaluation.word_influence import word_influence
from ..pipeline.prediction import label_and_confidence
from ..tagging.load import load_pipeline
from ..tagging.marked import mark_up
from ..tagging.printable import printable
from ..tagging.readings import gives_readings, readings
from ..tagging.tagger import allow_long_texts

_MOST_READINGS = 1000  # more take minutes, and memory as they are many and the text is long
_COLORS = ("cyan", "yellow", "pink", "green", "blue", "red")


def try_cli(
    model: str = typer.Argument(..., help="Name or path of a trained pipeline"),
    text: str | None = typer.Argument(
        None, help="The text to find entities in. Without one, texts are asked for, line by line"
    ),
    n_best: int = typer.Option(1, "--n-best", "-n", help="So many analyses, with probabilities"),
    html: bool = typer.Option(False, help="Open the text in the browser, marked up by displaCy"),
) -> None:
    """Find the entities of texts and print them with their labels and confidences.

    Of a pipeline that labels whole texts, print the probabilities, and the words that moved the
    first label most: how much less probable it is without each.
    """
    if not 1 <= n_best <= _MOST_READINGS:
        msg.fail(f"--n-best must be from 1 to {_MOST_READINGS}", exits=1)
    try:
        nlp = load_pipeline(model)
    except (OSError, ValueError) as error:
        msg.fail(f"Can't load {printable(model)}", printable(error, keep="\n"), exits=1)
    allow_long_texts(nlp)
    labels = sorted(set().union(*nlp.pipe_labels.values()))
    docs = []
    try:
        for line in [text] if text is not None else _typed():
            doc = nlp(line)
            print(mark(doc, doc.ents, labels))
            if doc.cats:
                _print_categories(nlp, doc)
            if n_best > 1:
                _print_readings(nlp, doc, n_best, labels)
            if html:
                docs.append(doc)
    except ValueError as error:
        msg.fail("Can't tag the text", printable(error), exits=1)
    if docs:
        with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf8") as f:
            f.write(_page(docs))
        msg.info(f"Written to {f.name}")
        webbrowser.open(Path(f.name).as_uri())


def _page(docs: Sequence[Doc]) -> str:
    """A page of texts, marked up by displaCy."""
    return displacy.render(
        [mark_up(doc) for doc in docs], style="ent", page=True, jupyter=False, manual=True
    )


def _typed() -> Iterator[str]:
    if not sys.stdin.isatty():
        yield from (line.strip() for line in sys.stdin if line.strip())
        return
    msg.info("Type a text and press Enter; an empty line ends")
    while True:
        try:
            line = input("> ")
        except EOFError:
            return
        if not line.strip():
            return
        yield line


def mark(doc: Doc, ents: Sequence[Span], labels: Sequence[str]) -> str:
    """A text with its entities in brackets, in the colour of their label, and, where they are
    known, their confidences. labels: those of the pipeline, in the order of their colours."""
    parts, end = [], 0
    for ent in ents:
        shown = printable(label_and_confidence(ent))
        own = printable(ent.text, keep="\n\t")
        nth = labels.index(ent.label_) if ent.label_ in labels else 0
        paint = _COLORS[nth % len(_COLORS)]
        parts.append(printable(doc.text[end : ent.start_char], keep="\n\t"))
        if supports_ansi():
            parts.append(f"[{color(own, bold=True)} {color(shown, fg=paint)}]")
        else:
            parts.append(f"[{own} {shown}]")
        end = ent.end_char
    return "".join([*parts, printable(doc.text[end:], keep="\n\t")])


def _print_categories(nlp: Language, doc: Doc) -> None:
    """Print the labels of the text, and the words that moved the first one most."""
    ordered = sorted(doc.cats.items(), key=lambda own: -own[1])
    print("  ".join(f"{label} {value:.2f}" for label, value in ordered))
    label = ordered[0][0]
    moved = sorted(zip(word_influence(nlp, doc, label), doc), key=lambda own: -abs(own[0]))
    shown = [f"{token.text} {drop:+.2f}" for drop, token in moved[:5] if abs(drop) >= 0.01]
    if shown:
        print(f"{label} is moved by: {', '.join(shown)}")


def _print_readings(nlp: Language, doc: Doc, k: int, labels: Sequence[str]) -> None:
    if not gives_readings(nlp):
        msg.warn("No component of this pipeline gives several analyses")
    for name, bare, best in readings(nlp, doc.text, k):
        msg.divider(f"The {k} most probable analyses of {printable(name)}")
        for probability, ents in best:
            print(f"{probability:.3f}  {mark(bare, ents, labels)}")
