"""What is counted, for Prometheus."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment that names the folder in which processes share what they count.
prometheus-client looks at it when it is imported."""

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_TEXTS = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """The counts of one app; those of all processes together if they share a folder."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        prefix = "bilstm_crf_"
        self._requests = Counter(f"{prefix}requests", "Requests", ["path", "status"], registry=own)
        self._seconds = Histogram(
            f"{prefix}request_seconds",
            "From the first byte of a request to the last of its answer",
            ["path"],
            buckets=_SECONDS,
            registry=own,
        )
        self._texts = Counter(f"{prefix}texts", "Texts that were answered", registry=own)
        self._characters = Counter(f"{prefix}characters", "Their characters", registry=own)
        self._batch_texts = Histogram(
            f"{prefix}batch_texts", "Texts of a batch", buckets=_TEXTS, registry=own
        )
        self._batch_seconds = Histogram(
            f"{prefix}batch_seconds", "Time to tag a batch", buckets=_SECONDS, registry=own
        )
        self._queue_texts = self._gauge("queue_texts", "Texts that wait to be tagged")
        self._queue_characters = self._gauge("queue_characters", "Their characters")

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(
            f"bilstm_crf_{name}", says, multiprocess_mode="livesum", registry=self._registry
        )

    def observe_request(self, path: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def observe_texts(self, texts: int, characters: int) -> None:
        """Count texts that were answered."""
        self._texts.inc(texts)
        self._characters.inc(characters)

    def observe_batch(self, texts: int, seconds: float) -> None:
        """Count a batch."""
        self._batch_texts.observe(texts)
        self._batch_seconds.observe(seconds)

    def set_queue(self, texts: int, characters: int) -> None:
        """Say what waits."""
        self._queue_texts.set(texts)
        self._queue_characters.set(characters)

    def text(self) -> bytes:
        """All counts, in Prometheus' format."""
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        every = CollectorRegistry()
        MultiProcessCollector(every)
        return generate_latest(every)
