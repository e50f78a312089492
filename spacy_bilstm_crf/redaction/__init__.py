"""Found spans out of texts: what is hidden, by what it is replaced, and how to map back."""

from .found import find
from .masks import Mask, Masks
from .redacted import Change, Found, Redacted, redact

__all__ = ["Change", "Found", "Mask", "Masks", "Redacted", "find", "redact"]
