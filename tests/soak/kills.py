"""`predict` and `convert`, killed at random."""

from collections import Counter

from ..cli import kills
from ..cli.test_convert_is_safe import count_kills, unlike_brat, unlike_columns


def kill_predict(nlp, rng, folder):
    """Kill `predict`, in one of its formats, until a run ends by itself."""
    output_format = rng.choice(list(kills.READERS))
    n_killed = kills.kill_predict(nlp, folder, output_format, rng, n_texts=rng.randint(10, 40))
    return Counter({"kills of predict": n_killed})


def kill_convert(nlp, rng, folder):
    """Kill conversions that each replace another corpus, at random steps."""
    make = rng.choice([unlike_columns, unlike_brat])
    states = count_kills(folder, make, n_kills=10, seed=rng.random())
    return Counter({"kills of convert": states.total() - states["done"]})
