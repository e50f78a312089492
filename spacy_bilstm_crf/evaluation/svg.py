"""Small charts as SVG, coloured by the page that they stand in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

# Lines that the page's style colours.
N_COLORS = 6

_WIDTH, _HEIGHT = 480, 250
_MOST = 1e300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 24, 12, 44


def line_chart(
    series: Mapping[str, Points],
    *,
    x_name: str,
    low: float | None = None,
    high: float | None = None,
    markers: bool = False,
) -> str:
    """Lines in one chart. The page gives their colours to the classes line-0 to line-5.

    series: for each name its points (x, y). Those that are not finite, such as the losses of a
        training that diverged, are left out.
    x_name: what the x axis shows.
    low, high: the ends of the y axis; by default round numbers around the points.
    markers: whether to draw the points; a point alone is drawn anyway.
    RETURNS: an <svg> element, "" if there are no points.
    """
    series = {
        name: [(x, y) for x, y in line if abs(x) < _MOST and abs(y) < _MOST]
        for name, line in series.items()
    }
    points = [point for line in series.values() for point in line]
    if not points:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x_low, x_high = min(xs), max(xs)
    y_step = _step(min(ys) if low is None else low, max(ys) if high is None else high)
    y_low = math.floor(min(ys) / y_step) * y_step if low is None else low
    y_high = math.ceil(max(ys) / y_step) * y_step if high is None else high
    x_span, y_span = (x_high - x_low) or 1.0, (y_high - y_low) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        inner_width, inner_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        return (
            round(_LEFT + (x - x_low) / x_span * inner_width, 1),
            round(_TOP + (y_high - y) / y_span * inner_height, 1),
        )

    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">']
    for value in _ticks(y_low, y_high, y_step):
        _, y = place(x_low, value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{value:,.10g}</text>')
    for value in _ticks(x_low, x_high, _step(x_low, x_high)):
        x, _ = place(value, y_low)
        parts.append(
            f'<text x="{x}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{value:,.10g}</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 4}" text-anchor="middle">{escape(x_name)}</text>'
    )
    for nth, (name, line) in enumerate(series.items()):
        n = nth % N_COLORS
        places = [place(x, y) for x, y in line]
        path = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<polyline class="line-{n}" points="{path}"><title>{escape(name)}</title>')
        parts.append("</polyline>")
        if markers or len(line) == 1:
            parts += [f'<circle class="line-{n}" cx="{x}" cy="{y}" r="3"/>' for x, y in places]
    parts.append("</svg>")
    if len(series) > 1:
        names = (
            f'<span class="line-{n % N_COLORS}">{escape(name)}</span>'
            for n, name in enumerate(series)
        )
        parts.append(f'<p class="legend">{" ".join(names)}</p>')
    return "".join(parts)


def _step(low: float, high: float) -> float:
    """A round distance between ticks, of which four to ten lie between two values."""
    rough = (high - low) / 5 or abs(high) / 5 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= 0.999 * rough)


def _ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of a step from low to high."""
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [float(f"{n * step:.6g}") for n in range(first, last + 1)]
