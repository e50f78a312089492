"""Draw docs/img/tagged.svg: a text with its entities and their confidences.

python -m docs.tools.picture MODEL, with a pipeline that `make all` has trained on the built-in
sample: training/sample/model-best.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import spacy
import typer
from spacy.tokens import Doc
from wasabi import msg

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "spacy-bilstm-crf"  # the same file each time
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import FancyBboxPatch  # noqa: E402
from matplotlib.text import Text  # noqa: E402
from matplotlib.transforms import IdentityTransform  # noqa: E402

IMAGE = Path(__file__).parents[1] / "img" / "tagged.svg"
# Names that only their context tells apart: Jordan is a person and a country, May no entity.
TEXT = (
    "In May, Jordan Halberg of Norsk Airways flew to Washington. Florence Grant, a Kenyan lawyer, "
    "met the Norwegian minister in Jordan before the Halden Cup."
)
COLORS = {"PER": "#f5b5c8", "LOC": "#a3e4b8", "ORG": "#9ec5fe", "MISC": "#ffd08a"}
DARK, SOFT = "#14171f", "#4a5163"
# In points, of which the figure has 72 an inch.
WIDTH, MARGIN, LINE, BOX, SIZE, SMALL, PAD = 540, 14, 36, 26, 15, 10, 6


def main(model: str) -> None:
    """Tag the text and draw it."""
    figure = draw(spacy.load(model)(TEXT))
    figure.savefig(IMAGE, format="svg", metadata={"Date": None, "Title": TEXT})
    msg.good(str(IMAGE))


class Piece(NamedTuple):
    """A word, or an entity with what is noted beside it."""

    text: str
    label: str
    note: str
    has_blank: bool


def pieces(doc: Doc) -> Iterator[Piece]:
    """The words of a doc and its entities, in their order."""
    entity_at = {ent.start: ent for ent in doc.ents}
    i = 0
    while i < len(doc):
        span = entity_at.get(i, doc[i : i + 1])
        note = f"{span.label_} {span._.confidence:.2f}" if span.label_ else ""
        yield Piece(span.text, span.label_, note, bool(span[-1].whitespace_))
        i = span.end


def draw(doc: Doc) -> Figure:
    """A figure of a doc, in lines, each entity in a box with its label and confidence."""
    figure = Figure(figsize=(WIDTH / 72, 1), dpi=72)
    renderer = FigureCanvasAgg(figure).get_renderer()

    def width_of(text: str, size: float, weight: str = "normal") -> float:
        return float(_text(figure, 0, 0, text, size, weight).get_window_extent(renderer).width)

    blank = width_of("a b", SIZE) - width_of("ab", SIZE)
    x, line = float(MARGIN), 0
    placed = []
    for piece in pieces(doc):
        own = width = width_of(piece.text, SIZE)
        if piece.note:
            width += width_of(piece.note, SMALL, "bold") + 3 * PAD
        if x + width > WIDTH - MARGIN and piece.text not in ",.":
            x, line = float(MARGIN), line + 1
        placed.append((piece, x, line, own, width))
        x += width + blank * piece.has_blank
    height = LINE * (line + 1) + MARGIN
    figure.set_size_inches(WIDTH / 72, height / 72)
    figure.patch.set_facecolor("white")
    for piece, x, line, own, width in placed:
        y = height - MARGIN / 2 - LINE * (line + 0.5)
        if piece.note:
            figure.add_artist(_box(x, y, width, COLORS[piece.label]))
            start = x + own + 2 * PAD
            figure.add_artist(_text(figure, start, y, piece.note, SMALL, "bold", SOFT))
            x += PAD
        figure.add_artist(_text(figure, x, y, piece.text, SIZE))
    return figure


def _box(x: float, y: float, width: float, color: str) -> FancyBboxPatch:
    return FancyBboxPatch(
        (x, y - BOX / 2),
        width,
        BOX,
        boxstyle="round,pad=0,rounding_size=5",
        facecolor=color,
        edgecolor="none",
        transform=IdentityTransform(),
    )


def _text(
    figure: Figure, x: float, y: float, text: str, size: float, weight: str = "normal",
    color: str = DARK,
) -> Text:  # fmt: skip
    base = y - 0.36 * size  # the same for all words of a size
    font: dict[str, Any] = {"fontsize": size, "fontweight": weight, "color": color}
    return Text(x, base, text, figure=figure, transform=IdentityTransform(), **font)


if __name__ == "__main__":
    typer.run(main)
