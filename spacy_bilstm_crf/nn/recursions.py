"""The recursions over steps of a linear-chain CRF: forward, backward and Viterbi.

Everything that is not a recursion is one operation over all steps, and stands in `crf` and
`lattice`. Here a step needs the one before it. On a CPU numba compiles the loops, if it is there
(the extra `numba`); otherwise, and on a GPU, each step is one operation of torch over the batch.

Sizes: B sequences, T steps, K tags, batch-first. lengths: (B,) int64 on any device, at least 1.
"""

from __future__ import annotations

from types import ModuleType

import torch
from torch import Tensor

from . import compiled


def forward(emit: Tensor, step: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The scaled forward recursion (Rabiner 1989, section V.A).

    emit: (B, T, K) weights of tags, not negative. step: (K, K) weights of tag pairs.
    RETURNS: alpha, (B, T, K), the weights of all ways into each tag, of sum 1 in each step, 0 in
        the padding; and norm, (B, T), the sums before, 1 in the padding.
    """
    kernels = _kernels(emit)
    if kernels:
        alpha, norm = kernels.forward(*_arrays(emit, step, lengths))
        return torch.from_numpy(alpha), torch.from_numpy(norm)
    mask = _mask(emit, lengths).t()
    emit = emit.transpose(0, 1).contiguous()
    alpha_t, norm_t = torch.empty_like(emit), emit.new_empty(emit.shape[:2])
    current = emit[0]
    for t in range(len(emit)):
        if t > 0:
            current = (alpha_t[t - 1] @ step).mul_(emit[t])
        torch.sum(current, dim=1, out=norm_t[t])
        torch.div(current, norm_t[t].unsqueeze(1), out=alpha_t[t])
    alpha_t.masked_fill_(~mask.unsqueeze(2), 0.0)
    return alpha_t.transpose(0, 1), norm_t.masked_fill_(~mask, 1.0).t()


def backward(weight: Tensor, step: Tensor, lengths: Tensor) -> Tensor:
    """The scaled backward recursion.

    weight: (B, T, K) `emit / norm` of the forward recursion. step: as there.
    RETURNS: beta, (B, T, K), 1 in the last step and 0 in the padding: `alpha * beta` is the
        probability of each tag.
    """
    kernels = _kernels(weight)
    if kernels:
        return torch.from_numpy(kernels.backward(*_arrays(weight, step, lengths)))
    mask = _mask(weight, lengths).t().unsqueeze(2)
    weight = weight.transpose(0, 1)
    beta = torch.ones_like(weight)
    back = step.t().contiguous()
    for t in range(len(weight) - 1, 0, -1):
        torch.where(mask[t], (weight[t] * beta[t]) @ back, beta[t - 1], out=beta[t - 1])
    return beta.masked_fill_(~mask, 0.0).transpose(0, 1)


def viterbi(scores: Tensor, start: Tensor, steps: Tensor, end: Tensor, lengths: Tensor) -> Tensor:
    """The best tag sequence of each row.

    scores: (B, T, K). start, steps, end: (K,), (K, K), (K,) scores, -inf where nothing is legal.
    RETURNS: (B, T) tag ids, 0 in the padding.
    """
    kernels = _kernels(scores)
    if kernels:
        path = kernels.viterbi(*_arrays(scores, start, steps, end, lengths))
        return torch.from_numpy(path)
    # The pass over the steps keeps maxima only; the trace back finds each arg-max again, for the
    # whole batch at once. A max that also returns indices is several times as slow.
    mask = _mask(scores, lengths)
    scores = scores.clone()
    scores[:, 0] += start
    rows = torch.arange(len(scores), device=scores.device)
    scores[rows, lengths.to(scores.device) - 1] += end
    best = [scores[:, 0]]
    for t in range(1, scores.shape[1]):
        best.append((best[-1].unsqueeze(2) + steps).amax(dim=1) + scores[:, t])
    goes_on = mask.t().unsqueeze(2)
    into = steps.t().contiguous()
    tags = best[-1].argmax(dim=1)
    path_t = [tags]
    for t in range(len(best) - 1, 0, -1):
        tags = (best[t - 1] + into[tags].masked_fill(~goes_on[t], 0.0)).argmax(dim=1)
        path_t.append(tags)
    return torch.stack(path_t[::-1], dim=1).masked_fill(~mask, 0)


def _mask(scores: Tensor, lengths: Tensor) -> Tensor:
    steps = torch.arange(scores.shape[1], device=scores.device)
    return steps < lengths.to(scores.device).unsqueeze(1)


def _arrays(*tensors: Tensor) -> list[object]:
    return [tensor.detach().contiguous().numpy() for tensor in tensors]


def _kernels(scores: Tensor) -> ModuleType | None:
    if scores.device.type != "cpu" or scores.dtype not in (torch.float32, torch.float64):
        return None
    return compiled.kernels()
