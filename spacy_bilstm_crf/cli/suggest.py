"""What to annotate next."""

from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..suggestion.pick import Wish
from ..suggestion.score import Score
from ..suggestion.suggest import Suggested, TaskFormat, suggest
from ..tagging.printable import printable
from .counted import counted
from .options import GpuId, Model


def suggest_cli(
    model: Model,
    pool: Path = typer.Argument(
        ...,
        help="Texts that may be annotated: what `predict` reads, or a .spacy file, of which tokens "
        "and sentences are taken",
    ),
    output: Path = typer.Argument(..., help="File to write"),
    n: int = typer.Option(Wish.n, "--n", "-n", min=1, help="How many texts, or questions"),
    words: int | None = typer.Option(
        None, min=1, help="About how many words, instead of a number of texts"
    ),
    score: Score = typer.Option(
        Wish.score,
        help="What texts are ranked by: mnlp, how improbable the best analysis is; entropy, that "
        "of all analyses; margin, how near the next best one is; errors, those to be expected "
        "among entities. All but the margin are by tokens",
    ),
    random: float | None = typer.Option(
        None,
        min=0.0,
        max=1.0,
        help="Share of the texts that is drawn at random and marked as such, to test on. By "
        f"default {Wish.random_share}; of questions none is",
    ),
    diversity: float = typer.Option(
        Wish.diversity,
        min=0.0,
        max=1.0,
        help="What doubt about a name counts for after each text with it that was chosen. 1 for "
        "texts by their scores alone, near-duplicates among them",
    ),
    questions: bool = typer.Option(
        False,
        "--questions",
        help="Ask about single spans of which the model is unsure, to be accepted or rejected",
    ),
    least_doubt: float = typer.Option(
        Wish.least_doubt,
        min=0.01,
        max=0.5,
        help="Spans of which either answer is at least so probable are doubtful",
    ),
    exclude: list[Path] = typer.Option(
        [],
        help="What is annotated already, in any format, or was suggested before; may be repeated",
    ),
    output_format: TaskFormat = typer.Option(
        TaskFormat.prodigy, "--format", "-f", help="What to write; questions: prodigy"
    ),
    component: str | None = typer.Option(None, help="Which component, if there are several"),
    seed: int = typer.Option(Wish.seed, help="Seed of what is drawn at random"),
    gpu_id: GpuId = -1,
    force: bool = typer.Option(False, "--force", help="Replace the output"),
) -> None:
    """Find the texts from which a pipeline would learn most, to be annotated next.

    They are written for an annotation tool, the most useful first and those drawn at random last,
    with what the pipeline finds, and with the score and what it is of ("suggested_by"). Texts that
    are annotated already, and near-duplicates, are left out.
    """
    if questions and random:
        msg.fail("Questions are not drawn at random: leave out --random", exits=1)
    try:
        setup_gpu(gpu_id, silent=True)
        wish = Wish(
            n=n,
            words=words,
            score=score,
            random_share=Wish.random_share if random is None else random,
            diversity=diversity,
            least_doubt=least_doubt,
            questions=questions,
            seed=seed,
        )
        found = suggest(
            model,
            pool,
            output,
            output_format,
            wish,
            exclude=exclude,
            component=component,
            force=force,
        )
    except (OSError, ValueError) as error:
        msg.fail("Nothing is suggested", printable(error, keep="\n"), exits=1)
    _print(found, wish, output)


def _print(found: Suggested, wish: Wish, output: Path) -> None:
    if found.n_empty:
        msg.warn(f"Without a word, and left out: {counted(found.n_empty, 'text')}")
    if found.n_known:
        known = counted(found.n_known, "text")
        msg.info(f"Annotated already, or nearly the same as one that is: {known}")
    what = counted(found.n, "question" if wish.questions else "text")
    if wish.words is None and found.n < wish.n:
        msg.info(f"Only {what} to suggest, of {counted(found.n_pool, 'text')}")
    drawn = f", {found.n_random} of them at random" if found.n_random else ""
    msg.good(f"{what}{drawn}, {counted(found.n_words, 'word')} to read: {printable(output)}")
