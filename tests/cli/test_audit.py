"""The command `audit`."""

import json
import random

import pytest
import spacy
from typer.testing import CliRunner

from spacy_bilstm_crf.audit import folds
from spacy_bilstm_crf.audit.page import audit_id
from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.converted import read_docs

NAMES = {
    "PER": ["Anna", "Mia", "Lars", "Nils", "Ida", "Tor"],
    "LOC": ["Oslo", "Bergen", "Moss", "Narvik", "Hamar", "Skien"],
}
TEMPLATES = [
    "{PER} lives in {LOC} .",
    "Yesterday {PER} left {LOC} .",
    "In {LOC} it rained on {PER} .",
]


def run(*arguments):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture
def corpus(tmp_path):
    """150 sentences, in one of which a place is a person."""
    pick = random.Random(0)
    path = tmp_path / "corpus" / "train.jsonl"
    path.parent.mkdir()
    with path.open("w") as file:
        for number in range(150):
            text, spans = f"{number} : ", []
            for word in pick.choice(TEMPLATES).split():
                label = word.strip("{}")
                name = pick.choice(NAMES[label]) if label in NAMES else word
                if label in NAMES:
                    wrong = number == 70 and label == "LOC"
                    spans.append([len(text), len(text + name), "PER" if wrong else label])
                text += f"{name} "
            file.write(json.dumps({"text": text.strip(), "entities": spans}) + "\n")
    return path.parent


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--size", "huge"], "--size must be fast, default or best"),
        (["--config", "x.cfg", "--lang", "en"], "beside --config they would do nothing"),
        (["--overlaps", "all"], "--overlaps must be one of"),
        (["--folds", "200"], "can't be divided into 200 folds"),
        (["--to", "brat"], "give both or none"),
        (["--apply", "none.json"], "findings.jsonl is not there. Audit the corpus first"),
        (["--threshold", "0.2"], "give --least 0.2"),
    ],
)
def test_what_can_not_be_audited(corpus, tmp_path, options, expected):
    code, output = run("audit", corpus, tmp_path / "out", *options)
    assert code == 1 and expected in output
    assert not (tmp_path / "out").exists()
    code, output = run("audit", corpus, corpus / "out")
    assert code == 1 and "must lie apart" in output


def test_a_config_is_kept_for_those_who_ask_for_the_same(corpus, tmp_path):
    config = tmp_path / "out" / "config.cfg"
    config.parent.mkdir()
    config.write_text("# Chosen by audit with --size default, --minutes 0.5\n")
    code, output = run("audit", corpus, config.parent, "--minutes", 0.5, "--folds", 2)
    assert code == 1 and "is used as it is" in output
    code, output = run("audit", corpus, config.parent, "--minutes", 1.5, "--folds", 2)
    assert (
        code == 1
        and "was chosen with --size default, --minutes 0.5. Give the same to go on" in output
    )


@pytest.mark.slow
def test_an_error_is_found_first_and_an_interrupted_audit_goes_on(corpus, tmp_path, monkeypatch):
    config = tmp_path / "config.cfg"
    assert run("init", corpus, config, "--size", "fast", "--lang", "xx")[0] == 0
    config.write_text(config.read_text().replace("\ntotal_steps = 600", "\ntotal_steps = 120"))
    options = ["--folds", 2, "--config", config]
    out, train, n_trained = tmp_path / "out", folds.train, 0

    def interrupted(*arguments):
        nonlocal n_trained
        n_trained += 1
        if n_trained == 2:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(folds, "train", interrupted)
    code, output = run("audit", corpus, out, *options)
    assert code == 130 and "goes on with the folds that are left" in output
    assert not (out / "findings.jsonl").exists()
    code, output = run("audit", corpus, out, *options, "--most", 0)
    assert code == 1 and "more than 0" in output and "Fold 1 of 2, kept" in output
    assert n_trained == 3
    findings = [json.loads(line) for line in (out / "findings.jsonl").read_text().splitlines()]
    assert findings[0]["line"] == 71 and findings[0]["kind"] == "label"
    assert (findings[0]["gold_label"], findings[0]["suggested_label"]) == ("PER", "LOC")
    assert findings[0]["gold_probability"] < 0.2 < 0.8 < findings[0]["suggested_probability"]
    sentences = (out / "sentences.jsonl").read_text().splitlines()
    assert len(sentences) == 150
    assert max(map(json.loads, sentences), key=lambda s: s["suspicion"])["line"] == 71
    new = tmp_path / "new"
    code, output = run("audit", corpus, new, *options, "--most", 20)
    assert code == 0, output
    for name in ("findings.jsonl", "sentences.jsonl"):
        assert (new / name).read_bytes() == (out / name).read_bytes()
    # Decided on the page, and applied.
    page = (out / "index.html").read_text()
    identity = audit_id(findings)
    assert "Audit of corpus" in page and identity in page
    decisions = tmp_path / "decisions.json"
    accepted = {findings[0]["id"]: "accept"}
    decisions.write_text(json.dumps({"audit": identity, "decisions": accepted}))
    code, output = run("audit", corpus, out, "--apply", decisions)
    assert code == 0 and "Corrected 1 entity of 1 text in" in output, output
    before, after = (folder / "train.jsonl" for folder in (corpus, out / "corrected"))
    changed = [
        (number, own, other)
        for number, (own, other) in enumerate(
            zip(before.read_text().splitlines(), after.read_text().splitlines(), strict=True)
        )
        if own != other
    ]
    assert [number for number, _, _ in changed] == [70]
    _, own, other = changed[0]
    assert own.count('"PER"') == 2 and other.count('"LOC"') == 1
    # Folds are kept: only the weights are made.
    code, output = run("audit", corpus, out, *options, "--weights", "crossweigh")
    assert code == 0 and n_trained == 5, output
    docs = read_docs(out / "weighted" / "train.spacy", spacy.blank("xx").vocab)
    weights = {doc.text: doc.spans["weights"].attrs["weights"] for doc in docs}
    assert min(weights, key=lambda text: weights[text]).startswith("70 :")
    assert all(0.7**3 <= own[0] <= 1.0 and len(own) == 1 for own in weights.values())
