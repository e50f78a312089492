"""What the service takes, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass

MOST_READINGS = 10
"""More take long, and no one reads them."""


@dataclass(frozen=True)
class Limits:
    """Limits of one process of the service.

    body: bytes of a request.
    text: characters of a text.
    read_text: characters of a text whose n-best readings are asked for, which cost more.
    texts: how many texts a request may have.
    queue, queue_texts: characters of texts that wait to be tagged, and how many texts. While others
        wait, a request that would make it more is refused.
    batch_texts, batch_characters: of which a batch has no more, unless it is one text.
    seconds: how long a request may take: its headers to come, then its body, and then its answer.
    """

    body: int = 2_000_000
    text: int = 100_000
    read_text: int = 10_000
    texts: int = 1_000
    queue: int = 2_000_000
    queue_texts: int = 20_000
    batch_texts: int = 64
    batch_characters: int = 50_000
    seconds: float = 30.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value <= 0:
                raise ValueError(f"{name} must be more than 0, got {value}.")


class Refused(Exception):
    """A request that is not answered, and why.

    status: the status of HTTP.
    retry_after: seconds after which the same request may be answered; None if it never is.
    """

    def __init__(self, status: int, reason: str, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after
