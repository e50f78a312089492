"""A line of log and a count for each request."""

from __future__ import annotations

import logging
import time
from collections.abc import Set

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics

_log = logging.getLogger(__name__)


class Observe:
    """Middleware that logs and counts requests.

    paths: those that are told apart; any other is "other", since anyone may make up more.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Set[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # The client may leave before there is an answer: 499, as nginx has it.
        status = 499
        started = time.perf_counter()

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        except Exception:
            status = 500
            raise
        finally:
            seconds = time.perf_counter() - started
            path = scope["path"] if scope["path"] in self._paths else "other"
            self._metrics.observe_request(path, status, seconds)
            fields = {
                "method": scope["method"],
                "path": path,
                "status": status,
                "seconds": round(seconds, 4),
                **scope.get("state", {}).get("counts", {}),
            }
            _log.info("request", extra={"fields": fields})
