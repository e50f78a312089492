"""The whole project, in small: from raw files to a package."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path):
    """A copy of the project with a config that trains for a few steps only."""
    shutil.copy(ROOT / "project.yml", tmp_path)
    (tmp_path / "configs").mkdir()
    for name in ("sample_sentiment", "sample_brat", "sample"):
        config = (ROOT / "configs" / f"{name}.cfg").read_text()
        for key, value in (("total_steps", 250), ("eval_frequency", 125), ("hidden_width", 64)):
            config = re.sub(rf"^{key} = \d+$", f"{key} = {value}", config, flags=re.MULTILINE)
        (tmp_path / "configs" / f"{name}.cfg").write_text(config)
    for name in ("conll2003", "own", "other"):
        (tmp_path / "configs" / f"{name}.cfg").write_text(config)

    def run(name, *arguments):
        command = [sys.executable, "-m", "spacy", "project", "run", name, ".", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    run.folder = tmp_path
    return run


def test_all_on_the_sample(project):
    result = project("all")
    assert result.returncode == 0, result.stdout + result.stderr
    folder = project.folder
    scores = json.loads((folder / "metrics" / "sample.json").read_text())
    assert scores["ents_f"] > 0.4
    nlp = spacy.load(folder / "training" / "sample" / "model-best")
    assert set(nlp.get_pipe("bilstm_crf_ner").labels) == {"PER", "LOC", "ORG", "MISC"}
    assert nlp.resume_training().learn_rate > 0
    package = folder / "packages" / "en_sample_bilstm_crf-0.1.0"
    meta = json.loads((package / "meta.json").read_text())
    assert any(r.startswith("spacy-bilstm-crf") for r in meta["requirements"])
    # What has not changed is not done again; another seed is.
    assert "skipping" in project("train").stdout.lower()
    again = project("all", "--vars.seed", "1")
    assert again.returncode == 0
    other = json.loads((folder / "metrics" / "sample.json").read_text())
    assert other["ents_f"] != scores["ents_f"]


def test_all_on_the_sample_in_brat(project):
    result = project("all", "--vars.corpus", "sample_brat")
    assert result.returncode == 0, result.stdout + result.stderr
    folder = project.folder
    scores = json.loads((folder / "metrics" / "sample_brat.json").read_text())
    assert scores["split"] == "test" and scores["missing"] == []
    assert scores["ents_f"] > 0.4
    assert set(scores["ents_per_type"]) == {"PER", "LOC", "ORG", "MISC"}
    submission = folder / "predictions" / "sample_brat" / "set_1"
    assert len(list(submission.glob("test_*.ann"))) == 80
    assert (folder / "packages" / "en_sample_brat_bilstm_crf-0.1.0").is_dir()


def test_all_on_the_sample_of_texts_with_labels(project):
    result = project("all", "--vars.corpus", "sample_sentiment")
    assert result.returncode == 0, result.stdout + result.stderr
    folder = project.folder
    scores = json.loads((folder / "metrics" / "sample_sentiment.json").read_text())
    assert scores["texts"] == 300 and scores["cats_accuracy"] > 0.6  # of words alone, 0.58
    assert (folder / "reports" / "sample_sentiment" / "index.html").is_file()
    assert (folder / "packages" / "en_sample_sentiment_bilstm_crf-0.1.0").is_dir()


def test_a_corpus_that_is_not_there(project):
    result = project("convert", "--vars.corpus", "conll2003")
    assert result.returncode != 0
    text = " ".join((result.stdout + result.stderr).split())
    assert "There is no file or folder assets/conll2003." in text
    assert "fetch conll2003" in text
    assert "Traceback" not in text
    assert not (project.folder / "corpus" / "conll2003").exists()


def test_a_corpus_of_ones_own_with_vectors(project):
    own = project.folder / "assets" / "own"
    own.mkdir(parents=True)
    for name in ("train", "dev", "test"):
        (own / f"{name}.txt").write_text("Maria B-PER\nleft O\nOslo B-LOC\n\nOslo B-LOC\n" * 20)
    (project.folder / "vectors.txt").write_text("2 3\nmaria 1 2 3\noslo 3 2 1\n")
    assert project("vectors", "--vars.vectors_file", "vectors.txt").returncode == 0
    variables = ["--vars.corpus", "own", "--vars.config", "other", "--vars.vectors", "vectors"]
    result = project("all", *variables)
    assert result.returncode == 0, result.stdout + result.stderr
    nlp = spacy.load(project.folder / "training" / "own" / "model-best")
    embed = nlp.get_pipe("bilstm_crf_ner").model.get_ref("tok2vec").get_ref("embed").get_ref("flat")
    assert embed.attrs["vector_mode"] == "tuned"
    assert json.loads((project.folder / "metrics" / "own.json").read_text())["ents_f"] == 1.0
