"""Saved bytes that were damaged are refused."""

import numpy as np
import pytest

from spacy_bilstm_crf.torch_bridge.seal import seal, unseal

from ..conftest import predictions


def test_a_flipped_bit_anywhere_in_the_model_is_noticed(trained, tmp_path):
    expected = predictions(trained)
    trained.to_disk(tmp_path)
    path = tmp_path / "ner" / "model"
    data = path.read_bytes()
    chance = np.random.default_rng(0)
    for place in [0, 30, *chance.integers(len(data), size=60).tolist(), len(data) - 1]:
        damaged = bytearray(data)
        damaged[place] ^= 1 << int(chance.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="ner"):
            trained.get_pipe("ner").from_disk(tmp_path / "ner", exclude=["vocab"])
        assert predictions(trained) == expected
    path.write_bytes(data)
    trained.get_pipe("ner").from_disk(tmp_path / "ner", exclude=["vocab"])
    assert predictions(trained) == expected


def test_unseal_gives_what_was_sealed():
    assert unseal(seal(b"")) == b""
    assert unseal(seal(b"abc")) == b"abc"
    for wrong in (b"", b"abc", seal(b"abc")[:-1], seal(b"abc") + b"d", b" " + seal(b"abc")):
        with pytest.raises(ValueError, match="checksum"):
            unseal(wrong)
