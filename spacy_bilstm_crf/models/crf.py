"""The CRF as a Thinc node of its own: the loss with its gradients, and the best tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from thinc.api import ArgsKwargs, Model, to_numpy, torch2xp, xp2torch
from thinc.types import Floats2d
from torch import Tensor, nn

from ..nn import Lattice, LinearChainCRF
from ..tags import MISSING, OUTSIDE, legal_transitions, legalize
from .layout import Layout, make_layout, pad
from .torch_layer import install, module_of, replace, torch_layer

Decoder = Literal["crf", "softmax", "greedy"]

# A step of the CRF's recursions is a few small operations, whatever the number of rows.
_STEP_IN_ROWS = 100.0


def CRF(decoder: Decoder = "crf") -> Model[Any, Any]:
    """A linear-chain CRF over BILUO tags. Its dimension nO, the number of tags, is set before
    initialization. Called with (emissions, tags, lengths, excluded, unknown_may_be), it gives the
    summed loss; see `crf_loss`.

    decoder: see `BILUOCRF`.
    """
    build = partial(BILUOCRF, decoder=decoder)
    return torch_layer(
        "crf",
        build,
        convert_inputs=_convert_inputs,
        convert_outputs=_convert_outputs,
        init=partial(_init, build),
        dims={"nO": None},
    )


def crf_loss(
    crf: Model[Any, Any],
    emissions: Floats2d,
    tags: NDArray[np.int64],
    lengths: NDArray[np.int64],
    *,
    excluded: Sequence[tuple[int, NDArray[np.int64]]] = (),
    unknown_may_be: NDArray[np.bool_] | None = None,
) -> tuple[float, Callable[[], Floats2d]]:
    """The negative log-likelihood of tags, divided by the number of sequences.

    emissions: (tokens, nO) scores, sequence after sequence.
    tags: (tokens,) tag ids, MISSING where unknown.
    lengths: (sequences,) tokens of each sequence.
    excluded: what is known to be wrong: the first token of a span, and the tags that it does not
        have. Each adds -log(1 - P(these tags | the known tags)) to the loss.
    unknown_may_be: (nO,) the tags that an unknown one may be; by default all.
    RETURNS: the loss; and a function that gives its gradient in the shape of the emissions, and
        adds the gradients of the transitions to the CRF's own.
    """
    loss, backprop = crf((emissions, tags, lengths, excluded, unknown_may_be), is_train=True)
    share = 1.0 / len(lengths)
    return loss * share, partial(backprop, share)


def crf_decode(
    crf: Model[Any, Any], emissions: Floats2d, lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The best legal tags of each sequence, arguments as for `crf_loss`. RETURNS: (tokens,)."""
    device = crf.shims[0].device  # type: ignore[attr-defined]
    if module_of(crf).settings["decoder"] == "greedy":
        best = xp2torch(emissions, device=device).argmax(dim=1)
        first = np.zeros(len(emissions), dtype=bool)
        first[np.cumsum(lengths) - lengths] = True
        tags = legalize(best.cpu().numpy(), first)
        ruled_out = np.isneginf(to_numpy(emissions))
        while (barred := (tags != OUTSIDE) & ruled_out[np.arange(len(tags)), tags]).any():
            tags = legalize(np.where(barred, OUTSIDE, tags), first)
        return tags
    layout = make_layout(lengths, device, step_in_rows=_STEP_IN_ROWS)
    decoded = module_of(crf).decode(xp2torch(emissions, device=device), layout)
    return cast(NDArray[np.int64], decoded.cpu().numpy())


def crf_lattices(
    crf: Model[Any, Any], emissions: Floats2d, lengths: NDArray[np.int64]
) -> Iterator[tuple[Lattice, NDArray[np.int64]]]:
    """The legal tag sequences with their probabilities, arguments as for `crf_loss`; emissions of
    -inf rule tags out.

    YIELDS: for each block of sequences its lattice, and which sequences are its rows.
    """
    device = crf.shims[0].device  # type: ignore[attr-defined]
    layout = make_layout(lengths, device, step_in_rows=_STEP_IN_ROWS)
    starts = np.cumsum(lengths) - lengths
    scores = xp2torch(emissions, device=device)
    for index, _, mask in layout.blocks:
        sequences = np.searchsorted(starts, index[:, 0].cpu().numpy())
        yield Lattice(module_of(crf).crf, pad(scores, index), mask), sequences


def grow_crf(crf: Model[Any, Any], n_tags: int) -> None:
    """Give an initialized CRF more tags; the scores of those that it has stay as they are."""
    old = module_of(crf)
    new = BILUOCRF(**{**old.settings, "num_tags": n_tags})
    for name, parameter in new.named_parameters():
        known = old.get_parameter(name).data
        parameter.data[tuple(slice(size) for size in known.shape)] = known.to(parameter.device)
    crf.set_dim("nO", n_tags, force=True)
    replace(crf, new)


class BILUOCRF(nn.Module):
    """A LinearChainCRF with the legal transitions of BILUO, over flat tokens in a layout.

    decoder: "crf" learns the scores of transitions. "softmax" does not: they stay 0, so that every
        token's tag is learned for itself, and the best legal sequence is taken. "greedy" is
        "softmax" that takes the best tag of each token, legal or not, and reads them as the
        conlleval script does.
    """

    def __init__(self, num_tags: int, decoder: Decoder = "crf") -> None:
        super().__init__()
        self.settings = {"num_tags": num_tags, "decoder": decoder}
        self.crf = LinearChainCRF(num_tags, *legal_transitions((num_tags - 1) // 4))
        if decoder != "crf":
            for transitions in self.crf.parameters():
                nn.init.zeros_(transitions).requires_grad_(False)

    def forward(
        self,
        emissions: Tensor,
        tags: Tensor,
        layout: Layout,
        excluded: Sequence[tuple[int, NDArray[np.int64]]] = (),
        unknown_may_be: Tensor | None = None,
    ) -> Tensor:
        """emissions: (tokens, tags). tags: (tokens,). excluded, unknown_may_be: as for `crf_loss`.
        RETURNS: the summed loss, a scalar."""
        losses = []
        for index, lengths, mask in layout.blocks:
            scores, known = pad(emissions, index), pad(tags, index)
            likelihood = self.crf(
                scores, known, mask=mask, reduction="none", unknown_may_be=unknown_may_be
            )
            losses.append(-likelihood)
            for start, ids in excluded:
                steps = start - index[:, 0]
                for row in ((steps >= 0) & (steps + len(ids) <= lengths)).nonzero().flatten():
                    place = slice(int(steps[row]), int(steps[row]) + len(ids))
                    wrong = known[row].clone()
                    wrong[place] = torch.from_numpy(ids).to(wrong)
                    if ((known[row] != MISSING) & (known[row] != wrong)).any():
                        continue  # known to be another anyway
                    if (known[row] == wrong).all():
                        raise ValueError(
                            "An incorrect span is an entity of the same doc, too: take it out of "
                            "the one or the other."
                        )
                    own = slice(int(row), int(row) + 1)
                    loss = self.crf.exclusion(scores[own], known[own], wrong[None], mask[own])
                    losses.append(loss.to(scores.dtype))
        return torch.cat(losses).sum()

    @torch.no_grad()
    def decode(self, emissions: Tensor, layout: Layout) -> Tensor:
        """emissions: (tokens, tags). RETURNS: (tokens,) the best legal tags."""
        return layout.map(lambda x, lengths, mask: self.crf.viterbi(x, mask), emissions)


def _init(build: partial[BILUOCRF], model: Model[Any, Any], X: Any = None, Y: Any = None) -> None:
    install(model, build(num_tags=model.get_dim("nO")))


def _convert_inputs(
    model: Model[Any, Any],
    inputs: tuple[Any, Any, Any, Any, Any],
    is_train: bool,
) -> tuple[ArgsKwargs, Callable[..., Any]]:
    emissions, tags, lengths, excluded, unknown_may_be = inputs
    device = model.shims[0].device  # type: ignore[attr-defined]
    scores = xp2torch(emissions, requires_grad=is_train, device=device)
    ids = torch.from_numpy(tags).to(device)
    if unknown_may_be is not None:
        unknown_may_be = torch.from_numpy(unknown_may_be).to(device)
    layout = make_layout(lengths, device, step_in_rows=_STEP_IN_ROWS)
    args = (scores, ids, layout, excluded, unknown_may_be)
    return ArgsKwargs(args=args, kwargs={}), lambda d_inputs: torch2xp(d_inputs.args[0])


def _convert_outputs(
    model: Model[Any, Any], inputs_loss: tuple[Any, Tensor], is_train: bool
) -> tuple[float, Callable[..., Any]]:
    _, loss = inputs_loss

    def convert_gradients(d_loss: float) -> ArgsKwargs:
        gradient = torch.full_like(loss, d_loss)
        return ArgsKwargs(args=((loss,),), kwargs={"grad_tensors": (gradient,)})

    return loss.item(), convert_gradients
