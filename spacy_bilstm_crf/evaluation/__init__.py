"""What a pipeline gets right and wrong."""

from .errors import Match, analyze, compare, known_names

__all__ = ["Match", "analyze", "compare", "known_names"]
