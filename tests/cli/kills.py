"""Runs that are killed in the midst of their writing, and begun again until one ends by itself."""

import os
import signal
import time


def size(path):
    """The bytes of a file, or of all files of a folder."""
    sizes = []
    for found in [path, *path.rglob("*")]:
        try:
            sizes.append(found.stat().st_size if found.is_file() else 0)
        except FileNotFoundError:  # written aside, and moved meanwhile
            continue
    return sum(sizes)


def kill_until_done(action, output, rng, most):
    """Call an action in forked processes, which are killed when the output has grown by a random
    number of bytes, of `most` at most, until one ends by itself.

    RETURNS: how many were killed.
    """
    n_killed = 0
    while True:
        limit = size(output) + rng.randint(1, most)
        child = os.fork()
        if child == 0:
            try:
                action()
                os._exit(0)
            finally:
                os._exit(1)
        while size(output) < limit:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                assert status == 0
                return n_killed
            time.sleep(0.0002)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return n_killed
        n_killed += os.WTERMSIG(status) == signal.SIGKILL
