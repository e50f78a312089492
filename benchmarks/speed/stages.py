"""Where the time goes, stage by stage, and what a pipeline weighs.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.stages MODEL CORPUS [--rounds 7]

Prediction: from texts to entities, on test, in batches of 4,000 tokens.
Training: steps of 3 docs of 8 sentences each. Every stage is timed by itself, in turn; what is
left of the whole is the way between the stages. "LSTM" is the time of the recurrence, without the
products of the inputs. What is kept of words is forgotten before each run.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import spacy
import typer
from spacy.language import Language
from spacy.training import Example, minibatch_by_words
from spacy.util import minibatch
from wasabi import msg

from benchmarks.common import (
    NAME,
    count_threads,
    count_words,
    forget,
    machine,
    median,
    read_examples,
    seconds_of,
    time_in_turn,
    write_result,
)
from spacy_bilstm_crf.nn.lstm import encoder
from spacy_bilstm_crf.tags import ids_to_spans

Timed = dict[str, Callable[[], Any]]


def main(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    rounds: int = typer.Option(7, help="How often each stage is timed"),
) -> None:
    """Time each stage, and write benchmarks/results/stages-N-threads.json."""
    setting = machine()
    start = time.perf_counter()
    nlp = spacy.load(model)
    result: dict[str, Any] = {
        "corpus": corpus.name,
        **setting,
        "rounds": rounds,
        "load_seconds": round(time.perf_counter() - start, 2),
        "size_mb": round(_size(model) / 1e6, 1),
    }
    test = read_examples(nlp, corpus / "test.spacy")
    train = read_examples(nlp, corpus / "train.spacy")[:180]
    for task, stages, examples in (
        ("prediction", _prediction(nlp, test), test),
        ("training", _training(nlp, train), train),
    ):
        words = count_words(examples)
        inside: list[float] = []
        timed = {name: partial(_time, nlp, run) for name, run in stages.items()}
        timed["whole"] = partial(_time_whole, nlp, stages["whole"], inside)
        seconds = time_in_turn(timed, rounds)
        seconds["LSTM"] = inside[-rounds:]
        result[task] = {
            name: median([1e6 * taken / words for taken in values], 2)
            for name, values in seconds.items()
        }
        msg.info(f"{task}, microseconds a word: {result[task]}")
    write_result(f"stages-{count_threads(setting['threads'])}", result)


def _time(nlp: Language, run: Callable[[], Any]) -> float:
    forget(nlp)
    return seconds_of(run)


def _time_whole(nlp: Language, run: Callable[[], Any], inside: list[float]) -> float:
    """The seconds that the whole takes; those inside the LSTM are added to `inside`."""
    with _lstm_seconds() as calls:
        taken = _time(nlp, run)
    inside.append(sum(calls))
    return taken


@contextmanager
def _lstm_seconds() -> Iterator[list[float]]:
    """The seconds of each run of the LSTM's recurrence, forward passes only."""
    calls: list[float] = []
    with ExitStack() as stack:
        for name in ("predict_states", "learn_states"):
            original = getattr(encoder, name)

            def timed(*args: Any, original: Callable[..., Any] = original) -> Any:
                start = time.perf_counter()
                states = original(*args)
                calls.append(time.perf_counter() - start)
                return states

            stack.enter_context(patch.object(encoder, name, timed))
        yield calls


def _prediction(nlp: Language, examples: list[Example]) -> Timed:
    pipe: Any = nlp.get_pipe(NAME)
    docs = [eg.predicted for eg in examples]
    texts = [eg.reference.text for eg in examples]
    tok2vec = pipe.model.get_ref("tok2vec")
    embed = tok2vec.get_ref("embed")
    tags = pipe.model.predict(docs)
    spans = ids_to_spans(tags.argmax())
    analyses = pipe.predict(docs)
    batches = [[eg.predicted for eg in batch] for batch in minibatch_by_words(examples, size=4000)]
    return {
        "tokenisation": lambda: [nlp.make_doc(text) for text in texts],
        "features": lambda: [embed.predict(batch) for batch in batches],
        "features and encoder": lambda: [tok2vec.predict(batch) for batch in batches],
        "decoding": tags.argmax,
        "confidences": lambda: tags.span_probability(spans),
        "writing entities": lambda: pipe.set_annotations([d.copy() for d in docs], analyses),
        "whole": lambda: list(nlp.pipe([doc.copy() for doc in docs])),
    }


def _training(nlp: Language, examples: list[Example]) -> Timed:
    pipe: Any = nlp.get_pipe(NAME)
    optimizer = nlp.resume_training()
    batches = list(minibatch(examples, 3))
    scored = [(batch, pipe.model.predict([eg.predicted for eg in batch])) for batch in batches]

    def learn(**kwargs: Any) -> None:
        for batch in batches:
            nlp.update(batch, drop=0.5, **kwargs)

    return {
        "loss and its gradient": lambda: [pipe.get_loss(*each) for each in scored],
        "without the optimizer": lambda: learn(sgd=False),
        "whole": lambda: learn(sgd=optimizer),
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    typer.run(main)
