"""How well an audit finds errors: planted ones, and those of a corpus that others have corrected.

    python -m benchmarks.accuracy.audit planted CORPUS CONFIG --work FOLDER --seeds 0,1,2
    python -m benchmarks.accuracy.audit corrected CORPUS CONFIG FILE --work FOLDER --seeds 0,1,2

CORPUS is a folder with train.spacy, dev.spacy and test.spacy. "planted" plants errors of each kind
into train and dev, as many as a share of the entities; models are trained on train and judge dev.
"corrected" judges test as it is; FILE has the same tokens, one a line, with corrected tags last. In
both, a tenth of train is set aside to choose the best step and the temperature by.

Areas under precision and recall are average precisions. Findings are ranked by their suspicion, and
right at a planted error; sentences by several scores, and right if they have one. Beside ours are
those of cleanlab (https://github.com/cleanlab/cleanlab), where it is installed, on the same
probabilities: of tags, or summed to those of labels. Results: results/audit-NAME.json.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from spacy.cli._util import _parse_override
from spacy.language import Language
from spacy.util import load_model
from wasabi import msg

from benchmarks.accuracy.planted import KINDS, Place, plant
from benchmarks.common import machine, write_result
from spacy_bilstm_crf.audit.documents import Document, make_documents, read_texts
from spacy_bilstm_crf.audit.findings import Doubt, by_sentence, find_doubts, suspicion_of
from spacy_bilstm_crf.audit.folds import FoldOptions, train
from spacy_bilstm_crf.audit.judge import Judgement, examples_of, judge, mean
from spacy_bilstm_crf.audit.usual import EQUAL, usual_of
from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.make_doc import read_back
from spacy_bilstm_crf.corpora.split import set_aside
from spacy_bilstm_crf.corpora.untrained import read_config, untrained_pipeline
from spacy_bilstm_crf.evaluation.held_out import find_recognizer, tag_examples
from spacy_bilstm_crf.pipeline.alignment import gold_tag_ids, join_across_entities
from spacy_bilstm_crf.training.choose import apply

app = typer.Typer()
Floats = NDArray[np.float64]
CORPUS = typer.Argument(..., help="Folder with train.spacy, dev.spacy and test.spacy")
CONFIG = typer.Argument(..., help="Training config")
WORK = typer.Option(..., help="Folder that trained pipelines are kept in")
SEEDS = typer.Option("0", help="Of the trainings, with commas between")
OVERRIDE = typer.Option([], help="Of the config, KEY=VALUE")
GPU = typer.Option(-1, help="GPU, -1 for the CPU")


class Read(NamedTuple):
    """What models say of a document: a judgement; of each token the probability of each tag, and
    the gold tag; and of each sentence the probability of its gold tags."""

    judgement: Judgement
    marginals: Floats
    gold: NDArray[np.int64]
    sequences: Floats


@app.command()
def planted(
    corpus: Path = CORPUS,
    config: Path = CONFIG,
    work: Path = WORK,
    seeds: str = SEEDS,
    share: float = typer.Option(0.05, help="Errors of each kind, as a share of the entities"),
    override: list[str] = OVERRIDE,
    gpu_id: int = GPU,
) -> None:
    """Measure how well planted errors are found."""
    about = {**machine(gpu_id), "corpus": corpus.name, "config": config.name, "seeds": seeds}
    documents = _documents(corpus, config)
    noisy, errors = [], []
    for split, seed in (("train", 1), ("dev", 2)):
        own = [document for document in documents if document.split == split]
        for document, (doc, wrong) in zip(own, plant([d.doc for d in own], share, seed)):
            noisy.append(replace(document, doc=doc))
            errors.append(wrong)
    dev = [i for i, document in enumerate(noisy) if document.split == "dev"]
    name = f"planted-{corpus.name}"
    models = [
        _model(noisy, config, work / f"{name}-{config.stem}", seed, override, gpu_id)
        for seed in seeds.split(",")
    ]
    judged, planted_in = [noisy[i] for i in dev], [errors[i] for i in dev]
    by_sentence = [
        [
            {kind for (start, _), kind in own.items() if s.first <= start < s.last}
            for s in d.sentences
        ]
        for d, own in zip(judged, planted_in)
    ]
    flat = [kinds for own in by_sentence for kinds in own]
    result: dict[str, Any] = {**about, "share": share, "sentences": len(flat)}
    result["errors"] = {
        kind: sum(k == kind for own in planted_in for k in own.values()) for kind in KINDS
    }
    for calibrated in (False, True):
        reads = _read(models, judged, calibrated=calibrated)
        key = "calibrated" if calibrated else "as trained"
        result[key] = {
            "temperatures": [round(find_recognizer(m)[1].cfg["temperature"], 3) for m in models],
            "findings": _rank_findings(judged, planted_in, reads),
            "sentences": {
                method: _by_kind(scores, flat) for method, scores in _sentence_scores(judged, reads)
            },
        }
    msg.good(f"{write_result(f'audit-{name}', result)}: {result}")


@app.command()
def corrected(
    corpus: Path = CORPUS,
    config: Path = CONFIG,
    file: Path = typer.Argument(..., help="The tokens of test, with corrected tags"),
    work: Path = WORK,
    seeds: str = SEEDS,
    override: list[str] = OVERRIDE,
    gpu_id: int = GPU,
) -> None:
    """Measure how well the errors of test are found."""
    about = {**machine(gpu_id), "corpus": corpus.name, "config": config.name, "seeds": seeds}
    documents = _documents(corpus, config)
    test = [document for document in documents if document.split == "test"]
    is_wrong = list(_corrections(file, test))
    models = [
        _model(documents, config, work / f"{corpus.name}-{config.stem}", seed, override, gpu_id)
        for seed in seeds.split(",")
    ]
    result: dict[str, Any] = {**about, "sentences": len(is_wrong), "wrong": int(sum(is_wrong))}
    for calibrated in (False, True):
        key = "calibrated" if calibrated else "as trained"
        alone = [
            dict(_sentence_scores(test, _read([m], test, calibrated=calibrated))) for m in models
        ]
        together = dict(_sentence_scores(test, _read(models, test, calibrated=calibrated)))
        result[key] = {
            "temperatures": [round(find_recognizer(m)[1].cfg["temperature"], 3) for m in models],
            "sentences": {
                method: {
                    **_measure(scores, is_wrong),
                    "one model": [_measure(own[method], is_wrong)["area"] for own in alone],
                }
                for method, scores in together.items()
            },
        }
    msg.good(f"{write_result(f'audit-corrected-{config.stem}', result)}: {result}")


def _documents(corpus: Path, config: Path) -> list[Document]:
    return make_documents(read_texts(corpus, ReadOptions()), untrained_pipeline(config))


def _model(
    documents: Sequence[Document],
    config: Path,
    work: Path,
    seed: str,
    override: Sequence[str],
    gpu_id: int,
) -> Language:
    """The model of a seed: trained on the documents of train, or kept."""
    folder = work / seed
    if (folder / "meta.json").exists():
        return load_model(folder)
    folder.mkdir(parents=True, exist_ok=True)
    docs = [document.doc for document in documents if document.split == "train"]
    parts = set_aside([read_back(doc) for doc in docs], [0.1], int(seed))
    pairs = dict(pair.split("=", 1) for pair in override)
    settings = {"training.seed": int(seed)} | {k: _parse_override(v) for k, v in pairs.items()}
    nlp = train(
        apply(read_config(config), settings),
        [[docs[i] for i in part] for part in parts],
        folder,
        FoldOptions(gpu_id=gpu_id),
    )
    nlp.to_disk(folder)
    return nlp


def _read(
    models: Sequence[Language], documents: Sequence[Document], *, calibrated: bool
) -> list[Read]:
    """What models say of documents, in the mean."""
    docs = [document.doc for document in documents]
    found: list[list[Read]] = [[] for _ in docs]
    for nlp in models:
        name, pipe = find_recognizer(nlp)
        temperature = pipe.cfg["temperature"] if calibrated else 1.0
        with pipe.cfg.changed(temperature=temperature):
            for own, document, judgement, eg in zip(
                found, documents, judge(nlp, docs), examples_of(docs, nlp)
            ):
                (tagged,) = tag_examples(nlp, name, [eg], last=False)
                gold = gold_tag_ids([eg], pipe.labels, name=name)
                tags = pipe.distribution([tagged])
                tags = tags.with_lengths(join_across_entities(tags.lengths, gold))
                starts = np.cumsum(tags.lengths) - tags.lengths
                first = [sentence.first for sentence in document.sentences]
                of = np.searchsorted(starts, first, side="right") - 1
                sequences = np.exp(tags.log_likelihood(gold))[of]
                own.append(Read(judgement, tags.marginals(), gold, sequences))
    return [
        Read(
            mean([read.judgement for read in own]),
            np.mean([read.marginals for read in own], axis=0),
            own[0].gold,
            np.mean([read.sequences for read in own], axis=0),
        )
        for own in found
    ]


def _sentence_scores(
    documents: Sequence[Document], reads: Sequence[Read]
) -> Iterator[tuple[str, Floats]]:
    """Scores of all sentences, by name: the higher, the more suspicious."""
    scores: dict[str, list[float]] = {}
    marginals: list[Floats] = []
    gold: list[NDArray[np.int64]] = []
    usual = usual_of(documents, [read.judgement for read in reads])
    for document, read in zip(documents, reads):
        doubts = by_sentence(document, find_doubts(document, read.judgement, usual))
        for nth, (s, own) in enumerate(zip(document.sentences, doubts)):
            p, tags = read.marginals[s.first : s.last], read.gold[s.first : s.last]
            marginals.append(p)
            gold.append(tags)
            right = p[np.arange(len(p)), tags]
            others = np.where(np.eye(p.shape[1], dtype=bool)[tags], -1.0, p)
            for name, score in {
                "suspicion": suspicion_of(own),
                "probabilities": max(map(_lead, own), default=0.0),
                "margin of tags": float((others.max(axis=1) - right).max()),
                "least tag": 1.0 - float(right.min()),
                "all tags": 1.0 - read.sequences[nth],
                "entities": max(map(_entity_score, own), default=0.0),
                "suggestions": max((d.suggested_probability for d in own), default=0.0),
            }.items():
                scores.setdefault(name, []).append(score)
    yield from ((name, np.array(own)) for name, own in scores.items())
    yield from _cleanlab_scores(gold, marginals)


def _lead(doubt: Doubt) -> float:
    """The suspicion if nothing is usual."""
    p, q = doubt.gold_probability, doubt.suggested_probability
    return EQUAL.suspicion(doubt.gold, doubt.suggested, p, q)


def _entity_score(doubt: Doubt) -> float:
    p = doubt.suggested_probability
    return p if doubt.gold is None else 1.0 - doubt.gold_probability


def _cleanlab_scores(
    gold: Sequence[NDArray[np.int64]], marginals: Sequence[Floats]
) -> Iterator[tuple[str, Floats]]:
    try:
        from cleanlab.token_classification.rank import get_label_quality_scores
    except ImportError:
        return
    label = (np.arange(marginals[0].shape[1]) + 3) // 4  # O, and B, I, L and U of each label
    summed = [
        np.stack([p[:, label == k].sum(axis=1) for k in np.unique(label)], 1) for p in marginals
    ]
    for of, classes, probabilities in (
        ("tags", gold, marginals),
        ("labels", [label[own] for own in gold], summed),
    ):
        for method in ("min", "softmin"):
            labels = [own.tolist() for own in classes]
            found, _ = get_label_quality_scores(
                labels, list(probabilities), sentence_score_method=method
            )
            yield f"cleanlab {method}, {of}", 1.0 - np.asarray(found)


def _rank_findings(
    documents: Sequence[Document], errors: Sequence[dict[Place, str]], reads: Sequence[Read]
) -> dict[str, Any]:
    """How findings are ranked, by each of some scores; an error that nothing is at is lost."""
    ways: dict[str, Callable[[Doubt], float]] = {
        "suspicion": lambda doubt: doubt.suspicion,
        "probabilities": _lead,
        "suggestion": lambda doubt: doubt.suggested_probability,
        "one minus gold": lambda doubt: 1.0 - doubt.gold_probability,
        "one minus gold entity, or suggestion": _entity_score,
    }
    scores: dict[str, list[float]] = {way: [] for way in ways}
    kinds: list[set[str]] = []
    usual = usual_of(documents, [read.judgement for read in reads])
    for document, wrong, read in zip(documents, errors, reads):
        left = dict(wrong)
        doubts = find_doubts(document, read.judgement, usual)
        for doubt in sorted(doubts, key=lambda own: -own.suggested_probability):
            at = doubt.gold or doubt.suggested
            assert at is not None
            if doubt.gold:
                kind = wrong.get(at[:2])
                kind = None if kind == "missing" else kind
            else:
                missed = [
                    p for p, k in left.items() if k == "missing" and at[0] < p[1] and p[0] < at[1]
                ]
                kind = left.pop(missed[0]) if missed else None
            kinds.append({kind} if kind else set())
            for way, score in ways.items():
                scores[way].append(score(doubt))
    totals = {kind: sum(k == kind for own in errors for k in own.values()) for kind in KINDS}
    return {way: _by_kind(np.array(own), kinds, totals) for way, own in scores.items()}


def _by_kind(
    scores: Floats, kinds: Sequence[set[str]], totals: dict[str, int] | None = None
) -> dict[str, Any]:
    """The measures of all, and of each kind, among what is right or of that kind."""
    any_wrong = np.array([bool(own) for own in kinds])
    result = {"all": _measure(scores, any_wrong, sum(totals.values()) if totals else None)}
    for kind in KINDS:
        own = np.array([kind in k for k in kinds])
        among = own | ~any_wrong
        result[kind] = _measure(scores[among], own[among], totals[kind] if totals else None)
    return result


def _measure(
    scores: Floats, is_wrong: Sequence[bool] | NDArray[np.bool_], total: int | None = None
) -> dict[str, float]:
    """The area under precision and recall, and the precision at the number of errors.

    total: how many errors there are; by default as many as are among what is scored.
    """
    order = np.argsort(-scores, kind="stable")
    right = np.asarray(is_wrong, dtype=bool)[order]
    n = int(right.sum()) if total is None else total
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return {
        "area": round(float(precision[right].sum() / n), 4),
        "precision": round(float(right[:n].sum() / n), 4),
    }


def _corrections(file: Path, documents: Sequence[Document]) -> Iterator[bool]:
    """Whether each sentence of documents has been corrected."""
    rows = iter([line.split() for line in file.read_text(encoding="utf-8").split("\n")])
    words = (row for row in rows if row and row[0] != "-DOCSTART-")
    for document in documents:
        for s in document.sentences:
            own = list(zip(document.doc[s.first : s.last], words))
            for token, row in own:
                if token.text != row[0]:
                    raise ValueError(f"{file} has {row[0]!r} in the place of {token.text!r}.")
            gold = [(f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O") for t, _ in own]
            yield gold != _iob2([row[-1] for _, row in own])


def _iob2(tags: Sequence[str]) -> list[str]:
    before = "O"
    result = []
    for tag in tags:
        is_first = tag[:1] == "I" and before[1:] != tag[1:]
        result.append(f"B{tag[1:]}" if is_first else tag)
        before = tag
    return result


if __name__ == "__main__":
    app()
