"""What to annotate next: the texts, or the spans, that a pipeline would learn most from."""

from .pick import Wish
from .score import Score
from .suggest import Suggested, TaskFormat, suggest

__all__ = ["Score", "Suggested", "TaskFormat", "Wish", "suggest"]
