"""How well an audit finds errors: planted ones, and those of a corpus that others have corrected.

    python -m benchmarks.accuracy.audit planted CORPUS CONFIG --work FOLDER --seeds 0,1,2
    python -m benchmarks.accuracy.audit corrected CORPUS CONFIG FILE --work FOLDER --seeds 0,1,2
    python -m benchmarks.accuracy.audit listed CORPUS CONFIG FILE SENTENCES

CORPUS is a folder with train.spacy, dev.spacy and test.spacy. "planted" plants errors of each kind
into train and dev, as many as a share of the entities; models are trained on train and judge dev.
"corrected" judges test as it is; FILE has the same tokens, one a line, with corrected tags last. In
both, a tenth of train is set aside to choose the best step and the temperature by. "listed" trains
nothing: it compares FILE with the sentences.jsonl of an audit of CORPUS by the command.

Areas under precision and recall are average precisions. Findings are ranked by their suspicion, and
right at a planted error; sentences by several scores, and right if they have one. Beside ours are
those of cleanlab (https://github.com/cleanlab/cleanlab), where it is installed, on the same
probabilities: of tags, or summed to those of labels. Results: results/audit-NAME.json.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import typer
from spacy.cli._util import _parse_override
from spacy.language import Language
from spacy.util import load_model
from wasabi import msg

from benchmarks.accuracy.audit_scores import Read, by_kind, measure, rank_findings, sentence_scores
from benchmarks.accuracy.planted import KINDS, plant
from benchmarks.common import machine, write_result
from spacy_bilstm_crf.audit.documents import Document, make_documents, read_texts
from spacy_bilstm_crf.audit.folds import FoldOptions, train
from spacy_bilstm_crf.audit.judge import examples_of, judge, mean
from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.make_doc import read_back
from spacy_bilstm_crf.corpora.split import set_aside
from spacy_bilstm_crf.corpora.untrained import read_config, untrained_pipeline
from spacy_bilstm_crf.evaluation.held_out import find_recognizer, tag_examples
from spacy_bilstm_crf.pipeline.alignment import gold_tag_ids, join_across_entities
from spacy_bilstm_crf.training.choose import apply

app = typer.Typer()
CORPUS = typer.Argument(..., help="Folder with train.spacy, dev.spacy and test.spacy")
CONFIG = typer.Argument(..., help="Training config")
CORRECTED = typer.Argument(..., help="The tokens of test, with corrected tags")
WORK = typer.Option(..., help="Folder that trained pipelines are kept in")
SEEDS = typer.Option("0", help="Of the trainings, with commas between")
OVERRIDE = typer.Option([], help="Of the config, KEY=VALUE")
GPU = typer.Option(-1, help="GPU, -1 for the CPU")


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
            "findings": rank_findings(judged, planted_in, reads),
            "sentences": {
                method: by_kind(scores, flat) for method, scores in sentence_scores(judged, reads)
            },
        }
    msg.good(f"{write_result(f'audit-{name}', result)}: {result}")


@app.command()
def corrected(
    corpus: Path = CORPUS,
    config: Path = CONFIG,
    file: Path = CORRECTED,
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
            dict(sentence_scores(test, _read([m], test, calibrated=calibrated))) for m in models
        ]
        together = dict(sentence_scores(test, _read(models, test, calibrated=calibrated)))
        result[key] = {
            "temperatures": [round(find_recognizer(m)[1].cfg["temperature"], 3) for m in models],
            "sentences": {
                method: {
                    **measure(scores, is_wrong),
                    "one model": [measure(own[method], is_wrong)["area"] for own in alone],
                }
                for method, scores in together.items()
            },
        }
    msg.good(f"{write_result(f'audit-corrected-{config.stem}', result)}: {result}")


@app.command()
def listed(
    corpus: Path = CORPUS,
    config: Path = CONFIG,
    file: Path = CORRECTED,
    sentences: Path = typer.Argument(..., help="sentences.jsonl of an audit of the corpus"),
) -> None:
    """Measure how well an audit by the command has ranked the errors of test."""
    test = [document for document in _documents(corpus, config) if document.split == "test"]
    is_wrong = np.array(list(_corrections(file, test)))
    lines = map(json.loads, sentences.read_text(encoding="utf-8").splitlines())
    scores = np.array([line["suspicion"] for line in lines if line["split"] == "test"])
    first = np.argsort(-scores, kind="stable")[:50]
    result = {
        "corpus": corpus.name,
        "config": config.name,
        "sentences": len(is_wrong),
        "wrong": int(is_wrong.sum()),
        **measure(scores, is_wrong),
        "wrong_of_first_50": int(is_wrong[first].sum()),
    }
    msg.good(f"{write_result(f'audit-listed-{config.stem}', result)}: {result}")


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
