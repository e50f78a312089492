"""A probability distribution over the tag sequences of a batch of docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from thinc.api import torch2xp
from thinc.types import Floats2d
from torch import Tensor

from ..batching.buckets import Buckets, make_buckets, pad
from ..batching.windows import cut_windows
from ..nn.crf.flat_dispatch import flat_kernels
from ..nn.crf.lattice import Lattice
from ..tags import MISSING, OUTSIDE, Spans, repair
from .biluo_crf import BILUOCRF

# A step of the CRF's recursions is a few small operations, whatever the number of rows.
_STEP_IN_ROWS = 100.0


class Gradient(NamedTuple):
    """The gradient of a loss for a TagDistribution.

    emissions: (tokens, tags).
    parameters: those of the CRF, in the order of its parameters; None where there is none.
    """

    emissions: Floats2d
    parameters: tuple[Tensor | None, ...]


class TagDistribution:
    """The tag sequences of a batch, each with its probability: what a BiLSTMCRF makes of docs.

    crf: the scores of transitions, and which are allowed.
    emissions: (tokens, tags) scores of the tokens' tags, -inf where a token can't have a tag.
    lengths: (sequences,) tokens of each sequence. Sequences are independent, and follow one
        another in the flat emissions.
    doc_lengths: (docs,) tokens of each doc.
    temperature: what the scores are divided by where they become probabilities; see `Lattice`. It
        acts neither on the best tags, which stay the best, nor on `log_prob`, the loss of training.
    """

    def __init__(
        self,
        crf: BILUOCRF,
        emissions: Tensor,
        lengths: NDArray[np.int64],
        doc_lengths: NDArray[np.int64],
        temperature: float = 1.0,
    ) -> None:
        self.crf = crf
        self.emissions = emissions
        self.lengths = lengths
        self.doc_lengths = doc_lengths
        self.temperature = temperature

    def by_doc(self) -> list[NDArray[np.float32]]:
        """The emissions of each doc, (tokens, tags)."""
        flat = self.emissions.detach().cpu().numpy()
        return np.split(flat, np.cumsum(self.doc_lengths)[:-1])

    def forbid(self, forbidden: NDArray[np.bool_] | None) -> TagDistribution:
        """The distribution among the tag sequences without these tags.

        forbidden: (tokens, tags); None for no change.
        """
        if forbidden is None:
            return self
        mask = torch.from_numpy(forbidden).to(self.emissions.device)
        return self._with(emissions=self.emissions.masked_fill(mask, -torch.inf))

    def with_gradient(self) -> TagDistribution:
        """The same with emissions that gather a gradient."""
        return self._with(emissions=self.emissions.detach().requires_grad_())

    def with_lengths(self, lengths: NDArray[np.int64]) -> TagDistribution:
        """The distribution over other sequences of the same tokens. lengths: (sequences,)."""
        if len(lengths) == len(self.lengths):
            return self
        return self._with(lengths=lengths)

    def at(self, temperature: float) -> TagDistribution:
        """The same scores at another temperature."""
        return self._with(temperature=temperature)

    def _with(
        self,
        *,
        emissions: Tensor | None = None,
        lengths: NDArray[np.int64] | None = None,
        temperature: float | None = None,
    ) -> TagDistribution:
        return TagDistribution(
            self.crf,
            self.emissions if emissions is None else emissions,
            self.lengths if lengths is None else lengths,
            self.doc_lengths,
            self.temperature if temperature is None else temperature,
        )

    @cached_property
    def _buckets(self) -> Buckets:
        windows = cut_windows(self.lengths)
        return make_buckets(windows, self.emissions.device, step_in_rows=_STEP_IN_ROWS)

    @property
    def _starts(self) -> NDArray[np.int64]:
        return np.cumsum(self.lengths) - self.lengths

    def argmax(self) -> NDArray[np.int64]:
        """The most probable allowed tag sequences, or those of the decoder "greedy".

        RETURNS: (tokens,) tag ids.
        """
        if len(self.emissions) == 0:
            return np.zeros(0, dtype=np.int64)
        if self.crf.settings["decoder"] == "greedy":
            return self._greedy()
        kernels = flat_kernels(self.emissions)
        if kernels is not None:
            flat: NDArray[np.int64] = kernels.viterbi(self.crf.chain, self.emissions, self.lengths)
            return flat
        with torch.no_grad():
            tags = self._buckets.map(
                lambda x, lengths, mask: self.crf.chain.viterbi(x, mask), self.emissions
            )
        return tags.cpu().numpy()

    def _greedy(self) -> NDArray[np.int64]:
        best = self.emissions.argmax(dim=1)
        first = np.zeros(len(self.emissions), dtype=bool)
        first[self._starts] = True
        tags = repair(best.cpu().numpy(), first)
        forbidden = self.emissions.isneginf().cpu().numpy()
        while (wrong := (tags != OUTSIDE) & forbidden[np.arange(len(tags)), tags]).any():
            tags = repair(np.where(wrong, OUTSIDE, tags), first)
        return tags

    def log_prob(
        self,
        tags: NDArray[np.int64],
        *,
        allowed_if_unknown: NDArray[np.bool_] | None = None,
        weights: NDArray[np.float32] | None = None,
    ) -> Tensor:
        """The log-probability of the known tags of each sequence: among all tag sequences, also
        forbidden ones, where all are known, which teaches what is allowed; else among the allowed
        ones.

        tags: (tokens,) tag ids, MISSING where unknown.
        allowed_if_unknown: (tags,) what an unknown tag may be; by default anything.
        weights: (tokens,) each sequence is multiplied by their mean in it; None for 1.
        RETURNS: (sequences,), bucket after bucket; a tensor with a gradient.
        """
        known = torch.from_numpy(tags).to(self.emissions.device)
        allowed = None
        if allowed_if_unknown is not None:
            allowed = torch.from_numpy(allowed_if_unknown).to(self.emissions.device)
        by_token = None if weights is None else torch.from_numpy(weights).to(known.device)
        logs = []
        for index, lengths, mask in self._buckets:
            log_prob = self.crf.chain(
                pad(self.emissions, index),
                pad(known, index),
                mask=mask,
                reduction="none",
                allowed_if_unknown=allowed,
            )
            if by_token is not None:
                log_prob = log_prob * (pad(by_token, index) * mask).sum(dim=1) / lengths
            logs.append(log_prob)
        return torch.cat(logs)

    def log_prob_of_others(
        self,
        tags: NDArray[np.int64],
        incorrect: Sequence[tuple[int, NDArray[np.int64]]],
        *,
        weights: NDArray[np.float32] | None = None,
    ) -> Tensor:
        """log(1 - P(incorrect tags | known tags)) of each span that is known to be incorrect.

        tags: as for `log_prob`.
        incorrect: the first token of each span, and the tags that it does not have.
        weights: as for `log_prob`: each span is multiplied by that of its sequence.
        RETURNS: (spans,), without those that the known tags rule out anyway.
        RAISES: ValueError if a span is incorrect and known at once.
        """
        ends = np.cumsum(self.lengths)
        sequences: list[int] = []
        rows: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        for start, ids in incorrect:
            nth = int(np.searchsorted(ends, start, side="right"))
            first = int(ends[nth] - self.lengths[nth])
            if start + len(ids) > ends[nth]:
                continue  # reaches across sequences: never predicted
            known = tags[first : ends[nth]]
            wrong = known.copy()
            wrong[start - first : start - first + len(ids)] = ids
            if ((known != MISSING) & (known != wrong)).any():
                continue  # known to be another anyway
            if (known == wrong).all():
                raise ValueError(
                    "An incorrect span is an entity of the same doc, too: take it out of the one "
                    "or the other."
                )
            sequences.append(nth)
            rows.append((known, wrong))
        if not rows:
            return self.emissions.new_zeros(0)
        lengths = self.lengths[sequences]
        steps = np.minimum(np.arange(lengths.max()), lengths[:, None] - 1)
        index = self._starts[sequences][:, None] + steps
        mask = np.arange(lengths.max()) < lengths[:, None]
        padded = [np.stack([row[s] for row, s in zip(column, steps)]) for column in zip(*rows)]
        device = self.emissions.device
        known_tags, forbidden, cells, is_token = (
            torch.from_numpy(array).to(device) for array in (*padded, index, mask)
        )
        emissions = pad(self.emissions, cells)
        others = -self.crf.chain.exclusion(emissions, known_tags, forbidden, is_token)
        if weights is not None:
            by_sequence = (weights[index] * mask).sum(axis=1) / lengths
            others = others * torch.from_numpy(by_sequence).to(others)
        return others.to(self.emissions.dtype)

    def gradient(self, loss: Tensor) -> Gradient:
        """The gradient of a loss that was computed from this distribution, which is one that
        `with_gradient` gives. Nothing is added to the CRF's own gradients: that is its layer's to
        do, on the way back."""
        parameters = [p for p in self.crf.parameters() if p.requires_grad]
        d_emissions, *found = torch.autograd.grad(
            loss, [self.emissions, *parameters], allow_unused=True
        )
        by_parameter = dict(zip(parameters, found))
        return Gradient(
            torch2xp(d_emissions),  # type: ignore[arg-type]
            tuple(by_parameter.get(p) for p in self.crf.parameters()),
        )

    def lattices(
        self, only: NDArray[np.int64] | None = None
    ) -> Iterator[tuple[Lattice, NDArray[np.int64]]]:
        """The allowed tag sequences with their probabilities, bucket by bucket.

        only: the sequences that are wanted; by default all.
        YIELDS: a lattice, and which sequences are its rows.
        """
        chosen = np.arange(len(self.lengths)) if only is None else only
        starts, buckets = self._starts, self._buckets
        if only is not None:
            windows = cut_windows(self.lengths[only], starts=starts[only])
            buckets = make_buckets(windows, self.emissions.device, step_in_rows=_STEP_IN_ROWS)
        for index, _, mask in buckets:
            sequences = np.searchsorted(starts[chosen], index[:, 0].cpu().numpy())
            emissions = pad(self.emissions, index)
            lattice = Lattice(self.crf.chain, emissions, mask, temperature=self.temperature)
            yield lattice, chosen[sequences]

    def log_likelihood(self, tags: NDArray[np.int64]) -> NDArray[np.float64]:
        """The log-probability of the known tags of each sequence, among the allowed ones and at the
        temperature: how well probabilities fit what is true. It has no gradient.

        tags: (tokens,) tag ids, MISSING where unknown.
        RETURNS: (sequences,).
        RAISES: ValueError if the known tags of a sequence are not allowed.
        """
        result = np.zeros(len(self.lengths))
        known = np.eye(self.emissions.shape[1], dtype=bool)[tags]
        known[tags == MISSING] = True
        agrees = self.forbid(~known)
        for own, all_of in zip(agrees.lattices(), self.lattices()):
            result[own[1]] = (own[0].log_partition - all_of[0].log_partition).cpu().numpy()
        return result

    def marginals(self) -> NDArray[np.float64]:
        """P(tag of a token). RETURNS: (tokens, tags)."""
        result = np.zeros(tuple(self.emissions.shape))
        starts = self._starts
        for lattice, sequences in self.lattices():
            found = lattice.marginals.cpu().numpy()
            for row, sequence in enumerate(sequences.tolist()):
                size = self.lengths[sequence]
                result[starts[sequence] : starts[sequence] + size] = found[row, :size]
        return result

    def entropy(self) -> NDArray[np.float64]:
        """The entropy of the tag sequences of each sequence, in nats: how unsure the model is.

        RETURNS: (sequences,).
        """
        result = np.zeros(len(self.lengths))
        for lattice, sequences in self.lattices():
            result[sequences] = lattice.entropy().cpu().numpy()
        return result

    def span_probability(self, spans: Spans) -> NDArray[np.float64]:
        """P(span is an entity of its label | text) of spans that reach across no border of
        sequences. spans: in tokens of the flat emissions. RETURNS: (spans,)."""
        return self._path_probability(spans.starts, spans.ends, _span_tags(spans.labels))

    def outside_probability(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """P(no entity has a token of the span | text), for spans as those of `span_probability`.

        starts, ends: (spans,) tokens of the flat emissions. RETURNS: (spans,).
        """
        return self._path_probability(starts, ends, np.full((len(starts), 4), OUTSIDE))

    def _path_probability(
        self, first: NDArray[np.int64], ends: NDArray[np.int64], tags: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """P(the tokens of spans have the tags). tags: (spans, 4), as for `Lattice`."""
        result = np.zeros(len(first))
        kernels = flat_kernels(self.emissions)
        if kernels is not None:
            order = np.argsort(first, kind="stable")
            result[order] = kernels.span_probability(
                self.crf.chain,
                self.emissions,
                self.lengths,
                first[order],
                ends[order] - 1,
                tags[order],
                self.temperature,
            )
            return result
        starts = self._starts
        sequence = np.searchsorted(starts, first, side="right") - 1
        wanted = np.unique(sequence)  # others need no probabilities
        if len(wanted) == 0:
            return result
        row_of = np.full(len(self.lengths), -1)
        for lattice, rows in self.lattices(wanted):
            row_of[:] = -1
            row_of[rows] = np.arange(len(rows))
            here = np.flatnonzero(row_of[sequence] >= 0)
            own = first[here] - starts[sequence[here]]
            last = ends[here] - 1 - starts[sequence[here]]
            result[here] = _in_lattice(lattice, row_of[sequence[here]], own, last, tags[here])
        return result


def span_probability(
    lattice: Lattice,
    rows: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    labels: NDArray[np.int64],
) -> NDArray[np.float64]:
    """P(the tokens from first to last of a row are an entity of a label). All (spans,)."""
    return _in_lattice(lattice, rows, first, last, _span_tags(labels))


def _in_lattice(
    lattice: Lattice,
    rows: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    tags: NDArray[np.int64],
) -> NDArray[np.float64]:
    device = lattice.scores.device
    arrays = (rows, first, last, tags)
    tensors: list[Tensor] = [torch.from_numpy(array).to(device) for array in arrays]
    probabilities: NDArray[np.float64] = lattice.path_probability(*tensors).cpu().numpy()
    return probabilities


def _span_tags(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """U, B, I and L of each label. RETURNS: (spans, 4)."""
    return (1 + 4 * labels)[:, None] + np.array([3, 0, 1, 2])
