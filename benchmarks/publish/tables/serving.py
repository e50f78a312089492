"""The service under load."""

from benchmarks.publish.tables import read_result


def load_table() -> str:
    """Requests per second and latencies, by the number of clients."""
    result = read_result("serving")
    if result is None:
        return ""
    rows = [
        "| clients | | requests/s | p50, ms | p95, ms | p99, ms | words/s a core | errors |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    services = result["services"]
    for number in next(iter(services.values()))["clients"]:
        for name, service in services.items():
            own = service["clients"][number]
            quantiles = [f"{own['milliseconds'].get(key, '')}" for key in ("p50", "p95", "p99")]
            words = 1000 * result["words_per_text"] / own["processor_milliseconds"]
            counts = [f"{words:,.0f}", str(sum(own["errors"].values()))]
            cells = [number, name, f"{own['requests_per_second']:,}", *quantiles, *counts]
            rows.append(f"| {' | '.join(cells)} |")
    memory = ", ".join(f"{name}: {service['memory_mb']}" for name, service in services.items())
    note = (
        f"A request is a sentence of {result['words_per_text']} words; {result['rounds']} rounds "
        f"in turn; {result['threads']} thread a service, {result['hardware']}. Words/s a core: by "
        f"the time that the service used of the processors. Resident after it all, MB: {memory}"
    )
    return "\n".join([*rows, "", note, ""])


def soak_table() -> str:
    """Memory while texts that differ come."""
    result = read_result("serving-soak")
    if result is None:
        return ""
    rows = ["| | texts | texts/s | resident, MB, every 10 s | errors |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for name, own in result["services"].items():
        memory = " ".join(f"{value:.0f}" for value in own["memory_mb"])
        counts = [f"{own[key]:,}" for key in ("requests", "requests_per_second")]
        errors = str(sum(own["errors"].values()))
        rows.append(f"| {' | '.join([name, *counts, memory, errors])} |")
    note = f"{result['clients']} clients, {result['threads']} thread, {result['hardware']}"
    return "\n".join([*rows, "", note, ""])
