"""Scores, errors and calibration of a pipeline, and reports of them."""

from .calibration import calibration
from .errors import Match, analyze, compare, known_names
from .report import render_report

__all__ = ["Match", "analyze", "calibration", "compare", "known_names", "render_report"]
