"""Clients of a service on this machine: each sends a request, waits for its answer, and sends the
next one by the same connection. Bare asyncio, since libraries for it take longer than the services
that are measured."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_STATUS = re.compile(rb"HTTP/1\.1 (\d+) ")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)


@dataclass
class Outcome:
    """What clients got.

    seconds: how long they asked.
    latencies: seconds of each answer of status 200.
    errors: how often there was another status, or no answer ("lost").
    processor: seconds that the service used of the processors, if someone looked.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    processor: float = 0.0


def request(text: str) -> bytes:
    """A request for the entities of a text."""
    body = json.dumps({"text": text}).encode()
    head = f"POST /ents HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + body


async def ask(
    port: int, requests: Iterator[bytes], clients: int, seconds: float, most: int
) -> Outcome:
    """Let clients ask side by side.

    requests: whose turn it is takes the next one.
    seconds, most: they end after so many seconds, or requests.
    """
    outcome = Outcome()
    started = time.perf_counter()
    end = started + seconds
    left = iter(range(most))

    async def client() -> None:
        connection = None
        while time.perf_counter() < end and next(left, None) is not None:
            asked = time.perf_counter()
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                status, closes = await _answer(*connection, next(requests))
            except (OSError, EOFError):
                outcome.errors["lost"] += 1
                connection = None
                continue
            if status == 200:
                outcome.latencies.append(time.perf_counter() - asked)
            else:
                outcome.errors[str(status)] += 1
            if closes:
                connection[1].close()
                connection = None
        if connection:
            connection[1].close()

    await asyncio.gather(*(client() for _ in range(clients)))
    outcome.seconds = time.perf_counter() - started
    return outcome


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, bool]:
    """RETURNS: the status of the answer, and whether the server closes the connection."""
    writer.write(request)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    status, length = _STATUS.match(head), _LENGTH.search(head)
    assert status and length, head
    await reader.readexactly(int(length[1]))
    return int(status[1]), bool(_CLOSE.search(head))
