"""A checksum in front of saved bytes, by which damage is noticed."""

from hashlib import sha256
from typing import Any

from thinc.api import Model

_MARK = b"spacy-bilstm-crf sha256 "


def seal(data: bytes) -> bytes:
    """Put a mark and the SHA-256 of data before it."""
    return _MARK + sha256(data).digest() + data


def unseal(sealed: bytes) -> bytes:
    """The data that `seal` was given.

    RAISES: ValueError if it is not what was sealed.
    """
    start = len(_MARK) + sha256().digest_size
    digest, data = sealed[len(_MARK) : start], sealed[start:]
    if not sealed.startswith(_MARK) or sha256(data).digest() != digest:
        raise ValueError("its checksum does not fit")
    return data


class SealedModel(Model[Any, Any]):
    """A Thinc model whose bytes have a checksum: one that was damaged is not loaded."""

    def to_bytes(self) -> bytes:
        """Serialize the model, with a checksum."""
        return seal(super().to_bytes())

    def from_bytes(self, bytes_data: bytes) -> "SealedModel":
        """Load what `to_bytes` gave.

        RAISES: ValueError if the data is damaged.
        """
        super().from_bytes(unseal(bytes_data))
        return self
