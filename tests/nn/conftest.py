"""Everything about the CRF holds with numba, with torch alone, and with Triton."""

import importlib.util

import pytest
import torch

from spacy_bilstm_crf.nn.crf import kernel_dispatch

# Beside a GPU, Triton's kernels run there; elsewhere they are interpreted, line by line.
TRITON = pytest.param("triton", marks=pytest.mark.slow)


class OnGPU:
    """Kernels that run on the GPU, for tensors on the CPU."""

    def __init__(self, module):
        self.module = module

    def __getattr__(self, name):
        def run(*arguments):
            found = getattr(self.module, name)(*(tensor.cuda() for tensor in arguments))
            return found.cpu() if torch.is_tensor(found) else tuple(t.cpu() for t in found)

        return run


@pytest.fixture(autouse=True, params=["numba", "torch", TRITON])
def kernels(request, monkeypatch):
    if request.param == "torch":
        monkeypatch.setattr(kernel_dispatch, "kernels", lambda: None)
        return
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    if request.param == "triton":
        from spacy_bilstm_crf.nn.crf import triton_kernels

        own = OnGPU(triton_kernels) if torch.cuda.is_available() else triton_kernels
        monkeypatch.setattr(kernel_dispatch, "kernels", lambda: own)
