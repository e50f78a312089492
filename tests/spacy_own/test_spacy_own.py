"""spaCy's own tests of `ner`, and of pipelines that have one, with our component in its place."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import spacy.tests

# Where spaCy's tests have a pipeline with `ner`; of its commands, what needs no network.
FILES = [
    "parser/test_add_label.py",
    "parser/test_ner.py",
    "pipeline/test_entity_linker.py",
    "pipeline/test_pipe_factories.py",
    "pipeline/test_pipe_methods.py",
    "pipeline/test_tok2vec.py",
    "serialize/test_serialize_config.py",
    "serialize/test_serialize_language.py",
    "serialize/test_serialize_pipeline.py",
    "training/test_logger.py",
    "training/test_rehearse.py",
    "training/test_training.py",
    "vocab_vectors/test_vectors.py",
    "test_cli.py::test_get_labels_from_model",
    "test_cli.py::test_init_labels",
]


@pytest.mark.slow
def test_spacys_own_tests():
    folder = Path(spacy.tests.__file__).parent
    options = ["-q", "-W", "ignore", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", f"{__package__}.plugin", "-c", os.devnull, *options]
        + [str(folder / file) for file in FILES],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
    passed = re.search(r"(\d+) passed", result.stdout)
    assert passed and int(passed[1]) > 250
