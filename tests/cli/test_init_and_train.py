"""`init` and `train`: from annotations to a config, and to a pipeline, in one command."""

import json
import random

import pytest
import spacy
import srsly
from spacy.tokens import DocBin
from spacy.util import load_config
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.sample import make_sample


def run(*arguments):
    """The exit code, and what is printed, in one line."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def write_prodigy(path, n):
    """Sentences of the built-in sample, one a line."""
    records = []
    for document in make_sample(3)["train"]:
        for words, tags in document:
            text, spans = "", []
            for word, tag in zip(words, tags):
                if tag.startswith("B-"):
                    spans.append({"start": len(text), "end": len(text + word), "label": tag[2:]})
                elif tag.startswith("I-"):
                    spans[-1]["end"] = len(text + word)
                text += word + " "
            records.append({"text": text.strip(), "spans": spans, "answer": "accept"})
    chosen = random.Random(0).sample(records, n)
    path.write_text("".join(json.dumps(record) + "\n" for record in chosen))
    return path


@pytest.fixture
def prodigy(tmp_path):
    return write_prodigy(tmp_path / "annotations.jsonl", 60)


def test_init_says_why_and_what_is_next(prodigy, tmp_path):
    config = tmp_path / "config.cfg"
    code, output = run("init", prodigy, config)
    assert code == 0 and "lang = en:" in output and "Next: python -m spacy" in output
    text = config.read_text()
    assert text.startswith("# nlp.lang = en: ") and load_config(config)["training"]["patience"]
    code, output = run("init", prodigy, config)
    assert code == 1 and "is there already" in output and config.read_text() == text
    code, output = run("init", prodigy, config, "--force", "--size", "fast", "--lang", "de")
    assert code == 0 and load_config(config)["nlp"]["lang"] == "de"


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--size", "huge"], "--size must be fast, default or best, got 'huge'"),
        (["--lang", "klingon"], "spaCy has no language 'klingon'"),
        (["--vectors", "nowhere_md"], "python -m spacy download nowhere_md"),
        (["--offsets", "words"], "--offsets must be one of"),
        (["--unit", "page"], "--unit must be one of"),
    ],
)
@pytest.mark.parametrize("command", ["init", "train"])
def test_options_that_there_are_not(prodigy, tmp_path, command, options, expected):
    code, output = run(command, prodigy, tmp_path / "out", *options)
    assert code == 1 and expected in output
    assert not (tmp_path / "out").exists()


def test_what_can_not_be_trained_leaves_nothing(tmp_path):
    code, output = run("train", tmp_path / "nowhere.jsonl", tmp_path / "out")
    assert code == 1 and output.endswith(f"There is no file or folder {tmp_path}/nowhere.jsonl.")
    assert not (tmp_path / "out").exists()
    (tmp_path / "empty.jsonl").write_text('{"text": "Nothing here.", "spans": []}\n')
    code, output = run("train", tmp_path / "empty.jsonl", tmp_path / "out")
    assert code == 1 and "no entities" in output and not (tmp_path / "out").exists()


def test_train_from_annotations_to_a_report(prodigy, tmp_path):
    output_dir = tmp_path / "out"
    code, output = run("train", prodigy, output_dir, "--minutes", "0.1", "--size", "fast")
    assert code == 0, output
    assert "Format: prodigy, by its content" in output and "Set aside:" in output
    made = {path.name for path in output_dir.iterdir()}
    assert {"config.cfg", "corpus", "model-best", "metrics.json", "report.html"} <= made
    assert "resume" not in made
    assert "Temperature" in output or "not calibrated" in output
    scores = srsly.read_json(output_dir / "metrics.json")
    assert scores["split"] == "test" and {"ents_f", "raw_text"} <= scores.keys()
    nlp = spacy.load(output_dir / "model-best")
    assert set(nlp.get_pipe("bilstm_crf_ner").labels) <= {"PER", "LOC", "ORG", "MISC"}
    code, output = run("train", prodigy, output_dir)
    assert code == 1 and "has a pipeline already" in output
    code, output = run("train", prodigy, output_dir, "--force", "--size", "best")
    assert code == 1 and "--size would do nothing" in output
    code, output = run("train", prodigy, output_dir, "--resume")
    assert code == 1 and "no training" in output


def test_what_is_interrupted_after_the_training_goes_on(prodigy, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    arguments = ["train", prodigy, tmp_path / "out", "--minutes", "0.1", "--size", "fast"]
    with monkeypatch.context() as patched:
        patched.setattr("spacy_bilstm_crf.cli.train.evaluate_cli", interrupted)
        CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert not (tmp_path / "out" / "metrics.json").exists()
    code, output = run(*arguments[:3])
    assert code == 1 and "--resume goes on" in output
    code, output = run(*arguments[:3], "--resume")
    assert code == 0, output
    assert (tmp_path / "out" / "metrics.json").exists()
    assert not (tmp_path / "out" / "resume").exists()


@pytest.mark.parametrize("n_updates", [0, 1])
def test_what_an_interrupted_training_leaves(prodigy, tmp_path, monkeypatch, n_updates):
    def interrupted(nlp, output, **kwargs):
        if n_updates:  # as the save at an evaluation does
            save = output / "resume" / "1"
            save.mkdir(parents=True)
            srsly.write_msgpack(save / "state.msgpack", {})
        raise KeyboardInterrupt

    monkeypatch.setattr("spacy_bilstm_crf.cli.train.train_nlp", interrupted)
    code, output = run("train", prodigy, tmp_path / "out", "--minutes", "0.1")
    assert code == 1
    assert ("--resume goes on" in output) == bool(n_updates)
    assert ("there is nothing to go on with" in output) != bool(n_updates)


def test_the_config_of_a_training_that_failed_stays(prodigy, tmp_path, monkeypatch):
    def failing(*args, **kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr("spacy_bilstm_crf.cli.train.train_nlp", failing)
    code, output = run("train", prodigy, tmp_path / "out", "--minutes", "0.1")
    assert code == 1 and "No space left" in output
    assert (tmp_path / "out" / "config.cfg").exists()


def test_no_config_stays_of_a_corpus_that_can_not_be_trained_on(tmp_path):
    corpus = tmp_path / "corpus.conll"
    corpus.write_text("Anna\tB-PER\nslept\tO\n")
    code, output = run("train", corpus, tmp_path / "out")
    assert code == 1 and "can't be split" in output
    assert not (tmp_path / "out" / "config.cfg").exists()


def test_a_config_that_is_there_is_used(prodigy, tmp_path):
    code, _ = run("init", prodigy, tmp_path / "out" / "config.cfg", "--size", "fast")
    assert code == 0
    config = load_config(tmp_path / "out" / "config.cfg")
    config["training"]["optimizer"]["learn_rate"]["total_steps"] = 3
    config["training"]["eval_frequency"] = 2
    config.to_disk(tmp_path / "out" / "config.cfg")
    code, output = run("train", prodigy, tmp_path / "out")
    assert code == 0 and "is used as it is" in output and "finds nothing that is right" in output
    trained = load_config(tmp_path / "out" / "model-last" / "config.cfg")
    assert trained["training"]["optimizer"]["learn_rate"]["total_steps"] == 3


def test_evaluate_scores_raw_text_and_prints_seqeval(trained, tmp_path):
    text = "Anna Smith lives in Paris ."
    doc = trained.make_doc(text)
    doc.ents = [doc.char_span(0, 10, "PER"), doc.char_span(20, 25, "LOC")]
    DocBin(docs=[doc]).to_disk(tmp_path / "test.spacy")
    trained.to_disk(tmp_path / "model")
    scores = tmp_path / "scores.json"
    code, output = run("evaluate", tmp_path / "model", tmp_path, scores, "--seqeval")
    assert code == 0, output
    assert "micro avg 1.0000 1.0000 1.0000 2" in output
    assert srsly.read_json(scores)["raw_text"]["ents_f"] == 1.0
