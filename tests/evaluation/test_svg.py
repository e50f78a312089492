"""Charts."""

import re

from spacy_bilstm_crf.evaluation.svg import line_chart


def test_line_chart():
    assert line_chart({"a": []}, x_name="step") == ""
    chart = line_chart({"a": [(0, 1.0), (10, 3.0)], "b<": [(5, 2.0)]}, x_name="step")
    assert chart.count("<polyline") == 2 and "b&lt;" in chart and "b<" not in chart
    assert 'points="60.0,206.0 456.0,12.0"' in chart
    assert chart.count("<circle") == 1  # a point alone
    chart = line_chart({"a": [(0, 66.49), (3000, 93.5)]}, x_name="")
    ticks = re.findall(r">([\d.,]+)</text>", chart)
    assert ticks == ["60", "70", "80", "90", "100", "0", "1,000", "2,000", "3,000"]
    assert "<svg" in line_chart({"a": [(3, 1.0)]}, x_name="step")  # no spread
