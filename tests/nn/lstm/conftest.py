"""Everything about the LSTM holds with numba and with torch alone."""

import importlib.util

import pytest

from spacy_bilstm_crf.nn import compiled


@pytest.fixture(autouse=True, params=["numba", "torch"])
def kernels(request, monkeypatch):
    if request.param == "torch":
        monkeypatch.setattr(compiled, "has_numba", lambda: False)
    elif importlib.util.find_spec("numba") is None:
        pytest.skip("numba is not installed")
