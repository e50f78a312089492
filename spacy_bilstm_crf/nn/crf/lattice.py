"""The allowed tag sequences of a batch: their probabilities, and the k best of them.

Sizes: B sequences, T steps, K tags. Everything is batch-first, and masks are left-aligned. All is
computed in double precision: a constraint may leave only sequences that are exp(-100) as probable
as those without it, which float32 would lose.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from . import recursions
from .chain import LinearChainCRF

# exp() of this can still be multiplied with another in double precision.
FAR_BEHIND = -300.0


class Lattice:
    """The allowed tag sequences of a batch, each with its probability among them.

    The recursions are those of Rabiner 1989, section V.A: `alpha` and `beta` are scaled at every
    step, so that their product is the probability of a tag.

    crf: gives the scores and the allowed transitions.
    emissions: (B, T, K) scores.
    mask: (B, T) bool, True on tokens; every sequence has at least one.
    allowed: (B, T, K) bool, the tags that each token may have; by default all.
    temperature: what all scores are divided by: above 1, the probabilities are less certain (Guo et
        al. 2017, https://arxiv.org/abs/1706.04599). The order of the sequences stays.
    RAISES: ValueError if a sequence has no allowed tag sequence.
    """

    def __init__(
        self,
        crf: LinearChainCRF,
        emissions: Tensor,
        mask: Tensor,
        allowed: Tensor | None = None,
        temperature: float = 1.0,
    ) -> None:
        forbidden = -torch.inf
        scores = emissions.detach().double()
        if allowed is not None:
            scores = scores.masked_fill(~allowed, forbidden)
        start = crf.start_transitions.detach().double().masked_fill(crf.forbidden_start, forbidden)
        end = crf.end_transitions.detach().double().masked_fill(crf.forbidden_end, forbidden)
        pairs = crf.transitions.detach().double().masked_fill(crf.forbidden_pairs, forbidden)
        self.transitions = pairs / temperature
        self.mask = mask
        self.lengths = mask.sum(dim=1)
        rows = torch.arange(len(scores), device=scores.device)
        scores = scores.clone()
        scores[:, 0] += start
        scores[rows, self.lengths - 1] += end
        self.scores = scores.masked_fill(~mask.unsqueeze(2), 0.0) / temperature

    @cached_property
    def _recursions(self) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """emit, pair_weights, norm, alpha and beta; norm is the scale of each step."""
        shift = self.scores.amax(dim=2, keepdim=True)
        shift = shift.masked_fill(shift.isinf(), 0.0)
        # A tag so far behind has no probability, but may be the only one that is allowed.
        behind = (self.scores - shift).clamp(min=FAR_BEHIND)
        emit = behind.masked_fill(self.scores.isinf(), -torch.inf).exp()
        pair_weights = (self.transitions - self.transitions.max()).exp()
        alpha, norm = recursions.forward(emit, pair_weights, self.lengths)
        if not (norm > 0).all():
            raise ValueError("The constraints on a sequence leave no allowed tag sequence.")
        beta = recursions.backward(emit / norm.unsqueeze(2), pair_weights, self.lengths)
        return emit, pair_weights, norm, alpha, beta

    @cached_property
    def marginals(self) -> Tensor:
        """P(tag of a token). RETURNS: (B, T, K), zeros in the padding."""
        _, _, _, alpha, beta = self._recursions
        return alpha * beta

    @cached_property
    def _staying(self) -> tuple[Tensor, Tensor]:
        """The logs of the pair weights; and (B, T + 1, K) sums of the log-weights of keeping a tag,
        up to each step."""
        emit, pair_weights, norm, _, _ = self._recursions
        log = pair_weights.clamp(min=1e-300).log()
        stay = (emit / norm.unsqueeze(2)).clamp(min=1e-300).log() + log.diagonal()
        return log, torch.cat([torch.zeros_like(stay[:, :1]), stay.cumsum(dim=1)], dim=1)

    def path_probability(self, rows: Tensor, first: Tensor, last: Tensor, tags: Tensor) -> Tensor:
        """P(the tokens from first to last have the tags: one, or first, inside..., last).

        rows, first, last: (spans,) the sequence of each span, its first and last step.
        tags: (spans, 4) the tag of a span of one token; of the first token of a longer one, of
            those inside, and of the last.
        RETURNS: (spans,).
        """
        emit, pair_weights, norm, alpha, beta = self._recursions
        log, stay = self._staying
        single, begin, inside, end = tags.unbind(dim=1)
        length = last - first + 1
        one = self.marginals[rows, first, single]
        into_last = (emit[rows, last, end] / norm[rows, last]) * beta[rows, last, end]
        two = alpha[rows, first, begin] * pair_weights[begin, end] * into_last
        inner = (first + 1).clamp(max=emit.shape[1])
        within = stay[rows, last, inside] - stay[rows, inner, inside]
        # Entering the inside from the first token instead of from an inside one.
        entered = log[begin, inside] - log[inside, inside]
        more = (
            alpha[rows, first, begin]
            * (within + entered).exp()
            * pair_weights[inside, end]
            * into_last
        )
        return torch.where(length == 1, one, torch.where(length == 2, two, more)).clamp(0.0, 1.0)

    def k_best(self, k: int) -> tuple[Tensor, Tensor]:
        """The k most probable tag sequences, by a Viterbi search that keeps k paths into each tag.

        RETURNS: (k, B, T) tag ids, best first, 0 in the padding; and (k, B) the logs of their
            probabilities, -inf where there are fewer than k sequences.
        RAISES: ValueError if k is less than 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}.")
        n_rows, n_steps, n_tags = self.scores.shape
        scores = self.scores.transpose(0, 1)
        best = scores.new_full((n_rows, n_tags, k), -torch.inf)  # of paths into each tag
        best[:, :, 0] = scores[0]
        pointers = []
        for t in range(1, n_steps):
            # (row, tag, place among the k, next tag) -> the k best of all (tag, place) before it
            paths = best.unsqueeze(3) + self.transitions.unsqueeze(1)
            top, pointer = paths.flatten(1, 2).topk(min(k, n_tags * k), dim=1)
            stepped = top.transpose(1, 2) + scores[t].unsqueeze(2)
            goes_on = self.mask[:, t].view(-1, 1, 1)
            best = torch.where(goes_on, stepped, best)
            here = torch.arange(n_tags * k, device=scores.device).view(n_tags, k)
            pointers.append(torch.where(goes_on, pointer.transpose(1, 2), here))
        total, cell = best.flatten(1).topk(min(k, n_tags * k), dim=1)
        paths = [cell // k]
        for pointer in reversed(pointers):
            cell = pointer.flatten(1).gather(1, cell)
            paths.append(cell // k)
        tags = torch.stack(paths[::-1], dim=2).masked_fill(~self.mask.unsqueeze(1), 0)
        log_probability = (total - self.log_partition.unsqueeze(1)).clamp(max=0.0)
        return tags.transpose(0, 1), log_probability.t()

    def entropy(self) -> Tensor:
        """The entropy of each row's tag sequences, in nats: the log-partition less the expected
        score. RETURNS: (B,)."""
        emit, pair_weights, norm, alpha, beta = self._recursions
        expected = (self.marginals * self.scores.masked_fill(self.scores.isinf(), 0.0)).sum((1, 2))
        scored = pair_weights * self.transitions.masked_fill(self.transitions.isinf(), 0.0)
        arrive = (emit / norm.unsqueeze(2) * beta)[:, 1:]
        stepped = (alpha[:, :-1] @ scored) * arrive * self.mask[:, 1:].unsqueeze(2)
        return (self.log_partition - expected - stepped.sum((1, 2))).clamp(min=0.0)

    @cached_property
    def log_partition(self) -> Tensor:
        """The log of the summed exp-scores of the allowed sequences. RETURNS: (B,)."""
        _, _, norm, _, _ = self._recursions
        shift = self.scores.amax(dim=2)
        logs = norm.log() + shift.masked_fill(shift.isinf(), 0.0)
        logs[:, 1:] += self.transitions.max()
        return (logs * self.mask).sum(dim=1)
