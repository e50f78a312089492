"""How a process leaves without losing a request.

A client keeps its connection and sends the next request by it; where that meets the end of the
server, it is lost. So the end comes in two steps: on SIGTERM, each answer closes its connection,
and /ready says no, so that others send elsewhere; then, after some seconds, the server ends.
"""

from __future__ import annotations

import asyncio
import signal
from types import FrameType

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class CloseWhenDraining:
    """Middleware by which each answer closes its connection once `app.state.draining` is set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["app"].state.draining:
                message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, send_and_close)


def drain_on_sigterm(app: Starlette, seconds: float) -> None:
    """Let an app drain for so long on SIGTERM, before whoever handles that signal now is told.

    To be called in the event loop of the main thread, when the server handles signals already.
    """
    loop = asyncio.get_running_loop()
    end = signal.getsignal(signal.SIGTERM)
    assert callable(end), "the server handles SIGTERM"

    def begin(number: int, frame: FrameType | None) -> None:
        app.state.draining = True
        loop.call_soon_threadsafe(loop.call_later, seconds, end, number, frame)

    signal.signal(signal.SIGTERM, begin)
