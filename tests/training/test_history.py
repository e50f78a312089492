"""The log as a file."""

import pytest
import spacy
import srsly
from spacy.cli.train import train as spacy_train
from spacy.tokens import DocBin

from ..conftest import make_examples, model_config

pytestmark = pytest.mark.slow


def run(folder, log, **training):
    blank = spacy.blank("xx")
    corpus = str(folder / "corpus.spacy")
    DocBin(docs=[eg.reference for eg in make_examples(blank)]).to_disk(corpus)
    nlp = spacy.blank("xx")
    nlp.add_pipe("bilstm_crf_ner", name="ner", config={"model": model_config()})
    config = nlp.config.copy()
    config["paths"].update(train=corpus, dev=corpus)
    config["training"].update(eval_frequency=10, **training)
    config["training"]["logger"] = {
        "@loggers": "spacy_bilstm_crf.HistoryLogger.v1",
        "output_file": str(log),
    }
    config.to_disk(folder / "config.cfg")
    spacy_train(folder / "config.cfg")
    return list(srsly.read_jsonl(log))


def test_history(tmp_path, capsys):
    log = tmp_path / "new" / "history.jsonl"
    for _ in range(2):  # the second run's replaces the first's
        rows = run(tmp_path, log, max_steps=20)
    assert [row["step"] for row in rows] == [0, 10, 20]
    assert rows[0]["losses"]["ner"] > rows[-1]["losses"]["ner"] > 0
    assert rows[-1]["learn_rate"] == pytest.approx(0.001)
    assert rows[-1]["scores"]["ents_f"] == rows[-1]["score"]
    assert "LOSS NER" in capsys.readouterr().out


def test_the_loss_is_a_mean_over_batches_also_when_gradients_accumulate(tmp_path):
    one, several = (
        run(tmp_path, tmp_path / f"{n}.jsonl", max_steps=1, accumulate_gradient=n, dropout=0.0)
        for n in (1, 4)
    )
    # A batch of four docs, or four batches of one, with the weights of the beginning.
    assert several[0]["losses"]["ner"] == pytest.approx(one[0]["losses"]["ner"], rel=0.05)
