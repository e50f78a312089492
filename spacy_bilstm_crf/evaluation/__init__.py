"""What a pipeline gets right and wrong."""

from .calibration import calibration
from .errors import Match, analyze, compare, known_names
from .report import render_report

__all__ = ["Match", "analyze", "calibration", "compare", "known_names", "render_report"]
