"""Thinc layers around torch modules that are built when their widths are known."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import torch
from spacy.errors import Errors
from thinc.api import ArgsKwargs, Model, torch2xp
from torch import nn

from ..nn.type_cache import clear_caches
from .arrays import to_torch
from .memory import give_back
from .seal import seal, unseal
from .shim import TorchShim


class UninitializedModule(nn.Module):
    """Holds a module's place until `initialize` or `from_bytes` builds it, so that the Thinc tree
    has the same structure before and after."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """RAISES: ValueError: there is nothing to run yet."""
        raise ValueError(Errors.E109.format(name="bilstm_crf"))


def torch_layer(
    name: str,
    build_module: partial[Any],
    *,
    forward: Callable[..., Any],
    init: Callable[..., Any],
    dims: dict[str, int | None],
    attrs: dict[str, Any] | None = None,
) -> Model[Any, Any]:
    """A Thinc layer around a torch module that is built by `build_module`, or from saved bytes.

    build_module: makes the module from keyword arguments; those that the config gives are bound to
        it. The module keeps all of them in an attribute `settings`; they are saved beside its state
        and rebuild it on loading, where the bound ones must be the same again.
    forward: the layer's forward pass, as of any Thinc model; see `through_module`.
    init: called as init(model, X, Y) by `Model.initialize`.
    dims: the layer's dimensions, None where they are not known yet. A layer that takes docs has no
        nI: Thinc's combinators would ask the docs for it.
    """
    shim = TorchShim(
        UninitializedModule(),
        serialize_model=_serialize,
        deserialize_model=partial(_deserialize, build_module),
    )
    return Model(name, forward, init=init, attrs=attrs or {}, dims=dims, shims=[shim])


def through_module(
    convert_inputs: Callable[..., Any], output_type: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """A forward pass that runs the layer's module.

    convert_inputs: as for `thinc.api.PyTorchWrapper_v3`.
    output_type: makes the layer's output from those of a module that has several, of which the
        first one has a gradient. By default the module gives one tensor, and the layer its array.
    """
    return partial(_through_module, convert_inputs, output_type)


def _through_module(
    convert_inputs: Callable[..., Any],
    output_type: Callable[..., Any] | None,
    model: Model[Any, Any],
    X: Any,
    is_train: bool,
) -> tuple[Any, Callable[[Any], Any]]:
    _mind_forks()
    inputs, gradient_of_inputs = convert_inputs(model, X, is_train)
    outputs, backprop_module = model.shims[0](inputs, is_train)
    first = outputs if output_type is None else outputs[0]

    def backprop(d_first: Any) -> Any:
        gradient = to_torch(d_first, first.device)
        tensors = ArgsKwargs(args=((first,),), kwargs={"grad_tensors": (gradient,)})
        gradients = backprop_module(tensors)
        give_back()
        return gradient_of_inputs(gradients)

    if output_type is None:
        return torch2xp(first.detach()), backprop
    return output_type(*(torch2xp(output.detach()) for output in outputs)), backprop


_owner = os.getpid()


def _mind_forks() -> None:
    """In a process forked by `nlp.pipe(n_process=2)`, go over to one torch thread. OpenMP's threads
    do not survive a fork, and a child that waits for them hangs. As many processes as cores with
    one thread each is what serves best anyway."""
    global _owner
    if os.getpid() != _owner:
        torch.set_num_threads(1)
        _owner = os.getpid()


def module_of(model: Model[Any, Any]) -> Any:
    """The torch module of a layer."""
    return model.shims[0]._model


def forget_words(model: Model[Any, Any]) -> None:
    """Forget what the modules of a model have kept of words."""
    for node in model.walk():
        for shim in node.shims:
            if isinstance(shim, TorchShim):
                clear_caches(shim._model)


def install(model: Model[Any, Any], module: nn.Module) -> None:
    """Put a built module in its place, on the device of Thinc's current ops."""
    shim = model.shims[0]
    shim._model = module.to(shim.device).eval()  # type: ignore[attr-defined]


def replace(model: Model[Any, Any], module: nn.Module) -> None:
    """Put a module of other sizes in the place of the one there. The shim is a new one, so that
    optimizers do not take their state of the old weights for it."""
    old = model.shims[0]
    model.shims[0] = TorchShim(
        module.to(old.device).eval(),  # type: ignore[attr-defined]
        serialize_model=old._serialize_model,  # type: ignore[attr-defined]
        deserialize_model=old._deserialize_model,  # type: ignore[attr-defined]
    )


def _serialize(module: nn.Module) -> bytes:
    if isinstance(module, UninitializedModule):
        return b""
    buffer = BytesIO()
    torch.save({"settings": module.settings, "state": module.state_dict()}, buffer)
    return seal(buffer.getvalue())


def _deserialize(
    build_module: partial[Any], module: nn.Module, data: bytes, device: torch.device
) -> nn.Module:
    if not data:
        return UninitializedModule()
    # torch does not look at the checksums of its archives.
    saved = torch.load(BytesIO(unseal(data)), map_location=device, weights_only=True)
    for name, value in build_module.keywords.items():
        trained = saved["settings"].get(name, value)
        if trained != value:
            raise ValueError(
                f"it was trained with {name} = {trained!r}, and the config says {value!r}"
            )
    broken = [name for name, weight in saved["state"].items() if not weight.isfinite().all()]
    if broken:
        raise ValueError(f"weights that are not finite numbers: {', '.join(broken)}")
    module = build_module(**saved["settings"])
    module.load_state_dict(saved["state"])
    return module.to(device).eval()
