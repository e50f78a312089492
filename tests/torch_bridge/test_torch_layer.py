"""Torch modules in forked processes."""

import subprocess
import sys

import pytest

from ..conftest import TRAIN, make_examples, small_nlp, train

TWO_PROCESSES = """
import sys
import spacy, torch
nlp = spacy.load(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
texts = [" ".join(sys.argv[3:]) * 5] * 40
parent = [[(e.start, e.label_) for e in doc.ents] for doc in nlp.pipe(texts)]
children = [[(e.start, e.label_) for e in doc.ents] for doc in nlp.pipe(texts, n_process=2)]
assert parent == children and len(parent[0]) > 10
assert torch.get_num_threads() == int(sys.argv[2])
"""


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_two_processes(tmp_path, threads):
    # After a fork, a child that uses two torch threads waits for ones that it does not have.
    nlp = small_nlp(hidden_width=200)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=20)
    nlp.to_disk(tmp_path)
    command = [
        sys.executable,
        "-c",
        TWO_PROCESSES,
        str(tmp_path),
        str(threads),
        *(text for text, _ in TRAIN),
    ]
    subprocess.run(command, check=True, timeout=120)
