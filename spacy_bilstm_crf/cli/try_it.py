"""A trained pipeline on a text from the command line."""

import spacy
import typer
from wasabi import msg
from wasabi.util import color


def try_cli(
    model: str = typer.Argument(..., help="Name or path of a trained pipeline"),
    text: str = typer.Argument(..., help="The text to find entities in"),
) -> None:
    """Find the entities of a text and print it with them marked."""
    try:
        nlp = spacy.load(model)
    except (OSError, ValueError) as error:
        msg.fail(f"Can't load {model}", str(error), exits=1)
    doc = nlp(text)
    pieces, end = [], 0
    for ent in doc.ents:
        marked = color(ent.text, bold=True) + color(f" {ent.label_}", fg="cyan")
        pieces += [text[end : ent.start_char], f"[{marked}]"]
        end = ent.end_char
    print("".join([*pieces, text[end:]]))
