"""Optimizers: weight decay by kind of weight, and clipping of all gradients together."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from spacy.language import Language
from thinc.api import Model, Optimizer
from thinc.optimizers import FloatOrSeq

from ..torch_bridge.weights import norms, weights_of
from .watch import trainable_pipes, watch_updates

# Tables of which a batch meets few rows: ours, and those of transformers; "E" is Thinc's HashEmbed.
_TABLE = re.compile(r"^E$|(^|\.)(words|cases)\.weight$|embeddings?\.")


class DecayingAdam(Optimizer):
    """Adam whose weight decay passes over biases and embeddings; see `AdamW`."""

    def __call__(self, key: Any, weights: Any, gradient: Any, *, lr_scale: float = 1.0) -> Any:
        """Update weights as Thinc's optimizer does. key: (id of the layer, name of the weights)."""
        decays = weights.ndim > 1 and not _TABLE.search(str(key[1]))
        decay = self.L2
        if not decays:
            self.L2 = 0.0
        try:
            return super().__call__(key, weights, gradient, lr_scale=lr_scale)
        finally:
            self.L2 = decay


def AdamW(
    learn_rate: FloatOrSeq = 0.001,
    *,
    L2: FloatOrSeq = 0.01,
    beta1: FloatOrSeq = 0.9,
    beta2: FloatOrSeq = 0.999,
    eps: FloatOrSeq = 1e-08,
    grad_clip: FloatOrSeq = 1.0,
    use_averages: bool = False,
) -> DecayingAdam:
    """Adam with decoupled weight decay that leaves out biases and embeddings
    (spacy_bilstm_crf.AdamW.v1; Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).

    A decay would pull the rows of words that a batch does not have towards 0, rare words most.

    L2: the decay: the share of a weight that is taken off in each step, times the learning rate.
    learn_rate, beta1, beta2, eps, grad_clip, use_averages: as for Thinc's `Adam.v1`.
    """
    return DecayingAdam(
        learn_rate,
        L2=L2,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
        grad_clip=grad_clip,
        L2_is_weight_decay=True,
        use_averages=use_averages,
    )


def clip_global_norm(max_norm: float) -> Callable[[Language], Language]:
    """A callback for `[nlp.after_pipeline_creation]` that clips gradients by the norm of all of
    them (spacy_bilstm_crf.clip_global_norm.v1; Pascanu et al. 2013,
    https://arxiv.org/abs/1211.5063), as `torch.nn.utils.clip_grad_norm_` does.

    Thinc's `grad_clip` scales each tensor by its own norm, which turns the step. Set it to 0 beside
    this. Each component is clipped for itself, without the layers that it listens to.

    max_norm: gradients with a greater norm are scaled down to it.
    RAISES: ValueError if max_norm is not above 0.
    """
    if not max_norm > 0.0:
        raise ValueError(f"max_norm must be above 0, got {max_norm}.")

    def install(nlp: Language) -> Language:
        for pipe in trainable_pipes(nlp):
            watch_updates(pipe.model, partial(_clip, max_norm))
        return nlp

    return install


def _clip(max_norm: float, model: Model[Any, Any], sgd: Optimizer) -> None:
    gradients = [weight.gradient for weight in weights_of(model) if weight.gradient is not None]
    scale = max_norm / norms(gradients).norm().clamp(min=1e-12)
    if scale < 1.0:
        torch._foreach_mul_(gradients, float(scale))
