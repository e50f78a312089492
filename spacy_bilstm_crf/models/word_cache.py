"""A cache of what is computed from the spelling of a word."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

# Words, and characters of one: together they bound the memory, whatever texts hold.
_WORDS = 2**17
_LONGEST = 64


def cached_for_words(function: Function) -> Function:
    """Keep a function's results for the words met last, as `functools.lru_cache` does, but for no
    word of more than 64 characters.

    function: of a word's text first; what follows it must be hashable.
    """
    cached = lru_cache(maxsize=_WORDS)(function)

    @wraps(function)
    def look_up(text: str, *args: Any) -> Any:
        return (cached if len(text) <= _LONGEST else function)(text, *args)

    look_up.cache_info = cached.cache_info  # type: ignore[attr-defined]
    return cast(Function, look_up)
