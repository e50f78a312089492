"""Bodies of requests: read whole before anything else, or refused."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import Limits, Refused


class BodyLimit:
    """Middleware that reads the body of a request, which may be neither too large nor too slow:
    as it comes, whatever its Content-Length says."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            message = await asyncio.wait_for(self._read(scope, receive), self._limits.seconds)
        except Refused as refused:
            await refusal(refused)(scope, receive, send)
            return
        except asyncio.TimeoutError:
            seconds = self._limits.seconds
            late = Refused(408, f"The request did not come whole in {seconds:g} seconds.")
            await refusal(late)(scope, receive, send)
            return
        if message is not None:
            await self._app(scope, _first(message, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> Message | None:
        """The whole body as one message; None if the client has left."""
        length = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = Refused(413, f"The request has more than {self._limits.body:,} bytes.")
        if int(length) > self._limits.body:
            raise too_large
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._limits.body:
                raise too_large
            if not message.get("more_body", False):
                return {"type": "http.request", "body": bytes(body), "more_body": False}


def refusal(refused: Refused) -> JSONResponse:
    """The answer that says why a request is refused."""
    headers = {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
    if refused.status in (408, 413):
        headers["Connection"] = "close"  # what is left of the body is not read
    return JSONResponse({"detail": str(refused)}, refused.status, headers)


def _first(message: Message, receive: Receive) -> Receive:
    messages = [message]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message
