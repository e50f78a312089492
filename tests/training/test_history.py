"""The log as a file."""

import pytest
import spacy
import srsly
from spacy.cli.train import train as spacy_train
from spacy.tokens import DocBin

from ..conftest import SMALL, make_examples


def test_history(tmp_path, capsys):
    blank = spacy.blank("en")
    corpus, log = str(tmp_path / "corpus.spacy"), tmp_path / "new" / "history.jsonl"
    DocBin(docs=[eg.reference for eg in make_examples(blank)]).to_disk(corpus)
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_ner", name="ner", config={"model": SMALL})
    config = nlp.config.copy()
    config["paths"].update(train=corpus, dev=corpus)
    config["training"].update(max_steps=20, eval_frequency=10)
    config["training"]["logger"] = {
        "@loggers": "spacy_bilstm_crf.HistoryLogger.v1",
        "output_file": str(log),
    }
    config.to_disk(tmp_path / "config.cfg")
    for _ in range(2):  # the second run's replaces the first's
        spacy_train(tmp_path / "config.cfg")
    rows = list(srsly.read_jsonl(log))
    assert [row["step"] for row in rows] == [0, 10, 20]
    assert rows[0]["losses"]["ner"] > rows[-1]["losses"]["ner"] > 0
    assert rows[-1]["learn_rate"] == pytest.approx(0.001)
    assert rows[-1]["scores"]["ents_f"] == rows[-1]["score"]
    assert "LOSS NER" in capsys.readouterr().out
