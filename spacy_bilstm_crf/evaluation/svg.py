"""Small charts as SVG, coloured by the page that they stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

# Lines that the page's style colours.
N_COLORS = 6

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 12, 40


def line_chart(
    series: Mapping[str, Points],
    *,
    x_name: str,
    low: float | None = None,
    high: float | None = None,
    markers: bool = False,
) -> str:
    """Lines in one chart. The page gives their colours to the classes line-0 to line-5.

    series: for each name its points (x, y).
    x_name: what the x axis shows.
    low, high: the ends of the y axis; by default the points'.
    markers: whether to draw the points.
    RETURNS: an <svg> element, "" if there are no points.
    """
    points = [point for line in series.values() for point in line]
    if not points:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x_low, x_high = min(xs), max(xs)
    y_low = min(ys) if low is None else low
    y_high = max(ys) if high is None else high
    x_span, y_span = (x_high - x_low) or 1.0, (y_high - y_low) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        inner_width, inner_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        return (
            round(_LEFT + (x - x_low) / x_span * inner_width, 1),
            round(_TOP + (y_high - y) / y_span * inner_height, 1),
        )

    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">']
    for i in range(5):
        value = y_low + y_span * i / 4
        _, y = place(x_low, value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{value:.4g}</text>')
        x, _ = place(x_low + x_span * i / 4, y_low)
        shown = f"{x_low + x_span * i / 4:,.4g}"
        parts.append(
            f'<text x="{x}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{shown}</text>'
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
        if markers:
            parts += [f'<circle class="line-{n}" cx="{x}" cy="{y}" r="3"/>' for x, y in places]
    parts.append("</svg>")
    if len(series) > 1:
        names = (
            f'<span class="line-{n % N_COLORS}">{escape(name)}</span>'
            for n, name in enumerate(series)
        )
        parts.append(f'<p class="legend">{" ".join(names)}</p>')
    return "".join(parts)
