"""The CRF's loss with gradients, and its decoding, beside torchcrf's.

    OMP_NUM_THREADS=1 python -m benchmarks.kernels [--device cuda] [--rounds 15]

Random emissions, sequences of random lengths up to the longest, in float32. Both get the same
batch, one after the other in every round; the ratio is the median of the rounds'. "torch" is our
own without numba. Results are compared before anything is timed.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import torch
import torchcrf
import typer
from torch import Tensor
from wasabi import msg

from benchmarks.accuracy import RESULTS, processor
from spacy_bilstm_crf.nn import LinearChainCRF
from spacy_bilstm_crf.nn.crf import kernel_dispatch

SIZES = [(256, 30, 17), (32, 40, 17), (8, 512, 33), (64, 40, 73)]


def main(
    device: str = typer.Option("cpu", help="Where to run"),
    rounds: int = typer.Option(15, help="How often each is timed"),
) -> None:
    """Time both at each size, and write benchmarks/results/kernels-....json."""
    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))
    torch.set_num_threads(threads)
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
    name = "gpu" if device == "cuda" else f"{threads}-thread{'s' if threads > 1 else ''}"
    (RESULTS / f"kernels-{name}.json").write_text(json.dumps(result, indent=2) + "\n")


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

    def without_numba(run: Callable[[], Any]) -> Callable[[], Any]:
        def patched() -> Any:
            with patch.object(kernel_dispatch, "kernels", lambda: None):
                return run()

        return patched

    runs: dict[str, dict[str, Callable[[], Any]]] = {
        "loss": {
            "torchcrf": lambda: learn(theirs),
            "ours": lambda: learn(ours),
            "torch": without_numba(lambda: learn(ours)),
        },
        "decode": {
            "torchcrf": lambda: theirs.decode(emissions, mask=mask),
            "ours": lambda: ours.decode(emissions, mask=mask),
            "torch": without_numba(lambda: ours.decode(emissions, mask=mask)),
        },
    }
    torch.testing.assert_close(learn(ours), learn(theirs), rtol=1e-4, atol=1e-2)
    assert runs["decode"]["ours"]() == runs["decode"]["torchcrf"]()
    row: dict[str, Any] = {"size": [rows, steps, tags]}
    for task, by_name in runs.items():
        seconds: dict[str, list[float]] = {name: [] for name in by_name}
        for _ in range(rounds):
            for name, run in by_name.items():
                start = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - start)
        row[task] = {"ms": round(1000 * statistics.median(seconds["ours"]), 3)}
        for name in ("ours", "torch"):
            ratios = [a / b for a, b in zip(seconds["torchcrf"], seconds[name])]
            row[task][f"{name}_ratio"] = round(statistics.median(ratios), 1)
    return row


if __name__ == "__main__":
    typer.run(main)
