"""spaCy's pretraining of the whole encoder on raw text."""

from pathlib import Path

import numpy as np
import pytest
import srsly
from spacy.cli import app
from spacy.tokens import DocBin
from spacy.util import load_config, load_model_from_config
from typer.testing import CliRunner

from spacy_bilstm_crf.torch_bridge.torch_layer import module_of

from ..conftest import TRAIN, make_examples

CONFIG = Path(__file__).parents[2] / "configs" / "sample.cfg"
PRETRAINING = """
[initialize.before_init]
@callbacks = "spacy_bilstm_crf.learn_words.v1"
path = ${paths.train}

[pretraining]
max_epochs = 2
dropout = 0.1
n_save_every = null
n_save_epoch = null
component = "bilstm_crf_ner"
layer = "tok2vec"
corpus = "corpora.pretrain"

[pretraining.batcher]
@batchers = "spacy.batch_by_words.v1"
size = 100
discard_oversize = false
tolerance = 0.2

[pretraining.objective]
@architectures = "spacy.PretrainCharacters.v1"
maxout_pieces = 2
hidden_size = 16
n_characters = 2

[pretraining.optimizer]
@optimizers = "Adam.v1"

[corpora.pretrain]
@readers = "spacy.JsonlCorpus.v1"
path = ${paths.raw_text}
min_length = 1
max_length = 500
limit = 0
"""


def weights(nlp):
    encoder = nlp.get_pipe("bilstm_crf_ner").model.get_ref("tok2vec").get_ref("encoder")
    return module_of(encoder).encoder.forward_layers[0].weight_hh_l0.detach().numpy()


@pytest.mark.slow
def test_it_trains_the_encoder_and_training_begins_from_there(tmp_path):
    text = CONFIG.read_text().replace("before_init = null\n", "").replace("[pretraining]\n", "")
    text = text.replace("init_tok2vec = null\n", "init_tok2vec = null\nraw_text = null\n")
    (tmp_path / "config.cfg").write_text(text + PRETRAINING)
    nlp = load_model_from_config(load_config(CONFIG, interpolate=False), auto_fill=True)
    docs = [eg.reference for eg in make_examples(nlp)]
    for name in ("train", "dev"):
        DocBin(docs=docs).to_disk(tmp_path / f"{name}.spacy")
    srsly.write_jsonl(tmp_path / "raw.jsonl", [{"text": text} for text, _ in TRAIN] * 5)
    overrides = {
        "paths.train": str(tmp_path / "train.spacy"),
        "paths.dev": str(tmp_path / "dev.spacy"),
        "paths.raw_text": str(tmp_path / "raw.jsonl"),
    }
    command = ["pretrain", str(tmp_path / "config.cfg"), str(tmp_path / "out")]
    command += [part for key, value in overrides.items() for part in (f"--{key}", value)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    losses = [entry["epoch_loss"] for entry in srsly.read_jsonl(tmp_path / "out" / "log.jsonl")]
    assert len(losses) > 1
    found = []
    for init in (None, str(tmp_path / "out" / "model-last.bin")):
        config = load_config(
            tmp_path / "config.cfg",
            overrides={**overrides, "paths.init_tok2vec": init},
            interpolate=True,
        )
        nlp = load_model_from_config(config, auto_fill=True)
        examples = make_examples(nlp)
        nlp.initialize(lambda examples=examples: examples)
        found.append(weights(nlp))
    assert np.abs(found[0] - found[1]).max() > 1e-3
