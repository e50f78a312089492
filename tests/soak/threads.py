"""Many threads give what one gives."""

from collections import Counter

from ..pipeline.test_threads import assert_threads_agree, training
from .texts import KNOWN, some_text


def call_from_threads(nlp, rng, folder):
    """Call the pipeline from 2 to 8 threads; half of the time while another one trains."""
    texts = [some_text(rng)[:2000] for _ in range(20)]
    texts += [" ".join(rng.choices(KNOWN, k=rng.randint(1, 100))) for _ in range(20)]
    if rng.random() < 0.5:
        with training():
            assert_threads_agree(nlp, rng.randint(2, 8), texts)
    else:
        assert_threads_agree(nlp, rng.randint(2, 8), texts)
    return Counter(calls=2 * len(texts))
