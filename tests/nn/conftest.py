"""Everything about the CRF holds with numba, with torch alone, and with Triton."""

import importlib.util

import pytest
import torch

from spacy_bilstm_crf.nn.crf import kernel_dispatch

# Off a GPU, Triton's kernels are interpreted, line by line.
TRITON = pytest.param("triton", marks=pytest.mark.slow)


@pytest.fixture(autouse=True, params=["numba", "torch", TRITON])
def kernels(request, monkeypatch):
    if request.param == "torch":
        monkeypatch.setattr(kernel_dispatch, "kernels", lambda: None)
        return
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    if request.param == "triton":
        if torch.cuda.is_available():
            pytest.skip("Triton's kernels are compiled here: tests/nn/test_kernels.py")
        from spacy_bilstm_crf.nn.crf import triton_kernels

        monkeypatch.setattr(kernel_dispatch, "kernels", lambda: triton_kernels)
