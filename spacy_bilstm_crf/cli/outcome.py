"""What commands over many texts say of them."""

from pathlib import Path
from typing import NoReturn

import typer
from wasabi import msg

from ..tagging.printable import printable
from ..tagging.run import Outcome
from .counted import counted


def warn_of_failure(name: str, reason: str) -> None:
    """Print that a text has failed."""
    msg.warn(f"{printable(name)} failed", printable(reason))


def print_outcome(outcome: Outcome, input_path: Path, output_path: Path, done: str) -> None:
    """Print what became of the texts, and end with code 1 if any failed.

    done: what was done to them, such as "tagged".
    """
    tagged, failed, had, _ = outcome
    if tagged + had + len(failed) == 0:
        msg.warn(f"{printable(input_path)} has no texts")
    elif tagged + len(failed) == 0:
        msg.info("The output has all texts already; --force does them again")
    msg.good(f"{counted(tagged, 'text')} {done}, to {printable(output_path)}")
    if failed:
        msg.fail(f"{counted(len(failed), 'text')} failed, such as {printable(failed[0])}", exits=1)


def fail_interrupted() -> NoReturn:
    """End as Ctrl-C does, and say how to go on."""
    msg.warn("Interrupted", "What is written is whole: run the same command again to go on.")
    raise typer.Exit(130)
