"""The CRF's loss with gradients, and its decoding, beside torchcrf's.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.kernels [--device cuda] [--rounds 15]

Random emissions, sequences of random lengths up to the longest, in float32. Both get the same
batch, one after the other in every round; the ratio is the median of the rounds'. "torch" is our
own without numba, on a GPU without Triton. Results are compared before anything is timed.
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import torch
import torchcrf
import typer
from torch import Tensor
from wasabi import msg

from benchmarks.common import (
    count_threads,
    median,
    processor,
    ratios,
    seconds_of,
    set_threads,
    time_in_turn,
    write_result,
)
from spacy_bilstm_crf.nn import LinearChainCRF
from spacy_bilstm_crf.nn.crf import kernel_dispatch

SIZES = [(256, 30, 17), (32, 40, 17), (8, 512, 33), (64, 40, 73)]


def main(
    device: str = typer.Option("cpu", help="Where to run"),
    rounds: int = typer.Option(15, help="How often each is timed"),
) -> None:
    """Time both at each size, and write benchmarks/results/kernels-....json."""
    threads = set_threads()
    torch.manual_seed(0)
    hardware = torch.cuda.get_device_name() if device == "cuda" else processor()
    result: dict[str, Any] = {
        "hardware": hardware,
        "device": device,
        "threads": threads,
        "rounds": rounds,
        "versions": {"torch": torch.__version__},
        "sizes": [_compare(*size, torch.device(device), rounds) for size in SIZES],
    }
    for row in result["sizes"]:
        msg.info(str(row))
    write_result(f"kernels-{'gpu' if device == 'cuda' else count_threads(threads)}", result)


def _compare(rows: int, steps: int, tags: int, device: torch.device, rounds: int) -> dict[str, Any]:
    theirs = torchcrf.CRF(tags, batch_first=True).to(device)
    ours = LinearChainCRF(tags).to(device)
    ours.load_state_dict(theirs.state_dict())
    lengths = torch.randint(1, steps + 1, (rows,))
    lengths[0] = steps
    mask = (torch.arange(steps) < lengths.unsqueeze(1)).to(device)
    emissions = (torch.randn(rows, steps, tags) * 3).to(device)
    gold = torch.randint(0, tags, (rows, steps)).to(device)

    def learn(crf: Any) -> tuple[float, Tensor]:
        leaf = emissions.clone().requires_grad_()
        loss = -crf(leaf, gold, mask=mask)
        loss.backward()
        assert leaf.grad is not None
        return loss.item(), leaf.grad

    compiled = "gpu_kernels" if device.type == "cuda" else "kernels"

    def in_torch(run: Callable[[], Any]) -> Callable[[], Any]:
        def patched() -> Any:
            with patch.object(kernel_dispatch, compiled, lambda *_: None):
                return run()

        return patched

    runs: dict[str, dict[str, Callable[[], Any]]] = {
        "loss": {
            "torchcrf": lambda: learn(theirs),
            "ours": lambda: learn(ours),
            "torch": in_torch(lambda: learn(ours)),
        },
        "decode": {
            "torchcrf": lambda: theirs.decode(emissions, mask=mask),
            "ours": lambda: ours.decode(emissions, mask=mask),
            "torch": in_torch(lambda: ours.decode(emissions, mask=mask)),
        },
    }
    torch.testing.assert_close(learn(ours), learn(theirs), rtol=1e-4, atol=1e-2)
    assert runs["decode"]["ours"]() == runs["decode"]["torchcrf"]()
    row: dict[str, Any] = {"size": [rows, steps, tags]}
    for task, by_name in runs.items():
        timed = {name: partial(seconds_of, run) for name, run in by_name.items()}
        seconds = time_in_turn(timed, rounds)
        row[task] = {"ms": median([1000 * taken for taken in seconds["ours"]], 3)}
        for name in ("ours", "torch"):
            times = ratios(seconds["torchcrf"], seconds[name])
            row[task][f"{name}_ratio"] = median(times, 1)
    return row


if __name__ == "__main__":
    typer.run(main)
