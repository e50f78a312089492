"""Everything about the CRF holds with numba, with torch alone, and with Triton."""

import importlib.util
import os

import pytest
import torch

from spacy_bilstm_crf.nn import compiled

# Triton reads it when it is imported. Beside a GPU its kernels are compiled, and tested there.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"


@pytest.fixture(autouse=True, params=["numba", "torch", "triton"])
def kernels(request, monkeypatch):
    if request.param == "torch":
        monkeypatch.setattr(compiled, "kernels", lambda: None)
        return
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    if request.param == "triton":
        if torch.cuda.is_available():
            pytest.skip("Triton's kernels are compiled here: tests/nn/test_kernels.py")
        from spacy_bilstm_crf.nn import triton_kernels

        monkeypatch.setattr(compiled, "kernels", lambda: triton_kernels)
