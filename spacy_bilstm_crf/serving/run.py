"""The service as processes that listen on a port."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from tempfile import TemporaryDirectory
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from ..tagging.load import load_pipeline
from .app import make_app
from .drain import drain_on_sigterm
from .limits import Limits
from .logs import LOGGING
from .metrics import FOLDER

# Seconds that a process may be too busy, while it loads a pipeline, to say that it lives.
_BUSY = 60


def serve(model: str, *, host: str, port: int, processes: int, drain: float, limits: Limits) -> int:
    """Serve a pipeline until SIGINT or SIGTERM comes: what was accepted by then is answered.

    model: its folder, or the name of its package.
    processes: each loads the pipeline.
    drain: seconds after SIGTERM in which requests are still accepted.
    RETURNS: the exit code, 0 unless the service could not start.
    """
    config = uvicorn.Config(
        partial(_make_app, model, limits, drain),
        factory=True,
        host=host,
        port=port,
        workers=processes,
        log_config=LOGGING,
        server_header=False,
        # No request takes longer; who does not read its answer is not waited for.
        timeout_graceful_shutdown=int(2 * limits.seconds) + 1,
        timeout_worker_healthcheck=_BUSY,
    )
    return _serve_alone(config) if processes == 1 else _serve_together(config)


def _make_app(model: str, limits: Limits, drain: float) -> FastAPI:
    app = make_app(partial(load_pipeline, model), limits)
    drain_on_sigterm(app, drain)
    return app


def _serve_alone(config: uvicorn.Config) -> int:
    # Once all is answered, uvicorn raises the signal again, for who handled it before.
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    try:
        uvicorn.Server(config).run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _serve_together(config: uvicorn.Config) -> int:
    # On each core a process, so each has one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with TemporaryDirectory(prefix="bilstm-crf-metrics-") as folder:
        os.environ[FOLDER] = folder  # for the processes, which import everything anew
        together = _Together(config, [config.bind_socket()])
        together.run()
        failed = any(process.exitcode == STARTUP_FAILURE for process in together.processes)
    return STARTUP_FAILURE if failed else 0


class _Together(Multiprocess):
    def terminate_all(self) -> None:
        # Else connections would be made that no process takes.
        for listening in self.sockets:
            listening.close()
        super().terminate_all()
