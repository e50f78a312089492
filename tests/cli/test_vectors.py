from pathlib import Path

import numpy as np
import pytest
import spacy
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke
CONFIG = Path(__file__).parents[2] / "configs" / "rurebus-vectors.cfg"


def test_vectors_of_raw_text(tmp_path):
    pytest.importorskip("floret")
    (tmp_path / "texts").mkdir()
    text = "Рост доходов (40%) ;\n-развитие села\n" * 500
    for name in "ab":
        (tmp_path / "texts" / f"{name}.txt").write_text(text)
    command = ["vectors", str(CONFIG), str(tmp_path / "texts"), "--output", str(tmp_path / "v")]
    result = run(cli, [*command, "--dim", "8", "--epochs", "1", "--buckets", "100"])
    assert result.exit_code == 0, result.output
    nlp = spacy.load(tmp_path / "v")
    assert nlp.lang == "ru" and nlp.pipe_names == []
    assert nlp.vocab.vectors.mode == "floret" and nlp.vocab.vectors.shape == (100, 8)
    for word in ("доходов", "никогда"):
        assert np.linalg.norm(nlp.vocab[word].vector) > 0
    (tmp_path / "texts" / "a.txt").write_text("a")
    (tmp_path / "texts" / "b.txt").unlink()
    result = run(cli, command)
    assert result.exit_code == 1 and "Empty vocabulary" in result.output
    result = run(cli, ["vectors", str(CONFIG), str(tmp_path / "none"), "-o", str(tmp_path / "w")])
    assert result.exit_code == 1 and "has no .txt files" in " ".join(result.output.split())
    assert not (tmp_path / "w").exists()
