"""A linear-chain conditional random field: torchcrf's model, with faster and exact algorithms.

Sizes: B sequences, T steps, K tags. Everything is batch-first, and masks are left-aligned.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torchcrf
from torch import Tensor
from torch.autograd.function import once_differentiable

from . import recursions

# A path may gain twice the spread of the transition scores on the best one so far. What is further
# behind than exp() can express in float32 (87), the scaled recursion loses and log space keeps.
_MAX_SPREAD = 40.0

# Where the known tags leave so little of what came before, the scaled recursion may have lost all
# of it, or the most.
_LEAST_NORM = 1e-30


class LinearChainCRF(torchcrf.CRF):
    """`torchcrf.CRF` with the same parameters, scores and arguments, and these differences:

    - the log-partition runs as a scaled forward-backward recursion of matrix products with a
      closed-form gradient, instead of a log-sum-exp over (B, K, K) per step;
    - tags may be unknown (`MISSING`): the loss then is that of the known tags, among the allowed
      tag sequences (Tsuboi et al. 2008, https://aclanthology.org/C08-1113/); where no tag is known
      it is 0. Where all are known, it is among all sequences, which teaches the allowed ones;
    - `decode` traces the whole batch back at once, and takes allowed transitions only;
    - masks are bool (anything else is converted), sequences are batch-first.

    The algorithms: Lafferty et al. 2001; the scaling: Rabiner 1989, section V.A.

    num_tags: K.
    allowed_pairs, allowed_start, allowed_end: bool arrays of shape (K, K), (K,), (K,); by default,
        everything is allowed. They are no parameters, and are not saved in the state dict.
    """

    MISSING = -1

    def __init__(
        self,
        num_tags: int,
        allowed_pairs: Any = None,
        allowed_start: Any = None,
        allowed_end: Any = None,
    ) -> None:
        super().__init__(num_tags, batch_first=True)
        self.settings = {"num_tags": num_tags}
        for name, given, shape in [
            ("pairs", allowed_pairs, (num_tags, num_tags)),
            ("start", allowed_start, (num_tags,)),
            ("end", allowed_end, (num_tags,)),
        ]:
            allowed = np.ones(shape, dtype=bool) if given is None else np.asarray(given)
            if allowed.shape != shape:
                raise ValueError(f"allowed_{name} must have shape {shape}, got {allowed.shape}.")
            self.register_buffer(f"forbidden_{name}", torch.as_tensor(~allowed), persistent=False)

    def forward(  # type: ignore[override]
        self,
        emissions: Tensor,
        tags: Tensor,
        mask: Tensor | None = None,
        reduction: str = "sum",
        allowed_if_unknown: Tensor | None = None,
    ) -> Tensor:
        """The log-likelihood of tag sequences.

        emissions: (B, T, K) scores.
        tags: (B, T) tag ids; MISSING where a tag is unknown, anything in the padding.
        mask: (B, T) bool, True on tokens; the first step of every sequence must be a token.
        reduction: "none", "sum", "mean" (over sequences) or "token_mean".
        allowed_if_unknown: (K,) bool, the tags that MISSING stands for; by default all.
        RETURNS: (B,) for "none", else a scalar.
        """
        if reduction not in ("none", "sum", "mean", "token_mean"):
            raise ValueError(f"invalid reduction: {reduction}")
        mask = self._check(emissions, tags, mask)
        unknown = ((tags == self.MISSING) & mask).any(dim=1)
        numerator = self._path_score(emissions, tags.clamp(min=0).masked_fill(~mask, 0), mask)
        likelihood = numerator - self.log_partition(emissions, mask)
        if unknown.any():
            forbidden = None if allowed_if_unknown is None else ~allowed_if_unknown
            own, rows = tags[unknown], (emissions[unknown], mask[unknown])
            partial = self._lattice_score(rows[0], own, rows[1], forbidden=forbidden)
            free = self._lattice_score(rows[0], torch.full_like(own, self.MISSING), rows[1])
            likelihood = likelihood.masked_scatter(unknown, (partial - free).to(likelihood.dtype))
        if reduction == "none":
            return likelihood
        if reduction == "token_mean":
            return likelihood.sum() / mask.sum()
        return likelihood.sum() if reduction == "sum" else likelihood.mean()

    def exclusion(self, emissions: Tensor, tags: Tensor, forbidden: Tensor, mask: Tensor) -> Tensor:
        """-log(1 - P(forbidden tags | known tags)): the loss of what is known to be wrong.

        The other sequences are summed up by the first token at which they differ, so that nothing
        cancels out where P is next to 1.

        emissions: (B, T, K). mask: (B, T).
        tags: (B, T) known tags, MISSING where unknown.
        forbidden: (B, T) the same with more of them known, at least one in each row.
        RETURNS: (B,).
        """
        differs = (forbidden != tags) & mask
        rows, places = torch.nonzero(differs, as_tuple=True)
        steps = torch.arange(tags.shape[1], device=tags.device)
        is_before = differs[rows] & (steps < places[:, None])
        known = torch.where(is_before, forbidden[rows], tags[rows])
        nth = torch.arange(len(rows), device=tags.device)
        forbidden_tags = torch.zeros_like(emissions[rows], dtype=torch.bool)
        forbidden_tags[nth, places, forbidden[rows, places]] = True
        first_differing = self._lattice_score(
            emissions[rows], known, mask[rows], forbidden=forbidden_tags, strict=False
        )
        others = first_differing.new_full(tags.shape, -torch.inf)
        others = others.index_put((rows, places), first_differing)
        return self._lattice_score(emissions, tags, mask) - torch.logsumexp(others, dim=1)

    def log_partition(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """The log of the summed exp-scores of all tag sequences, allowed or not.

        emissions: (B, T, K). mask: (B, T). RETURNS: (B,).
        """
        mask = self._check(emissions, None, mask)
        parameters = (self.start_transitions, self.transitions, self.end_transitions)
        bounds = [torch.stack(torch.aminmax(p.detach())) for p in parameters]
        if torch.stack([high - low for low, high in bounds]).max() > _MAX_SPREAD:
            return self._compute_normalizer(emissions.transpose(0, 1), mask.transpose(0, 1))
        scores = _with_borders(emissions, self.start_transitions, self.end_transitions, mask)
        result: Tensor = _LogPartition.apply(scores, self.transitions, mask)[0]  # type: ignore[index]
        return result

    def marginals(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """P(tag | sequence) of every token, from forward-backward over all tag sequences.

        emissions: (B, T, K). mask: (B, T). RETURNS: (B, T, K), zeros in the padding.
        """
        with torch.enable_grad():
            leaf = emissions.detach().requires_grad_()
            (result,) = torch.autograd.grad(self.log_partition(leaf, mask).sum(), leaf)
        return result

    def decode(self, emissions: Tensor, mask: Tensor | None = None) -> list[list[int]]:
        """The best allowed tag sequences, as `torchcrf.CRF.decode` returns them: B lists of ids."""
        mask = self._check(emissions, None, mask)
        paths = self.viterbi(emissions, mask)
        return [path[:n] for path, n in zip(paths.tolist(), mask.sum(dim=1).tolist())]

    @torch.no_grad()
    def viterbi(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """The best allowed tag sequence of each row.

        emissions: (B, T, K). mask: (B, T). RETURNS: (B, T) tag ids; 0 in the padding.
        """
        mask = self._check(emissions, None, mask)
        lowest = -torch.inf
        transitions = self.transitions.masked_fill(self.forbidden_pairs, lowest)
        start = self.start_transitions.masked_fill(self.forbidden_start, lowest)
        end = self.end_transitions.masked_fill(self.forbidden_end, lowest)
        return recursions.viterbi(emissions, start, transitions, end, mask.sum(dim=1))

    def _check(self, emissions: Tensor, tags: Tensor | None, mask: Tensor | None) -> Tensor:
        """torchcrf's validation; the mask as bool, or one that is True everywhere."""
        if mask is not None:
            mask = mask.bool()
        if emissions.numel() == 0:
            raise ValueError(
                f"The CRF needs at least one sequence of one token, got {tuple(emissions.shape)}."
            )
        self._validate(emissions, tags=tags, mask=mask)  # type: ignore[arg-type]
        if mask is None:
            mask = torch.ones(emissions.shape[:2], dtype=torch.bool, device=emissions.device)
        return mask

    def _path_score(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """The score of one tag sequence per row. RETURNS: (B,)."""
        scores = _with_borders(emissions, self.start_transitions, self.end_transitions, mask)
        emitted = scores.gather(2, tags.unsqueeze(2)).squeeze(2) * mask
        passed = self.transitions[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
        return emitted.sum(dim=1) + passed.sum(dim=1)

    def _lattice_score(
        self,
        emissions: Tensor,
        tags: Tensor,
        mask: Tensor,
        *,
        forbidden: Tensor | None = None,
        strict: bool = True,
    ) -> Tensor:
        """The log of the summed exp-scores of the allowed sequences that agree with the known tags,
        in double precision. A hard constraint may leave only paths that the scaled recursion has
        lost: such rows are computed in log space.

        forbidden: bool, over (B, T, K), tags that a token does not have if its own is unknown.
        strict: whether it is an error if a row has no such sequence; otherwise it scores next to
            nothing.
        RETURNS: (B,), in double precision.
        """
        lowest = -1e9
        unknown = (tags == self.MISSING).unsqueeze(2)
        others = torch.ones_like(emissions.expand(len(tags), -1, -1), dtype=torch.bool)
        others.scatter_(2, tags.clamp(min=0).unsqueeze(2), False)
        others = torch.where(unknown, False if forbidden is None else forbidden, others)
        scores = torch.where(others, lowest, emissions.double())
        start = self.start_transitions.double().masked_fill(self.forbidden_start, lowest)
        end = self.end_transitions.double().masked_fill(self.forbidden_end, lowest)
        transitions = self.transitions.double().masked_fill(self.forbidden_pairs, lowest)
        scores = _with_borders(scores, start, end, mask)
        result, lost = _LogPartition.apply(scores, transitions, mask)  # type: ignore[misc]
        if lost.any():
            again = _log_partition(scores[lost], transitions, mask[lost])
            result = result.masked_scatter(lost, again)
        if strict and (result < lowest / 2).any():
            raise ValueError("The known tags of a sequence allow no allowed tag sequence.")
        return result


def _with_borders(scores: Tensor, start: Tensor, end: Tensor, mask: Tensor) -> Tensor:
    """Add the start and end scores to the first and last token of each sequence. (B, T, K)."""
    starts = torch.zeros_like(mask)
    starts[:, 0] = True
    ends = mask.clone()
    ends[:, :-1] &= ~mask[:, 1:]
    return scores + starts.unsqueeze(2) * start + ends.unsqueeze(2) * end


def _log_partition(scores: Tensor, transitions: Tensor, mask: Tensor) -> Tensor:
    """What `_LogPartition` gives first, step by step in log space, which loses nothing."""
    best = scores[:, 0]
    for t in range(1, scores.size(1)):
        passed = torch.logsumexp(best.unsqueeze(2) + transitions, dim=1) + scores[:, t]
        best = torch.where(mask[:, t].unsqueeze(1), passed, best)
    return torch.logsumexp(best, dim=1)


class _LogPartition(torch.autograd.Function):
    """log Z by the scaled forward recursion, and its gradient by the backward one.

    Every step is normalised, so that nothing overflows; the shifts and norms add up to log Z. The
    gradient is closed-form: the marginals of tags for the scores, the expected counts of tag pairs
    for the transitions.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, scores: Tensor, transitions: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """scores: (B, T, K) with start and end scores added. mask: (B, T).

        RETURNS: (B,) log Z; (B,) bool, where it may be wrong for what was lost. Such rows have no
            gradient.
        """
        lengths = mask.sum(dim=1)
        shift = scores.amax(dim=2)
        emit = (scores - shift.unsqueeze(2)).exp_()
        greatest = transitions.max()
        pair_weights = (transitions - greatest).exp()
        alpha, norm = recursions.forward(emit, pair_weights, lengths)
        lost = ~(norm.amin(dim=1) >= _LEAST_NORM)  # or no number
        if lost.any():
            emit[lost], alpha[lost], norm[lost] = 0.0, 0.0, 1.0
        ctx.save_for_backward(emit, pair_weights, alpha, norm, lengths)
        ctx.mark_non_differentiable(lost)
        log_z = norm.log().sum(dim=1) + (shift * mask).sum(dim=1) + (lengths - 1) * greatest
        return log_z, lost

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_log_z: Tensor, _: Any) -> Any:  # type: ignore[override]
        emit, pair_weights, alpha, norm, lengths = ctx.saved_tensors
        weight = emit / norm.unsqueeze(2)
        beta = recursions.backward(weight, pair_weights, lengths)
        leave = alpha * d_log_z.view(-1, 1, 1)
        d_scores = leave * beta
        arrive = weight.mul_(beta)
        arrive[:, 0] = 0.0  # nothing arrives there from the row before
        pairs = leave.flatten(0, 1)[:-1].t() @ arrive.flatten(0, 1)[1:]
        return d_scores, pair_weights * pairs, None
