"""The recursions of a linear-chain CRF step by step in torch, one operation over the batch each.

What they take and give stands in `recursions`.
"""

from __future__ import annotations

import torch
from torch import Tensor


def forward(emit: Tensor, transitions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """See `recursions.forward`."""
    mask = _mask(emit, lengths).t()
    emit = emit.transpose(0, 1).contiguous()
    alpha_t, norm_t = torch.empty_like(emit), emit.new_empty(emit.shape[:2])
    current = emit[0]
    for t in range(len(emit)):
        if t > 0:
            current = (alpha_t[t - 1] @ transitions).mul_(emit[t])
        torch.sum(current, dim=1, out=norm_t[t])
        torch.div(current, norm_t[t].unsqueeze(1), out=alpha_t[t])
    alpha_t.masked_fill_(~mask.unsqueeze(2), 0.0)
    return alpha_t.transpose(0, 1), norm_t.masked_fill_(~mask, 1.0).t()


def backward(weight: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """See `recursions.backward`."""
    mask = _mask(weight, lengths).t().unsqueeze(2)
    weight = weight.transpose(0, 1)
    beta = torch.ones_like(weight)
    back = transitions.t().contiguous()
    for t in range(len(weight) - 1, 0, -1):
        torch.where(mask[t], (weight[t] * beta[t]) @ back, beta[t - 1], out=beta[t - 1])
    return beta.masked_fill_(~mask, 0.0).transpose(0, 1)


def viterbi(
    scores: Tensor, start: Tensor, transitions: Tensor, end: Tensor, lengths: Tensor
) -> Tensor:
    """See `recursions.viterbi`.

    The pass over the steps keeps maxima only; the trace back finds each arg-max again, for the
    whole batch at once. A max that also returns indices is several times as slow.
    """
    mask = _mask(scores, lengths)
    scores = scores.clone()
    scores[:, 0] += start
    rows = torch.arange(len(scores), device=scores.device)
    scores[rows, lengths.to(scores.device) - 1] += end
    best = [scores[:, 0]]
    for t in range(1, scores.shape[1]):
        best.append((best[-1].unsqueeze(2) + transitions).amax(dim=1) + scores[:, t])
    goes_on = mask.t().unsqueeze(2)
    into = transitions.t().contiguous()
    tags = best[-1].argmax(dim=1)
    path_t = [tags]
    for t in range(len(best) - 1, 0, -1):
        tags = (best[t - 1] + into[tags].masked_fill(~goes_on[t], 0.0)).argmax(dim=1)
        path_t.append(tags)
    return torch.stack(path_t[::-1], dim=1).masked_fill(~mask, 0)


def _mask(scores: Tensor, lengths: Tensor) -> Tensor:
    transitions = torch.arange(scores.shape[1], device=scores.device)
    return transitions < lengths.to(scores.device).unsqueeze(1)
