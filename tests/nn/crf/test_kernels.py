"""The compiled recursions beside those in torch, and how they are chosen."""

import os
import subprocess
import sys

import pytest
import torch

from spacy_bilstm_crf.nn.crf import kernel_dispatch, recursions, torch_kernels

only_once = pytest.mark.parametrize("kernels", ["torch"], indirect=True)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("n_tags", [1, 2, 17, 33])
def test_equal_to_torch(n_tags, dtype):
    chance = torch.Generator().manual_seed(n_tags)
    emit, step = (
        torch.rand(size, generator=chance, dtype=dtype)
        for size in [(4, 9, n_tags), (n_tags, n_tags)]
    )
    start, end = (torch.rand(n_tags, generator=chance, dtype=dtype) for _ in range(2))
    if n_tags > 2:
        start[1] = step[0, 1] = end[2] = -torch.inf
    lengths = torch.tensor([5, 1, 9, 2])
    found = recursions.viterbi(emit, start, step, end, lengths)
    assert found.equal(torch_kernels.viterbi(emit, start, step, end, lengths))
    step = step.clamp(min=0)
    for name in ("forward", "backward"):
        expected = getattr(torch_kernels, name)(emit, step, lengths)
        torch.testing.assert_close(getattr(recursions, name)(emit, step, lengths), expected)


@only_once
def test_kernels_that_give_something_else_are_not_used(monkeypatch):
    triton_kernels = pytest.importorskip("spacy_bilstm_crf.nn.crf.triton_kernels")
    monkeypatch.setattr(triton_kernels, "backward", torch_kernels.forward)
    kernel_dispatch.gpu_kernels.cache_clear()
    with pytest.warns(UserWarning, match="Triton does not run the CRF"):
        assert kernel_dispatch.gpu_kernels(torch.device("cpu")) is None
    kernel_dispatch.gpu_kernels.cache_clear()


@only_once
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_triton_on_the_gpu():
    assert kernel_dispatch.gpu_kernels(torch.device("cuda", 0)) is not None


@only_once
@pytest.mark.skipif(torch.cuda.is_available(), reason="its kernels are compiled here")
def test_triton_is_tried_out_before_it_is_used():
    triton_kernels = pytest.importorskip("spacy_bilstm_crf.nn.crf.triton_kernels")
    kernel_dispatch.gpu_kernels.cache_clear()
    assert kernel_dispatch.gpu_kernels(torch.device("cpu")) is triton_kernels


COMPILE = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from spacy_bilstm_crf.nn.crf import triton_kernels

for kernel in (
    triton_kernels._forward, triton_kernels._backward, triton_kernels._viterbi
):
    types = dict.fromkeys(kernel.arg_names, "*fp32")
    types |= {"lengths": "*i64", "n_steps": "i32", "n_tags": "i32", "WIDTH": "constexpr"}
    if "path" in types:
        types |= {"path": "*i64", "came_from": "*i32"}
    source = ASTSource(kernel, types, {(kernel.arg_names.index("WIDTH"),): 32})
    assert triton.compile(source, target=GPUTarget("cuda", 80, 32)).asm["cubin"]
"""


@pytest.mark.slow
@only_once
def test_triton_compiles_for_a_gpu_that_is_not_here():
    pytest.importorskip("triton")
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    subprocess.run([sys.executable, "-c", COMPILE], check=True, env=environment)
