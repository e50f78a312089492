"""Learning curves: what is annotated next, and how good the model is that learns from it.

    OMP_NUM_THREADS=1 python -m benchmarks.accuracy.active_learning CORPUS --vectors DIR
        [--strategies random,mnlp,entropy,margin,errors,questions,full] [--diversity 0.5]
        [--size default|fast] [--batch 2000] [--start 0.01] [--share 0.2] [--seed 0]

CORPUS is a folder with train.spacy, dev.spacy and test.spacy, whose docs have sentences. Whoever
annotates is the gold standard of train. A sentence is annotated at a time; what was annotated of a
document is a doc to learn from, and all of its sentences are read when they are scored. It begins
with sentences at random, the same for all strategies of a seed, of so large a share of the words.
In each round a pipeline is trained from scratch on what there is, by configs/conll2003.cfg, or by
configs/conll2003-fast.cfg, with vectors that are trained further and with the steps that `init`
chooses for the size; is tested on dev and test; and scores the sentences that are left, of which
those with the highest scores are annotated next: `--batch` words of them. "full" is a single round
with all words.

With a diversity below 1, there are no near-duplicates, and doubt about a name counts so many times
as much after each sentence with it. "questions" asks instead whether doubtful spans, the most
doubtful first, are entities: as many in a round as there are entities in `--batch` words. The
answer makes a span known, as right or as wrong, and the rest of its sentence stays unknown.

Each strategy and seed has a file, benchmarks/results/active-learning/SIZE-BATCH-STRATEGY-SEED.json
("full" without a batch), that is written after every round, and gone on with when it is there.
Dev and test are whole documents. Minutes are those of the processor.
"""

import json
import random
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from wasabi import msg

from benchmarks.accuracy.annotator import Annotated, Key, Pool
from benchmarks.common import (
    CONFIGS,
    NAME,
    RESULTS,
    machine,
    read_docs,
    read_examples,
    write_result,
)
from spacy_bilstm_crf.batching.parts import parts
from spacy_bilstm_crf.corpora.make_doc import WRONG
from spacy_bilstm_crf.pipeline.uncertainty import Uncertainty, sequence_uncertainty
from spacy_bilstm_crf.suggestion.choose import choose
from spacy_bilstm_crf.suggestion.doubt import doubtful_spans
from spacy_bilstm_crf.suggestion.score import Score
from spacy_bilstm_crf.training.choose import apply, n_steps
from spacy_bilstm_crf.training.corpus import without_annotation

Size = Literal["default", "fast"]
_CONFIGS: dict[Size, Path] = {
    "default": CONFIGS / "conll2003.cfg",
    "fast": CONFIGS / "conll2003-fast.cfg",
}
STRATEGIES = ["random", *(score.value for score in Score), "questions", "full"]
LEAST_DOUBT = 0.05
"""The probability of the less probable answer from which on a span is asked."""


class Doubt(NamedTuple):
    """A doubtful span, its string, and the probability of the less probable answer."""

    key: Key
    string: str
    weight: float


def main(
    corpus: Path = typer.Argument(..., exists=True, help="Folder of train, dev and test.spacy"),
    vectors: str = typer.Option(..., help="A pipeline with word vectors"),
    strategies: str = typer.Option(",".join(STRATEGIES), help="Separated by commas"),
    diversity: float = typer.Option(
        1.0,
        help="What doubt about a name counts for after each sentence with it; 1 for no diversity",
    ),
    size: Size = typer.Option("default", help="Of the model: default or fast"),
    batch: int = typer.Option(2000, help="Words annotated in a round"),
    start: float = typer.Option(0.01, help="Share of the words to begin with"),
    share: float = typer.Option(0.2, help="Share of the words at which it ends"),
    seed: int = typer.Option(0, help="Of the start, of random choices and of training"),
) -> None:
    """Draw learning curves, and write them to benchmarks/results/active-learning."""
    setting = machine()
    pool = Pool(corpus / "train.spacy")
    for strategy in strategies.split(","):
        if strategy not in STRATEGIES:
            msg.fail(f"No strategy {strategy}, only {', '.join(STRATEGIES)}", exits=1)
        is_diverse = diversity < 1 and strategy not in ("random", "full")
        name = f"{strategy}-diverse" if is_diverse else strategy
        rounds_of = None if strategy == "full" else batch  # it is the same for all
        path = f"active-learning/{size}-{'' if rounds_of is None else f'{batch}-'}{name}-{seed}"
        what = {
            "name": name,
            "size": size,
            "config": f"configs/{_CONFIGS[size].name}",
            "strategy": strategy,
            "diversity": diversity if is_diverse else None,
            "batch": rounds_of,
            "start": start,
            "seed": seed,
            "corpus": corpus.name,
            "vectors": Path(vectors).name,
            "all_words": sum(pool.words),
            "all_entities": len(pool.gold),
        }
        file = RESULTS / f"{path}.json"
        result: dict[str, Any] = {**what, **setting, "rounds": []}
        if file.exists():
            earlier = json.loads(file.read_text())
            if {key: earlier[key] for key in what} != what:
                msg.fail(f"{file} is of something else; remove it first", exits=1)
            result["rounds"] = earlier["rounds"]
        for done in _go_on(result, corpus, pool, vectors, share):
            write_result(path, result)
            shown = {key: value for key, value in done.items() if key != "picked"}
            msg.text(f"{path}: {shown}")


def _go_on(
    result: dict[str, Any], corpus: Path, pool: Pool, vectors: str, share: float
) -> Iterable[dict[str, Any]]:
    """Do the rounds that are not done yet. YIELDS: each, when it is in the result."""
    rounds, seed, strategy = result["rounds"], result["seed"], result["strategy"]
    size = result["size"]
    order = list(range(len(pool.words)))
    random.Random(seed).shuffle(order)
    known = Annotated()
    known.add(pool, " ".join(map(str, _first(order, pool, result["start"]))))
    if strategy == "full":
        known.sentences = order
    for earlier in rounds:
        known.add(pool, earlier["picked"])
    while not rounds or rounds[-1]["picked"]:
        done: dict[str, Any] = known.counts(pool)
        start = time.process_time()
        nlp = _train(corpus, known.docs(pool), vectors, seed, size)
        done["minutes"] = round((time.process_time() - start) / 60, 2)
        for split in ("dev", "test"):
            examples = read_examples(nlp, corpus / f"{split}.spacy", 1000)
            done[f"{split}_f"] = round(100 * nlp.evaluate(examples)["ents_f"], 3)
        start = time.process_time()
        spent = max(
            done["words"] / sum(pool.words),
            (done["entities"] + done["questions"]) / len(pool.gold) if known.answers else 0.0,
        )
        left = set(order) - set(known.sentences)
        done["picked"] = ""
        if spent < share and left:
            done["picked"] = " ".join(_pick(nlp, pool, known, order, result))
        done["picking_minutes"] = round((time.process_time() - start) / 60, 2)
        known.add(pool, done["picked"])
        rounds.append(done)
        yield done


def _first(order: Sequence[int], pool: Pool, share: float) -> list[int]:
    """The first sentences of an order that have a share of the words."""
    ends = np.cumsum([pool.words[i] for i in order])
    return list(order[: 1 + int(np.searchsorted(ends, share * ends[-1]))])


def _train(corpus: Path, docs: list[Doc], vectors: str, seed: int, size: Size) -> Language:
    """A pipeline trained on docs to its last step."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.spacy"
        DocBin(docs=docs).to_disk(path)
        steps = n_steps(sum(map(len, docs)), size)
        has_wrong = any(WRONG in doc.spans for doc in docs)
        config = apply(
            load_config(_CONFIGS[size]),
            {
                "paths.train": str(path),
                "paths.dev": str(corpus / "dev.spacy"),
                "paths.vectors": vectors,
                "system.seed": seed,
                "training.optimizer.learn_rate.total_steps": steps,
                "training.eval_frequency": steps,
                "training.logger": {"@loggers": "spacy.ConsoleLogger.v1"},
                "corpora.dev.limit": 1,  # the last step counts, whatever dev says
                f"components.{NAME}.model.tok2vec.embed.static_vectors": "tuned",
                f"components.{NAME}.incorrect_spans_key": WRONG if has_wrong else None,
            },
        )
        with (Path(folder) / "log.txt").open("w") as log:
            nlp, _ = train(init_nlp(config), None, stdout=log, stderr=log)
    return nlp


def _pick(
    nlp: Language, pool: Pool, known: Annotated, order: Sequence[int], result: dict[str, Any]
) -> list[str]:
    """What is annotated next, as `Annotated.add` reads it."""
    strategy, batch = result["strategy"], result["batch"]
    done = set(known.sentences)
    if strategy == "random":
        left = [i for i in order if i not in done]
        return [str(i) for i in _first(left, pool, batch / sum(pool.words[i] for i in left))]
    diversity = 1.0 if result["diversity"] is None else result["diversity"]
    uncertainty, doubts = _scan(nlp, pool, known)
    if strategy == "questions":
        asked = [d for d in doubts if d.key[0] not in done and d.key not in known.answers]
        n_questions = round(batch * len(pool.gold) / sum(pool.words))
        chosen = choose(
            [d.weight for d in asked],
            [1] * len(asked),
            n_questions,
            doubts=[{d.string: d.weight} for d in asked],
            diversity=diversity,
        )
        return [":".join(map(str, asked[i].key)) for i in chosen]
    left = [i for i in range(len(pool.words)) if i not in done]
    scores = Score(strategy).of(uncertainty)
    names: list[dict[str, float]] = [{} for _ in pool.words]
    for d in doubts:
        own = names[d.key[0]]
        own[d.string] = max(d.weight, own.get(d.string, 0.0))
    is_diverse = diversity < 1
    chosen = choose(
        [float(scores[i]) for i in left],
        [pool.words[i] for i in left],
        batch,
        doubts=[names[i] for i in left] if is_diverse else None,
        diversity=diversity,
        groups=[pool.groups[i] for i in left] if is_diverse else None,
        taken={pool.groups[i] for i in done},
    )
    return [str(left[i]) for i in chosen]


def _scan(nlp: Language, pool: Pool, known: Annotated) -> tuple[Uncertainty, list[Doubt]]:
    """How unsure a pipeline is of each sentence, given the spans that are known to be entities; and
    of which spans."""
    pipe: Any = nlp.get_pipe(NAME)
    docs = [without_annotation(doc) for doc in read_docs(pool.path, nlp.vocab)]
    for (number, start, end, label), is_right in known.answers.items():
        if is_right:
            i, first, _ = pool.borders[number]
            ent = Span(docs[i], first + start, first + end, label)
            docs[i].set_ents([ent], default="unmodified")
    found, doubts = [], []
    sentence = 0
    for part in parts(docs):
        tags = pipe.distribution(part)
        found.append(sequence_uncertainty(tags))
        ends = np.cumsum(tags.lengths)
        spans, probabilities = doubtful_spans(tags, LEAST_DOUBT)
        columns = (*spans, np.minimum(probabilities, 1 - probabilities))
        for start, end, label, weight in zip(*(column.tolist() for column in columns)):
            nth = int(np.searchsorted(ends, start, side="right"))
            first = int(ends[nth] - tags.lengths[nth])
            number = sentence + nth
            key = (number, start - first, end - first, pipe.labels[label])
            i, a, _ = pool.borders[number]
            string = pool.docs[i][a + key[1] : a + key[2]].text.lower()
            doubts.append(Doubt(key, string, weight))
        sentence += len(tags.lengths)
    return Uncertainty(*map(np.concatenate, zip(*found))), doubts


if __name__ == "__main__":
    typer.run(main)
