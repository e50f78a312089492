"""Each document judged by models that were trained without it, and without texts like it."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_nlp
from spacy.util import load_model
from thinc.api import Config

from ..corpora.annotated import AnnotatedText
from ..corpora.files import write_whole
from ..corpora.split import folds, set_aside
from ..evaluation.held_out import find_recognizer
from ..evaluation.temperature import TEMPERATURES, best_temperature, sequence_losses
from ..training.choose import apply
from .documents import Document
from .judge import Judgement, examples_of, judge, mean, pack

_FACTORY = "bilstm_crf_ner"


@dataclass(frozen=True)
class FoldOptions:
    """How models are trained that judge what they have not seen.

    folds: parts of the corpus; each is judged by a model of the others.
    repeats: do all that so many times, divided and initialized by other seeds.
    seed: of the first time.
    dev_share: of what a model is trained on, by source: to choose its best step by, and its
        temperature.
    calibrate: whether probabilities are calibrated on that.
    gpu_id: -1 for the CPU.
    """

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    dev_share: float = 0.1
    calibrate: bool = True
    gpu_id: int = -1


def judge_by_folds(
    documents: Sequence[Document],
    config: Config,
    folder: Path,
    options: FoldOptions,
    on_fold: Callable[[int, int, bool], None] = lambda nth, total, is_kept: None,
) -> list[Judgement]:
    """Judge each document by models that have not seen it: the mean over the repeats.

    config: of a training with a bilstm_crf_ner, whatever its paths.
    folder: where what a fold has given is kept, so that it is not trained again.
    on_fold: called before each fold: which it is, from 1, of how many, and whether it is kept.
    RAISES: ValueError if there are too few sources, or the config has no such component.
    """
    component = _component_of(config)
    texts = [document.text for document in documents]
    labels = sorted({ent.label_ for document in documents for ent in document.doc.ents})
    config = apply(config, {f"initialize.components.{component}.labels": labels})
    judged: list[list[Judgement]] = [[] for _ in documents]
    for repeat in range(options.repeats):
        seed = options.seed + repeat
        own = apply(config, {"training.seed": seed})
        for nth, held in enumerate(folds(texts, options.folds, seed)):
            inside = set(held)
            rest = [i for i in range(len(texts)) if i not in inside]
            train, dev = _set_aside([texts[i] for i in rest], options, seed)
            parts = [[documents[rest[i]].doc for i in part] for part in (train, dev)]
            docs = [documents[i].doc for i in held]
            name = f"{repeat + 1}-{nth + 1}"
            kept = folder / f"{name}.json.gz"
            key = _fingerprint(own, [*parts, docs], options)
            found = _read(kept, key)
            total = options.folds * options.repeats
            on_fold(repeat * options.folds + nth + 1, total, found is not None)
            if found is None:
                found = _train_and_judge(own, parts, docs, folder / name, options)
                record = {"key": key, "judgements": [own.to_record() for own in found]}
                write_whole(kept, gzip.compress(json.dumps(record).encode(), mtime=0))
            for i, judgement in zip(held, found):
                judged[i].append(judgement)
    return [mean(own) for own in judged]


def _component_of(config: Config) -> str:
    for name, block in config.get("components", {}).items():
        if block.get("factory") == _FACTORY:
            return str(name)
    raise ValueError(
        f"The config has no {_FACTORY}, whose probabilities the audit is made of. Leave out "
        "--config to have one chosen."
    )


def _set_aside(texts: Sequence[AnnotatedText], options: FoldOptions, seed: int) -> list[list[int]]:
    try:
        return set_aside(texts, [options.dev_share], seed)
    except ValueError as error:
        raise ValueError(
            f"There are too few documents for {options.folds} folds: give more texts, or fewer "
            "--folds. Texts that are alike, or of one source, count once."
        ) from error


def _fingerprint(config: Config, parts: Sequence[Sequence[Doc]], options: FoldOptions) -> str:
    """What the result of a fold depends on."""
    digest = hashlib.sha256(config.to_str(interpolate=False).encode())
    digest.update(repr((options.calibrate, [len(part) for part in parts])).encode())
    for part in parts:
        digest.update(pack(part).to_bytes())
    return digest.hexdigest()


def _read(path: Path, key: str) -> list[Judgement] | None:
    """What a fold has given, None if it has not, was of other texts or another config, or is
    damaged."""
    with suppress(OSError, EOFError, ValueError, KeyError, TypeError):
        record = json.loads(gzip.decompress(path.read_bytes()))
        if record["key"] == key:
            return [Judgement.from_record(own) for own in record["judgements"]]
    return None


def _train_and_judge(
    config: Config,
    parts: Sequence[Sequence[Doc]],
    docs: Sequence[Doc],
    folder: Path,
    options: FoldOptions,
) -> list[Judgement]:
    shutil.rmtree(folder, ignore_errors=True)  # of an audit that was killed
    folder.mkdir(parents=True)
    try:
        nlp = train(config, parts, folder, options)
        return judge(nlp, docs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def train(
    config: Config, parts: Sequence[Sequence[Doc]], folder: Path, options: FoldOptions
) -> Language:
    """Train a config in a folder, and load the best model, calibrated where the options say so.

    parts: gold-standard docs to learn from, and those to choose the best step by.
    """
    places: dict[str, str | None] = {"paths.history": None}
    for name, docs in zip(("train", "dev"), parts):
        path = folder / f"{name}.spacy"
        pack(docs).to_disk(path)
        # Also where a config names its files elsewhere: nothing else may be learned from.
        places[f"paths.{name}"] = str(path)
        places[f"{config['training'][f'{name}_corpus']}.path"] = str(path)
    nlp = init_nlp(apply(config, places), use_gpu=options.gpu_id)
    train_nlp(nlp, folder, use_gpu=options.gpu_id, stdout=sys.stdout, stderr=sys.stderr)
    nlp = load_model(folder / "model-best")
    if options.calibrate:
        calibrate_on(nlp, parts[1])
    return nlp


def calibrate_on(nlp: Language, docs: Sequence[Doc]) -> None:
    """Set the temperature that makes the annotation of docs most likely, if there is one."""
    name, pipe = find_recognizer(nlp)
    examples = examples_of(docs, nlp)
    try:
        losses = sequence_losses(nlp, name, examples, TEMPERATURES)
        pipe.cfg["temperature"] = best_temperature(losses)
    except ValueError:  # too few errors or entities to tell
        pipe.cfg["temperature"] = 1.0
