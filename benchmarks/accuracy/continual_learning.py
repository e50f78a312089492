"""What a trained pipeline forgets when it learns a new label.

    python -m benchmarks.accuracy.continual_learning CONFIG CORPUS [--label MISC] [--steps 4000]
        [--updates 300]

A pipeline is trained on all labels but one. Then `add_label` adds that, and a tenth of the training
docs, where only the new label is annotated, teaches it: the old entities there are either taken as
none, or unknown. Both without and with `nlp.rehearse` on the raw text of the other docs.
"""

import random
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example, minibatch_by_words
from thinc.api import fix_random_seed
from tqdm import tqdm
from wasabi import msg

from benchmarks.accuracy.scores import entity_keys, percent_f1
from benchmarks.common import (
    NAME,
    WHOLE_DOCS,
    machine,
    read_examples,
    rewrite_docs,
    write_result,
)
from spacy_bilstm_crf.training.runs import config_hash, train_run

WORDS = 350  # of a batch, as the config has


def main(
    config: Path = typer.Argument(..., help="Training config"),
    corpus: Path = typer.Argument(..., help="Folder that `convert` wrote"),
    label: str = typer.Option("MISC", help="The label that comes later"),
    steps: int = typer.Option(4000, help="Training steps of the first pipeline"),
    updates: int = typer.Option(300, help="Updates with the new label"),
    seed: int = typer.Option(0, help="Seed of both"),
) -> None:
    """Measure the old labels before and after a new one is learned."""
    setting = machine()
    result: dict[str, Any] = {
        "corpus": corpus.name,
        "config": config.name,
        "config_hash": config_hash(config),
        "label": label,
        "steps": steps,
        "updates": updates,
        "seed": seed,
        **setting,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for split in ("train", "dev"):
            _without(label, corpus / f"{split}.spacy", folder / f"{split}.spacy")
        settings = {f"paths.{split}": str(folder / f"{split}.spacy") for split in ("train", "dev")}
        settings |= {"system.seed": str(seed)}
        settings |= {"training.optimizer.learn_rate.total_steps": str(steps)}
        train_run(config, settings, folder)
        nlp = spacy.load(folder / "model-best")
        result["before"] = _score(nlp, corpus, label)
        msg.good(f"before: {result['before']}")
        for rest in ("none", "unknown"):
            for rehearse in (False, True):
                nlp = spacy.load(folder / "model-best")
                _learn(nlp, corpus, label, rest, rehearse, updates, seed)
                key = f"others {rest}, {'with' if rehearse else 'without'} rehearse"
                result[key] = _score(nlp, corpus, label)
                msg.good(f"{key}: {result[key]}")
    write_result(f"continual-learning-{corpus.name}", result)


def _without(label: str, path: Path, output: Path) -> None:
    def change(doc: Doc) -> None:
        doc.set_ents([ent for ent in doc.ents if ent.label_ != label], default="outside")

    rewrite_docs(path, output, change)


def _learn(
    nlp: Language, corpus: Path, label: str, rest: str, rehearse: bool, updates: int, seed: int
) -> None:
    fix_random_seed(seed)
    nlp.get_pipe(NAME).add_label(label)  # type: ignore[attr-defined]
    examples = read_examples(nlp, corpus / "train.spacy", WHOLE_DOCS)
    random.Random(seed).shuffle(examples)
    size = len(examples) // 10
    for eg in examples[:size]:
        ents = [ent for ent in eg.reference.ents if ent.label_ == label]
        others = [ent for ent in eg.reference.ents if ent.label_ != label]
        missing = others if rest == "unknown" else []
        eg.reference.set_ents(ents, missing=missing, default="outside")
    raw = [Example(eg.predicted, eg.predicted.copy()) for eg in examples[size:]]
    new, old = (iter(minibatch_by_words(cycle(egs), WORDS)) for egs in (examples[:size], raw))
    optimizer = nlp.resume_training()
    for batch in tqdm(islice(new, updates), total=updates, unit=" updates", disable=None):
        nlp.update(batch, sgd=optimizer, drop=0.5)
        if rehearse:
            nlp.rehearse(next(old), sgd=optimizer)


def _score(nlp: Language, corpus: Path, label: str) -> dict[str, float]:
    """F1 on test in percent: of the old labels together, and of the new one."""
    scores = {}
    for key, chosen in (("old_f", False), ("new_f", True)):
        right = found = expected = 0
        for doc, gold in _tagged(nlp, corpus):
            ours, theirs = (
                entity_keys(ent for ent in each.ents if (ent.label_ == label) == chosen)
                for each in (doc, gold)
            )
            right += len(ours & theirs)
            found += len(ours)
            expected += len(theirs)
        scores[key] = percent_f1(right, found, expected, 2)
    return scores


def _tagged(nlp: Language, corpus: Path) -> Iterator[tuple[Doc, Doc]]:
    examples = read_examples(nlp, corpus / "test.spacy", WHOLE_DOCS)
    return zip(nlp.pipe(eg.predicted.copy() for eg in examples), [e.reference for e in examples])


if __name__ == "__main__":
    typer.run(main)
