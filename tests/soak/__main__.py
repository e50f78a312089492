"""The loop over the activities, and the line of totals."""

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter, defaultdict
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import torch
from thinc.api import fix_random_seed
from wasabi import msg

from ..conftest import make_examples, small_nlp, train
from .damage import damage
from .fuzz import fuzz
from .kills import kill_convert, kill_predict
from .memory import Memory
from .threads import call_from_threads

SECONDS_BETWEEN_LINES = 60


def trained_nlp():
    """A pipeline that knows a handful of sentences; the same at each call."""
    fix_random_seed(0)
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples)
    return nlp


def activities(memory):
    return {
        "fuzz": fuzz,
        "kill-predict": kill_predict,
        "kill-convert": kill_convert,
        "threads": call_from_threads,
        "memory": memory,
        "damage": damage,
    }


@contextmanager
def silence():
    with open(os.devnull, "w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        msg.no_print = True
        try:
            yield
        finally:
            msg.no_print = False


def do_step(name, activity, nlp, seed, step):
    """RETURNS: what the step tried; it has "failures" if it went wrong."""
    try:
        with tempfile.TemporaryDirectory() as room, silence():
            return activity(nlp, random.Random(f"{seed} {name} {step}"), Path(room))
    except Exception:
        traceback.print_exc()
        print(f"FAILED: python -m tests.soak --seed {seed} --only {name} --step {step}", flush=True)
        return Counter(failures=1)


def totals(tried, memory):
    changed = sum(n for key, n in tried.items() if key.startswith("changed by "))
    return (
        f"tried: {tried['texts fuzzed']:,} texts fuzzed, {tried['kills of predict']:,} kills of "
        f"predict, {tried['kills of convert']:,} kills of convert, {tried['calls']:,} calls from "
        f"threads, {tried['damaged files']:,} damaged files ({tried['refused']:,} refused, "
        f"{tried['harmless']:,} harmless, {changed:,} of spaCy's own that change what is "
        f"found), {memory.report()}; failures: {tried['failures']}"
    )


def soak(minutes, seed):
    """Do steps for so many minutes. RETURNS: how many failed."""
    nlp, tried = trained_nlp(), Counter()
    n_steps, spent, printed = Counter(), Counter(), defaultdict(float)
    start = time.monotonic()
    with Memory() as memory:
        every = activities(memory)
        while time.monotonic() - start < 60 * minutes:
            # Each begins once; then all have the same share of the time.
            name = min(every, key=lambda name: (n_steps[name] > 0, spent[name]))
            began = time.monotonic()
            tried += do_step(name, every[name], nlp, seed, n_steps[name])
            now = time.monotonic()
            if n_steps[name] > 0:  # the first of memory's warms up, and is long
                spent[name] += now - began
            n_steps[name] += 1
            if now - printed[name] > SECONDS_BETWEEN_LINES:
                printed[name] = now
                n_minutes = (now - start) / 60
                print(f"{n_minutes:5.1f} min  {name}: {n_steps[name]} steps", flush=True)
        for key, n in sorted(tried.items()):
            if key.startswith("changed by "):
                print(f"{key}: {n}")
        print(totals(tried, memory), flush=True)
    return tried["failures"]


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=soak.__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="Do one step of this activity, and nothing else")
    parser.add_argument("--step", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    if arguments.only is None:
        return min(1, soak(arguments.minutes, arguments.seed))
    with Memory() as memory:
        activity = activities(memory)[arguments.only]
        tried = do_step(arguments.only, activity, trained_nlp(), arguments.seed, arguments.step)
    print(dict(tried))
    return min(1, tried["failures"])


if __name__ == "__main__":
    sys.exit(main())
