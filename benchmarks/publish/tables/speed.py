"""How fast."""

from typing import Any

from benchmarks.publish.tables import read_result, read_results

_PAIR = ("bilstm_crf_ner", "spaCy ner")


def speed_table() -> str:
    """Words per second of every system, and how many times as fast ours is."""
    rows = [
        "| threads | | training, words/s | ours is | prediction, words/s | ours is | test F1 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    notes = set()
    for result in read_results("speed-*"):
        for name in result["prediction"]:
            cells = []
            for task in ("training", "prediction"):
                cells += _speed(result[task].get(name), is_peer=not name.startswith("bilstm_crf"))
            score = result["test_f"].get(name)
            cells.append(f"{score:.2f}" if score else "")
            rows.append(f"| {result['threads']} | `{name}` | {' | '.join(cells)} |")
        notes.add(
            f"{result['hardware']}, {result['rounds']} rounds, median (range) of their ratios"
        )
    return "\n".join([*rows, "", *sorted(notes), ""])


def _speed(row: dict[str, Any] | None, *, is_peer: bool) -> list[str]:
    if row is None:
        return ["", ""]
    low, high = row["ratio_range"]
    ratio = f"{row['ratio']:.2f}x ({low:.2f} to {high:.2f})" if is_peer else ""
    return [f"{row['words_per_second']:,}", ratio]


def streams_table() -> str:
    """Streams of documents, sentences and short texts."""
    result = read_result("short-texts-1-thread")
    if result is None:
        return ""
    rows = [
        "| a stream of | `bilstm_crf_ner`, words/s | `spaCy ner`, words/s | ours is |",
        "| --- | --- | --- | --- |",
    ]
    for unit, row in result["streams"].items():
        shown = f"texts of {unit}" if unit[0].isdigit() else unit
        low, high = row["ratio_range"]
        words = [f"{row['words_per_second'][name]:,}" for name in _PAIR]
        ratio = f"{row['ratio']:.2f}x ({low:.2f} to {high:.2f})"
        rows.append(f"| {shown} | {' | '.join(words)} | {ratio} |")
    return "\n".join([*rows, "", _setting(result), ""])


def workers_table() -> str:
    """Many texts in several processes."""
    result = read_result("workers")
    if result is None:
        return ""
    rows = ["| | words/s | over one worker | memory, MB |", "| --- | --- | --- | --- |"]
    for name, row in result["commands"].items():
        low, high = row["range"]
        ratio = f"{row['speed_over_one_worker']:.2f}x ({low:.2f} to {high:.2f})"
        rows.append(f"| `{name}` | {row['words_per_second']:,} | {ratio} | {row['memory_mb']:,} |")
    note = (
        f"{result['hardware']}, {result['texts']:,} texts of {result['words']:,} words in all, "
        f"a thread a process, {result['rounds']} rounds in turn"
    )
    return "\n".join([*rows, "", note, ""])


def latency_table() -> str:
    """One text at a time, and the first one."""
    result = read_result("short-texts-1-thread")
    if result is None:
        return ""
    rows = [
        "| | `bilstm_crf_ner` | `spaCy ner` |",
        "| --- | --- | --- |",
    ]
    for length, row in result["milliseconds"].items():
        cells = [f"{row[name]['median']:.2f} ms ({row[name]['p95']:.2f})" for name in _PAIR]
        text = f"a text of {length} word{'s' if length != '1' else ''}"
        rows.append(f"| {text}, median (95th percentile) | {' | '.join(cells)} |")
    for step in ("import", "load", "first text"):
        cells = [f"{result['start'][name][step]:.3f} s" for name in _PAIR]
        shown = "import spaCy" if step == "import" else step
        rows.append(f"| {shown} | {' | '.join(cells)} |")
    return "\n".join([*rows, "", _setting(result), ""])


def _setting(result: dict[str, Any]) -> str:
    return f"{result['threads']} thread, {result['hardware']}, {result['rounds']} rounds in turn"


def kernels_table() -> str:
    """The CRF beside torchcrf."""
    rows = [
        "| threads | batch, steps, tags | loss, gradient | in torch | decode | in torch |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for result in read_results("kernels-*"):
        for row in result["sizes"]:
            cells = [", ".join(map(str, row["size"]))]
            for task in ("loss", "decode"):
                own = row[task]
                cells += [f"{own['ours_ratio']}x, {own['ms']} ms", f"{own['torch_ratio']}x"]
            where = "GPU" if result["device"] == "cuda" else result["threads"]
            rows.append(f"| {where} | {' | '.join(cells)} |")
    return "\n".join([*rows, ""])


def stages_table() -> str:
    """Microseconds a word of each stage."""
    rows, sizes = [], []
    for result in read_results("stages-*"):
        for task in ("prediction", "training"):
            stages = dict(result[task])
            whole = stages.pop("whole")
            cells = [f"{name} {value:.2f}" for name, value in stages.items()]
            rows.append(f"| {result['threads']} | {task} | {whole:.2f} | {', '.join(cells)} |")
        sizes.append(f"{result['load_seconds']} s to load, {result['size_mb']} MB on disk")
    header = ["| threads | | whole | of which |", "| --- | --- | --- | --- |"]
    return "\n".join([*header, *rows, "", sizes[0] + "; " + result["hardware"], ""])


def scaling_table() -> str:
    """Speed and memory by length, labels, width and processes."""
    result = read_result("scaling")
    if result is None:
        return ""
    rows = ["| | words/s | memory, MB |", "| --- | --- | --- |"]
    for case in result["cases"]:
        if "labels" in case:
            shown = f"{case['labels']} labels, untrained"
        elif "hidden" in case:
            shown = f"{case['hidden']} units a direction, 4 labels, untrained"
        elif "processes" in case:
            shown = f"{case['processes']} process{'es' if case['processes'] > 1 else ''}"
        else:
            shown = f"docs of {case['length']:,} tokens"
        rows.append(f"| {shown} | {case['words_per_second']:,} | {case.get('memory_mb', '')} |")
    return "\n".join([*rows, "", f"{result['hardware']}, {result['threads']} thread", ""])


def loggers_table() -> str:
    """What TensorBoard's logger costs."""
    result = read_result("loggers")
    if result is None:
        return ""
    shown = {
        "off": "no TensorBoard",
        "gradients": "gradients every 50 steps",
        "histograms": "and histograms every 50 steps",
    }
    rows = ["| | training, words/s, median | time, median of the ratios |", "| --- | --- | --- |"]
    for name, words in result["words_per_second"].items():
        times = result["times_the_time"][name]
        rows.append(f"| {shown[name]} | {words:,} | {times:.2f}x |")
    seconds = result["seconds_per_evaluation"]
    note = (
        f"{seconds} s more for each evaluation on CoNLL-2003 dev; {result['rounds']} rounds in turn"
    )
    return "\n".join([*rows, "", f"{note}, {result['threads']} thread, {result['hardware']}", ""])
