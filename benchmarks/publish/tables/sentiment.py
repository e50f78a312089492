"""Classifiers of texts, from a bag of words to n-grams beside an encoder."""

from typing import Any

from benchmarks.publish.tables import read_results
from benchmarks.publish.tables.accuracy import spread

# By the names of the results: what the rows are called, from the simplest on.
_NAMES = {
    "sentiment-bow": "bag of words (`TextCatBOW.v3`, bigrams)",
    "sentiment-naive": "mean of words through a feed-forward layer",
    "sentiment-ends": "BiLSTM, states at both ends",
    "sentiment-mean": "BiLSTM, mean",
    "sentiment-max": "BiLSTM, maximum",
    "sentiment-mean-max": "BiLSTM, mean and maximum",
    "sentiment-attention": "BiLSTM, attention",
    "sentiment-vectors": "three BiLSTMs over frozen GloVe 50d, mean and maximum",
    "sentiment-mean-max-glove": "BiLSTM over GloVe 50d, trained further",
    "sentiment-transformer-frozen": "MiniLM, 6 layers, frozen",
    "sentiment-transformer": "MiniLM, 6 layers, trained further",
    "sentiment-ngrams": "n-grams by naive Bayes (`NaiveBayesNgrams.v1`)",
    "sentiment-best": "n-grams and BiLSTM (`TextCatSum.v1`), what `init` chooses",
    "sentiment-best-glove": "the same, GloVe 50d trained further",
}


def sentiment_table(corpus: str) -> str:
    """A row a config: accuracy and F2 in percent, minutes, parameters, speed.

    Time is that of the fastest seed: what else a machine does only ever adds to it.
    """
    found = {result["name"]: result for result in read_results(f"sentiment/{corpus}/*")}
    if not found:
        return ""
    split = next(iter(found.values()))["split"]
    rows = [
        f"| model | seeds | {split} accuracy | F2 | F2 at a threshold | ROC AUC | "
        "minutes | a pass | parameters | words/s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, shown in _NAMES.items():
        if name in found:
            tested = found[name].get("tested")
            marked = f"{shown}, tested on {tested:,} texts" if tested else shown
            rows.append(_row(marked, split, list(found[name]["runs"].values())))
    any_of_them = next(iter(found.values()))
    note = (
        f"{any_of_them['threads']} thread, {any_of_them['hardware']}; minutes of the processor, or "
        "with * of the clock, beside other runs, and words a second are those of the fastest seed"
    )
    return "\n".join([*rows, "", note, ""])


def _row(name: str, split: str, runs: list[dict[str, Any]]) -> str:
    def percent(key: str) -> str:
        values = [100 * run[f"{split}_{key}"] for run in runs if f"{split}_{key}" in run]
        return spread(values) if len(values) == len(runs) else "–"

    def minutes(key: str) -> str:
        values = [run[f"processor_{key}"] for run in runs if f"processor_{key}" in run]
        return f"{min(values):.1f}" if values else f"{min(run[key] for run in runs):.1f}*"

    cells = [
        name,
        str(len(runs)),
        percent("accuracy"),
        percent("f2"),
        percent("f2_at_threshold"),
        percent("auc"),
        minutes("minutes"),
        minutes("minutes_a_pass"),
        f"{runs[0]['parameters']:,}",
        f"{max(run[f'{split}_words_per_second'] for run in runs):,.0f}",
    ]
    return f"| {' | '.join(cells)} |"
