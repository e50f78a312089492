"""Killing a function at its steps, to see what it leaves."""

import os
import signal
import sys
from collections.abc import Callable

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}
"""The audit events that count as steps: all that changes files, and what is read."""


def run_and_kill(call: Callable[[], object], nth: int) -> bool:
    """Run a function in a child process, and kill that (SIGKILL) before its nth step; POSIX only.

    RETURNS: whether it was killed; False if it was done before, with less than n steps.
    RAISES: RuntimeError if it failed.
    """
    return _run(call, nth) is None


def count_steps(call: Callable[[], object]) -> int:
    """Run a function in a child process and count its steps.

    RAISES: RuntimeError if it failed.
    """
    steps = _run(call, 0)
    assert steps is not None
    return steps


def _run(call: Callable[[], object], nth: int) -> int | None:
    """The number of steps; None if it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        steps = 0

        def count(event: str, arguments: tuple) -> None:
            nonlocal steps
            if event in STEPS:
                steps += 1
                if steps == nth:
                    os.kill(os.getpid(), signal.SIGKILL)

        status = 1
        try:
            with open(os.devnull, "w") as silence:
                sys.stdout = sys.stderr = silence
                sys.addaudithook(count)
                call()
                os.write(writer, str(steps).encode())
                status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with open(reader) as pipe:
        counted = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    if os.WEXITSTATUS(status):
        raise RuntimeError("The function failed.")
    return int(counted)
