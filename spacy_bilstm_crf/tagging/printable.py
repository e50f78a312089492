"""Text of others, made fit for a terminal."""

import re

# Control characters of ASCII and Latin-1, among them those that begin escape sequences; separators
# of lines; those that turn the direction of what follows; and half surrogate pairs.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: object, keep: str = "") -> str:
    """Format as `str` does, with escapes such as \\x1b in the place of characters that would
    command the terminal, break the line or could not be encoded. keep: those that stay."""
    return _UNSAFE.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), str(text))


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
