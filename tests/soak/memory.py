"""Memory that does not grow with the texts that were read, in processes of their own."""

import os
import random
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy

from spacy_bilstm_crf.models.word_cache import _WORDS

from .texts import KNOWN

NEW_WORDS = 6
WARM_UP = _WORDS
"""Distinct words, until the caches, which hold so many at most, are full."""

MOST_GROWTH = 24
"""MiB after the warm-up, beyond what spaCy's tokenizer alone grows by. Its tables of words keep the
places of those that a memory zone has forgotten, and double when they are full: some 35 bytes
for each distinct word, with any pipeline. Beside that, memory is flat within some MiB, which the
allocator's fragments take; a leak of a hundred bytes a text is 95 MiB in a million texts."""

READERS = {"tokenizer": True, "zones": True, "no zones": False}
"""Who reads the texts, each in a process of its own, and whether in memory zones."""


class Memory:
    """Reads short texts, each with new words: by the pipeline with `nlp.memory_zone` and without,
    and by the tokenizer alone, in processes that last as long as this does."""

    def __init__(self, n_texts=5000, warm_up=WARM_UP):
        self.n_texts = n_texts
        self.warm_up = warm_up
        self.n_read = 0
        self.first = {}
        self.last = {}
        self.pools = {}

    def __enter__(self):
        self.folder = TemporaryDirectory()
        # So that glibc gives large tables that were outgrown back to the system.
        os.environ["MALLOC_MMAP_THRESHOLD_"] = str(2**17)
        return self

    def __exit__(self, *error):
        for pool in self.pools.values():
            pool.shutdown()
        del os.environ["MALLOC_MMAP_THRESHOLD_"]
        self.folder.cleanup()

    def __call__(self, nlp, rng, folder):
        """Read the same texts in all processes. Memory does not grow with zones."""
        seed = rng.random()
        for reader in READERS:
            self.last[reader] = self._pool(nlp, reader).submit(read, seed, self.n_texts).result()
            self.first.setdefault(reader, self.last[reader])
        self.n_read += self.n_texts
        assert self.growth("zones") - self.growth("tokenizer") <= MOST_GROWTH, self.report()
        return Counter()

    def growth(self, reader):
        """MiB since the warm-up and the first step."""
        return self.last.get(reader, 0.0) - self.first.get(reader, 0.0)

    def report(self):
        return (
            f"{self.n_read:,} short texts with memory_zone: memory grew by "
            f"{self.growth('zones'):.1f} MiB (spaCy's tokenizer alone: "
            f"{self.growth('tokenizer'):.1f} MiB), without: {self.growth('no zones'):.1f} MiB"
        )

    def _pool(self, nlp, reader):
        if reader not in self.pools:
            model = Path(self.folder.name) / reader
            (spacy.blank("xx") if reader == "tokenizer" else nlp).to_disk(model)
            arguments = str(model), READERS[reader], self.warm_up
            self.pools[reader] = ProcessPoolExecutor(1, get_context("spawn"), _begin, arguments)
        return self.pools[reader]


def _begin(model, zones, warm_up):
    global _nlp, _zones
    _nlp = spacy.load(model)
    _zones = _nlp.memory_zone if zones else nullcontext
    rng = random.Random("warm up")
    for _ in range(0, warm_up, 100 * NEW_WORDS):
        with _zones():
            _nlp(" ".join(_some_text(rng) for _ in range(100)))


def read(seed, n_texts):
    """Read texts, most of them in batches, some alone. RETURNS: the MiB of memory in use."""
    rng = random.Random(seed)
    while n_texts > 0:
        n = min(n_texts, rng.choice([1, 10, 500]))
        n_texts -= n
        texts = [_some_text(rng) for _ in range(n)]
        with _zones():
            if n == 1:
                _nlp(texts[0])
            else:
                deque(_nlp.pipe(texts), maxlen=0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _some_text(rng):
    words = [f"{rng.choice(KNOWN)}{rng.getrandbits(60):x}" for _ in range(NEW_WORDS)]
    return " ".join([*words, *rng.choices(KNOWN, k=3)])
