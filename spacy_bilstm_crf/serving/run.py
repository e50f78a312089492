"""The service as processes that listen on a port."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from logging.config import dictConfig
from multiprocessing import get_context
from tempfile import TemporaryDirectory
from types import FrameType

import uvicorn
from fastapi import FastAPI
from prometheus_client.multiprocess import mark_process_dead
from spacy.language import Language
from thinc.api import require_gpu
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from ..tagging.load import load_pipeline
from .app import make_app
from .drain import drain_on_sigterm
from .headers import TimedHeaders
from .limits import Limits
from .logs import LOGGING
from .metrics import FOLDER

# Seconds that a process may be too busy, while it loads a pipeline, to say that it lives.
_BUSY = 60

_log = logging.getLogger(__name__)


def serve(
    model: str,
    *,
    host: str,
    port: int,
    processes: int,
    gpu_id: int,
    drain: float,
    limits: Limits,
) -> int:
    """Serve a pipeline until SIGINT or SIGTERM comes: what was accepted by then is answered.

    model: its folder, or the name of its package.
    processes: each loads the pipeline. Where there are several, SIGHUP replaces them one after the
        other.
    gpu_id: the GPU that all of them use, -1 for the CPU.
    drain: seconds after SIGTERM in which requests are still accepted.
    RETURNS: the exit code, 0 unless the service could not start.
    """
    # Before uvicorn handles them; once all is answered, it raises the signal again. In a container
    # there is no one else who would.
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    load = partial(_load, model, gpu_id)
    config = uvicorn.Config(
        partial(_make_app, load, limits, drain),
        factory=True,
        http=partial(TimedHeaders, limits.seconds),  # type: ignore[arg-type]
        host=host,
        port=port,
        workers=processes,
        log_config=LOGGING,
        server_header=False,
        # No request takes longer; who does not read its answer is not waited for.
        timeout_graceful_shutdown=int(2 * limits.seconds) + 1,
        timeout_worker_healthcheck=_BUSY,
    )
    return _serve_alone(config) if processes == 1 else _serve_together(config, load)


def _load(model: str, gpu_id: int) -> Language:
    if gpu_id >= 0:
        require_gpu(gpu_id)  # for this thread
    return load_pipeline(model)


def _make_app(load: Callable[[], Language], limits: Limits, drain: float) -> FastAPI:
    app = make_app(load, limits)
    drain_on_sigterm(app, drain)
    return app


def _serve_alone(config: uvicorn.Config) -> int:
    try:
        uvicorn.Server(config).run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _serve_together(config: uvicorn.Config, load: Callable[[], Language]) -> int:
    # On each core a process, so each has one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Tried once before: of a process that can't start, uvicorn hears after a minute only.
    trial = get_context("spawn").Process(target=_try_to_load, args=(load,), daemon=True)
    trial.start()
    trial.join()
    if trial.exitcode:
        return STARTUP_FAILURE
    with TemporaryDirectory(prefix="bilstm-crf-metrics-") as folder:
        os.environ[FOLDER] = folder  # for the processes, which import everything anew
        together = _Together(config, [config.bind_socket()])
        together.run()
        failed = any(process.exitcode == STARTUP_FAILURE for process in together.processes)
    return STARTUP_FAILURE if failed else 0


def _try_to_load(load: Callable[[], Language]) -> None:
    dictConfig(LOGGING)
    try:
        load()
    except (OSError, ValueError) as error:
        _log.error("Can't load the pipeline: %s", error)
        sys.exit(STARTUP_FAILURE)


class _Together(Multiprocess):
    _living: frozenset[int | None] = frozenset()

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        living = frozenset(process.pid for process in self.processes)
        for gone in self._living - living:
            mark_process_dead(gone)  # else what waited in it would be counted for ever
        self._living = living

    def terminate_all(self) -> None:
        # Else connections would be made that no process takes.
        for listening in self.sockets:
            listening.close()
        super().terminate_all()
