"""The figures of the benchmarks that are computed, not timed."""

import asyncio
import json
import sys
from collections import Counter
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.util import fix_random_seed, load_config, load_model_from_config

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import (  # noqa: E402
    ablations,
    active_learning,
    audit,
    partial_labels,
    promise,
    runs,
    significance,
)
from benchmarks.accuracy.annotator import Annotated, Pool  # noqa: E402
from benchmarks.accuracy.audit_scores import measure  # noqa: E402
from benchmarks.accuracy.planted import KINDS, plant  # noqa: E402
from benchmarks.common import (  # noqa: E402
    NAME,
    RESULTS,
    median,
    ratios,
    time_in_turn,
    value_range,
)
from benchmarks.publish import draw  # noqa: E402
from benchmarks.publish.tables import learning  # noqa: E402
from benchmarks.speed.http_clients import ask, request  # noqa: E402
from benchmarks.speed.scaling import made_up_pipeline  # noqa: E402
from spacy_bilstm_crf.audit.documents import make_documents, read_texts  # noqa: E402
from spacy_bilstm_crf.corpora.annotated import ReadOptions  # noqa: E402
from spacy_bilstm_crf.corpora.make_doc import WRONG  # noqa: E402
from spacy_bilstm_crf.corpora.sample import make_sample  # noqa: E402
from spacy_bilstm_crf.training.corpus import without_annotation  # noqa: E402
from spacy_bilstm_crf.training.runs import config_hash  # noqa: E402

from .conftest import make_examples, small_nlp, train  # noqa: E402


def test_bootstrap():
    chance = np.random.default_rng(0)
    gold = chance.integers(1, 30, 200)
    right = chance.binomial(gold, 0.9)
    counts = np.stack([right, gold, gold], axis=1)[None]
    value, low, high = significance.f1_interval(counts, 4000)
    assert value == pytest.approx(100 * right.sum() / gold.sum())
    # The standard error of a ratio of sums, by the delta method.
    error = 100 * np.sqrt(((right - gold * value / 100) ** 2).sum()) / gold.sum()
    assert (high - low) / (2 * 1.96 * error) == pytest.approx(1.0, abs=0.06)
    assert significance.gain_interval(counts, counts, 100) == (0.0, 0.0, 0.0)
    worse = counts.copy()
    worse[0, :, 0] = np.maximum(0, worse[0, :, 0] - 1)
    gain, low, high = significance.gain_interval(counts, worse, 4000)
    assert gain == pytest.approx(100 * (right - worse[0, :, 0]).sum() / gold.sum())
    # Paired: the difference is surer than the values.
    assert 0 < low < gain < high and high - low < 2 * error
    with pytest.raises(ValueError, match="compared"):
        significance.gain_interval(counts, counts[:, :5])


def test_f1_is_the_mean_over_seeds():
    counts = np.array([[[1, 1, 2]], [[2, 2, 2]]])
    assert significance.f1_interval(counts, 10).value == pytest.approx((200 / 3 + 100) / 2)


@pytest.mark.parametrize("table", list(ablations.TABLES))
def test_every_row_is_a_config(table, tmp_path):
    config, common, rows = ablations.TABLES[table]
    hashes = {}
    for name, (shown, settings) in rows.items():
        path = tmp_path / f"{name}.cfg"
        ablations.derive(ROOT / "configs" / f"{config}.cfg", {**settings, **common}).to_disk(path)
        assert shown and load_model_from_config(load_config(path), auto_fill=True).pipe_names
        hashes[name] = config_hash(path)
    assert len(set(hashes.values())) == len(rows)
    recorded = (RESULTS / f"accuracy-{table}").glob("*.json")
    found = {path.stem: json.loads(path.read_text())["config_hash"] for path in recorded}
    assert found.items() <= hashes.items()


OF_A_CONFIG = (
    "accuracy-*.json",
    "accuracy-noise/*.json",
    "accuracy-partial-labels/*.json",
    "continual-learning-*.json",
)


@pytest.mark.parametrize(
    "path", [path for kind in OF_A_CONFIG for path in sorted(RESULTS.glob(kind))], ids=str
)
def test_recorded_configs_are_the_present_ones(path):
    result = json.loads(path.read_text())
    assert result["config_hash"] == config_hash(ROOT / "configs" / result["config"])


def test_annotation_is_left_out(tmp_path):
    nlp = spacy.blank("en")
    doc = nlp.make_doc("Anna and Lena met Peter , and Maria met Lucy , in Oslo and Bergen .")
    names = {"Anna", "Lena", "Peter", "Maria", "Lucy", "Oslo", "Bergen"}
    doc.set_ents([Span(doc, t.i, t.i + 1, "NAME") for t in doc if t.text in names])
    DocBin(docs=[doc] * 60).to_disk(tmp_path / "train.spacy")
    kept = {}
    for name, row in partial_labels.ROWS.items():
        partial_labels.leave_out(tmp_path / "train.spacy", tmp_path / "out.spacy", row)
        docs = list(DocBin().from_disk(tmp_path / "out.spacy").get_docs(nlp.vocab))
        tokens = [token for each in docs for token in each]
        kept[name] = {token.ent_iob_ for token in tokens if token.text in names}
        share = sum(len(each.ents) for each in docs) / (60 * len(names))
        assert share == pytest.approx(1 - row.share, abs=0.08)
        others = [token.ent_iob_ == "" for token in tokens if token.text not in names]
        expected = row.share if row.tokens else 0.0
        assert sum(others) / len(others) == pytest.approx(expected, abs=0.08)
    for name, row in partial_labels.ROWS.items():
        assert kept[name] == ({"B", ""} if row.unknown else {"B", "O"})


def test_what_cannot_be_recorded_is_not_trained(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(runs, "RESULTS", tmp_path)

    def printed():
        return " ".join(capsys.readouterr().out.split())

    config = ROOT / "configs" / "conll2003.cfg"
    with pytest.raises(SystemExit):
        ablations.main("options", tmp_path, seeds="0", only="default,none", vectors="", gpu_id=-1)
    assert "no rows ['none']" in printed()
    for seeds, override, error in [
        ("0,one", [], "'one'"),
        ("0", ["training.dropuot=0.1"], "Did you mean training.dropout?"),
    ]:
        with pytest.raises(SystemExit):
            runs.record_runs("x", config, tmp_path, seeds, override, -1)
        assert error in printed()
    (tmp_path / "accuracy-x.json").write_text(
        json.dumps({"config": "a.cfg", "config_hash": "0", "overrides": {}, "corpus": "c"})
    )
    with pytest.raises(SystemExit):
        runs.record_runs("x", config, tmp_path, "0", [], -1)
    assert "config: a.cfg, now conll2003.cfg" in printed()


def test_vectors_are_recorded_by_what_they_are(tmp_path):
    recorded = []
    for name, value in [("a", 1.0), ("b", 1.0), ("c", 2.0)]:
        nlp = spacy.blank("en")
        nlp.vocab.set_vector("word", np.full(3, value, dtype="f"))
        nlp.to_disk(tmp_path / name)
        recorded.append(runs.recorded_value(str(tmp_path / name)))
    assert recorded[0] == recorded[1] != recorded[2]
    assert [runs.recorded_value(v) for v in ("200", "/models/roberta")] == ["200", "roberta"]


def test_tasks_are_timed_in_turn_after_a_round_that_warms_up():
    calls = []

    def task(name):
        calls.append(name)
        return float(len(calls))

    seconds = time_in_turn({"a": lambda: task("a"), "b": lambda: task("b")}, 3)
    assert "".join(calls) == "abababab"
    assert seconds == {"a": [3.0, 5.0, 7.0], "b": [4.0, 6.0, 8.0]}
    assert ratios(seconds["b"], seconds["a"]) == [4 / 3, 6 / 5, 8 / 7]
    assert median([4 / 3, 6 / 5, 8 / 7], 2) == 1.2
    assert value_range([4 / 3, 6 / 5, 8 / 7], 2) == [1.14, 1.33]


def test_pipelines_of_other_sizes_are_made():
    nlp = made_up_pipeline(spacy.blank("en").vocab, labels=5, hidden=20)
    pipe = nlp.get_pipe(NAME)
    assert pipe.labels == ("L0", "L1", "L2", "L3", "L4")
    assert pipe.model.get_ref("tok2vec").get_dim("nO") == 40  # both directions


def test_clients_count_what_they_get():
    """A server that answers, refuses, and leaves, in turn."""
    asked = []

    async def answer(reader, writer):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0])
            asked.append(json.loads(await reader.readexactly(length)))
            status = {1: b"200 OK", 2: b"429 Too Many"}.get(len(asked) % 3)
            if status is None:
                writer.close()
                return
            writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 2\r\n\r\n{}")

    async def main():
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await ask(port, repeat(request("\u00e9")), clients=1, seconds=60, most=30)

    outcome = asyncio.run(main())
    assert asked == [{"text": "\u00e9"}] * 30
    assert len(outcome.latencies) == 10 and outcome.errors == {"429": 10, "lost": 10}
    assert 0 < max(outcome.latencies) <= outcome.seconds < 60


def test_promises_are_tested_on_other_documents(trained):
    trained.get_pipe("ner").cfg["temperature"] = 4.0
    by_span, by_token = promise._documents(trained, make_examples(trained) * 30)
    for spans, tokens in zip(by_span, by_token):
        # A span is no more probable than any of its tags, let alone their mean.
        assert (tokens.found_at >= spans.found_at - 1e-6).all()
        assert len(tokens.scores) and len(tokens.scores) == len(tokens.right)
    rows = promise._promises(
        [own for own in by_span if len(own.found_at)], promise._halves(90, 5, 0)
    )
    for row in rows:
        enough = row["recall"] < 0.95 or row["recall"] == 0.95 and row["confidence"] is None
        assert row["promised"] == (1.0 if enough else 0.0)
        assert row.get("kept", 1.0) == 1.0


@pytest.fixture
def sentences(tmp_path):
    """A folder of train, dev and test.spacy: documents of two sentences, of which one has names."""
    nlp = small_nlp()
    docs = []
    for i in range(12):
        words = ["Anna", f"Lee{i}", "left", f"town{i}", ".", "It", "rained", str(i), "times", "."]
        doc = Doc(nlp.vocab, words=words, sent_starts=[t in (0, 5) for t in range(10)])
        doc.ents = [Span(doc, 0, 2, "PER")]
        docs.append(doc)
    for split in ("train", "dev", "test"):
        DocBin(docs=docs if split == "train" else docs[:3]).to_disk(tmp_path / f"{split}.spacy")
    return tmp_path


def test_what_was_annotated_is_learned_from(sentences):
    pool = Pool(sentences / "train.spacy")
    assert len(pool.words) == 24 and sum(pool.words) == 120 and len(pool.gold) == 12
    known = Annotated()
    known.add(pool, "0 3")
    known.add(pool, "2:0:2:PER 2:0:1:PER 4:2:3:PER")
    assert known.counts(pool) == {"words": 10, "entities": 1, "questions": 3}
    first, second, third = known.docs(pool)
    assert first.text.startswith("Anna Lee0 left") and len(first) == 5
    assert [token.ent_iob_ for token in second] == ["B", "I", "", "", "", *"OOOOO"]
    assert [(span.start, span.end) for span in second.spans[WRONG]] == [(0, 1)]
    assert {token.ent_iob_ for token in third} == {""}
    assert [span.text for span in third.spans[WRONG]] == ["left"]


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["random", "mnlp", "questions"])
def test_a_curve_goes_on_where_it_was(sentences, monkeypatch, strategy):
    def make(corpus, docs, vectors, seed, size):
        nlp = small_nlp()
        examples = [Example(without_annotation(doc), doc) for doc in docs]
        nlp.initialize(lambda: examples)
        train(nlp, examples, steps=3)
        return nlp

    monkeypatch.setattr(active_learning, "NAME", "ner")
    monkeypatch.setattr(active_learning, "_train", make)
    pool = Pool(sentences / "train.spacy")
    what = {"strategy": strategy, "diversity": 0.5, "batch": 20, "start": 0.2, "seed": 0}
    what["size"] = "fast"

    def rounds(*earlier):
        fix_random_seed(0)
        result = {**what, "rounds": list(earlier)}
        found = [
            done | {"minutes": 0}
            for done in active_learning._go_on(result, sentences, pool, "", 0.6)
        ]
        return [{k: v for k, v in done.items() if k != "picking_minutes"} for done in found]

    whole = rounds()
    picked = [one for done in whole for one in done["picked"].split()]
    assert len(whole) > 2 and len(set(picked)) == len(picked)
    assert whole[-1]["picked"] == "" and all(done["picked"] for done in whole[:-1])
    if strategy == "random":
        assert [done["words"] for done in whole] == [25, 45, 65, 85]
    again = rounds(whole[0])
    assert [done["words"] for done in again] == [done["words"] for done in whole[1:]]
    assert again[0]["questions"] == whole[1]["questions"]


def curve(name, *f1, batch=20, config="one.cfg"):
    rounds = [
        {"words": 10 + 20 * i, "entities": 4 + 8 * i, "questions": 0, "test_f": f, "picked": ""}
        for i, f in enumerate(f1)
    ]
    setting = {"threads": 1, "hardware": "a machine", "corpus": "made up"}
    sizes = {"all_words": 200, "all_entities": 80}
    strategy = name.removesuffix("-diverse")
    return {
        "name": name,
        "size": "default" if config == "one.cfg" else "fast",
        "config": config,
        "strategy": strategy,
        "batch": batch,
        **setting,
        **sizes,
        "rounds": rounds,
    }


def test_learning_curves(monkeypatch, tmp_path):
    for file in (learning.read_results.__globals__, vars(draw)):
        monkeypatch.setitem(file, "RESULTS", tmp_path)
    monkeypatch.setattr(draw, "IMAGES", tmp_path)
    assert learning.learning_table() == "" and list(draw.draw_figures()) == []
    folder = tmp_path / "active-learning"
    folder.mkdir()
    asked = curve("questions", 50, 95)
    for done in asked["rounds"]:
        done["questions"] = done["words"]
    results = {
        "full-0": curve("full", 100, batch=None),
        "20-random-0": curve("random", 60, 80, 90),
        "20-random-1": curve("random", 60, 80, 98),
        "20-mnlp-diverse-0": curve("mnlp-diverse", 60, 90, 99),
        "20-questions-0": asked,
        "fast-full-0": curve("full", 90, batch=None, config="two.cfg"),
        "fast-20-random-0": curve("random", 60, 85.5, 88, config="two.cfg"),
    }
    for name, result in results.items():
        (folder / f"{name}.json").write_text(json.dumps(result))
    lines = learning.learning_table().splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith(("| at", "| MNLP", "| questions"))
    ]
    # 95% of 100 is between 90 at 30 words and 99 at 50 of 200; spans by four tenths of that of 80.
    assert rows == [
        ["at random", "20", "2", "–", "–", "–", "–", "60.00", "70.00", "80.00"],
        ["MNLP, diverse", "20", "1", "20.6%", "25.0%", "20.6%", "25.0%", "60.00", "75.00", "90.00"],
        ["questions", "20", "1", "", "", "52.5%", "–", "", "", ""],
        ["at random", "20", "1", "15.0%", "–", "15.0%", "–", "60.00", "72.75", "85.50"],
    ]
    notes = [line.split(";")[0] for line in lines if "made up" in line]
    assert notes == ["`one.cfg`", "`two.cfg`"]
    assert "![Learning curves](img/learning-curves.svg)" in learning.learning_table()
    assert [path.name for path in draw.draw_figures()] == ["learning-curves.svg"]


def test_errors_are_planted_of_each_kind(tmp_path):
    corpus = make_sample(3)["train"][:60]
    vocab = spacy.blank("xx").vocab
    docs = [
        Doc(vocab, words=[word for word, _ in rows], ents=[tag for _, tag in rows])
        for document in corpus
        if (rows := [row for words, tags in document for row in zip(words, tags)])
    ]
    n = round(0.1 * sum(len(doc.ents) for doc in docs))
    planted = plant(docs, 0.1, seed=0)
    kinds = Counter(kind for _, errors in planted for kind in errors.values())
    assert set(kinds) == set(KINDS) and all(0.8 * n <= count <= n for count in kinds.values())
    for doc, (noisy, errors) in zip(docs, planted):
        right = {(ent.start, ent.end): ent.label_ for ent in doc.ents}
        marked = {(ent.start, ent.end): ent.label_ for ent in noisy.ents}
        for at, kind in errors.items():
            over = [own for own in right if own[0] < at[1] and at[0] < own[1]]
            assert {
                "label": at in right and at in marked and right[at] != marked[at],
                "border": at not in right and marked.get(at) == (over and right[over[0]]),
                "missing": at in right and at not in marked,
                "spurious": at in marked and not over,
            }[kind]
        assert all(marked[at] == right[at] for at in right.keys() & marked.keys() - errors.keys())
        assert len(set(marked) - set(right)) <= len(errors)
    again = plant(docs, 0.1, seed=0)
    assert [errors for _, errors in again] == [errors for _, errors in planted]


def test_areas_and_precisions():
    scores, is_wrong = np.array([0.9, 0.8, 0.7, 0.1]), [True, False, True, False]
    area = (1 + 2 / 3) / 2
    assert measure(scores, is_wrong) == {"area": round(area, 4), "precision": 0.5}
    # An error that nothing is at can't be found.
    assert measure(scores, is_wrong, 4) == {"area": round(area / 2, 4), "precision": 0.5}


def test_corrections_are_those_of_the_same_tokens(tmp_path):
    gold = tmp_path / "train.txt"
    gold.write_text("Anna I-PER\nsleeps O\n\nIn O\nOslo I-LOC\n\n")
    documents = make_documents(read_texts(gold, ReadOptions()), spacy.blank("xx"))
    corrected = tmp_path / "corrected.txt"
    corrected.write_text("Anna B-PER\nsleeps O\n\nIn O\nOslo B-ORG\n")
    assert list(audit._corrections(corrected, documents)) == [False, True]
    corrected.write_text("Anna B-PER\nsleeps O\n\nNear O\nOslo B-ORG\n")
    with pytest.raises(ValueError, match="'Near' in the place of 'In'"):
        list(audit._corrections(corrected, documents))
