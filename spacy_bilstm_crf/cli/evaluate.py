"""A trained pipeline on the test set of a converted corpus."""

from pathlib import Path
from typing import Any

import typer
from spacy.cli._util import setup_gpu
from spacy.language import Language
from wasabi import msg

from ..corpora.converted import Corpus, open_corpus
from ..corpora.files import make_room
from ..evaluation.raw_text import score_raw_docs, score_raw_text
from ..evaluation.tagging import (
    examples_as_in_training,
    examples_of_sentences,
    seqeval_report,
)
from ..tagging.load import load_pipeline
from .counted import counted
from .options import GpuId
from .outcome import warn_of_failure
from .score import print_categories, print_scores, write_scores


def evaluate_cli(
    model: Path = typer.Argument(..., help="Path of a trained pipeline"),
    corpus_dir: Path = typer.Argument(
        ..., metavar="CORPUS", help="Folder that `convert` wrote, or of DocBins named NAME.spacy"
    ),
    output: Path = typer.Argument(..., help="JSON file for the scores"),
    predictions: Path = typer.Option(
        Path("predictions"),
        help="Folder for the .ann files of a brat corpus; those of an earlier evaluation, and no "
        "others, are replaced",
    ),
    seqeval: bool = typer.Option(
        False, "--seqeval", help="Print seqeval's report, too (pip install seqeval)"
    ),
    gpu_id: GpuId = -1,
) -> None:
    """Score a pipeline on the test set, or on dev if the corpus has no test set.

    Texts are read as the config reads its development set, in documents or sentences, with words
    and sentences given, and spaCy's scorer counts; beside it, each sentence alone, and raw text,
    in which the pipeline makes the tokens. In brat, raw text is tagged and the files scored as by
    the command `score`. DocBins that `convert` did not write are scored as others are.
    """
    try:
        make_room(output)
        corpus = open_corpus(corpus_dir)
        split = next((name for name in ("test", "dev") if name in corpus.splits), None)
        if split is None:
            raise ValueError(f"{corpus_dir} has no test.spacy or dev.spacy. Run `convert` first.")
        setup_gpu(gpu_id, silent=True)
        nlp = load_pipeline(model)
        if not corpus.is_brat:
            write_scores(output, score_docs(nlp, corpus, split, with_seqeval=seqeval))
            msg.good(f"Wrote {output}")
            return
        msg.info(f"{split}: raw text")
        scores, failed = score_raw_text(
            nlp, corpus_dir / split, predictions, on_error=warn_of_failure
        )
        write_scores(output, {"split": split, **scores})
    except (OSError, ValueError) as error:
        msg.fail("The pipeline can't be scored", str(error), exits=1)
    print_scores(scores)
    if failed:
        msg.fail(f"{counted(len(failed), 'text')} failed, such as {failed[0]}", exits=1)


def score_docs(
    nlp: Language, corpus: Corpus, split: str, *, with_seqeval: bool = False
) -> dict[str, Any]:
    """Score in the units of training, sentence by sentence, and from raw text; print all.

    RETURNS: the scores in the units of training; those of "sentences", if units have several, and
        of "raw_text" within them.
    """
    units = examples_as_in_training(nlp, corpus, split)
    alone = examples_of_sentences(nlp, corpus, split)
    scores: dict[str, Any] = {"split": split, "texts": len(units), **nlp.evaluate(units)}
    of_all = f"{counted(len(units), 'text')} of {counted(len(alone), 'sentence')}"
    msg.info(f"{split}: {of_all}, read as in training")
    if "cats_score" in scores:
        print_categories(scores)
    if "ents_f" not in scores:
        return scores
    _print_entities(scores)
    if with_seqeval:
        print(seqeval_report(nlp, units))
    if len(units) != len(alone):
        of_sentences = nlp.evaluate(alone)
        msg.info(f"{split}: each of {len(alone):,} sentences alone")
        _print_entities(of_sentences)
        scores["sentences"] = {"texts": len(alone), **of_sentences}
    docs = corpus.docs(split, nlp.vocab)
    spaces = ", put together with blanks" if any(doc.has_unknown_spaces for doc in docs) else ""
    msg.info(f"{split}: raw text{spaces}, with the pipeline's own tokens")
    scores["raw_text"] = {"texts": len(docs), **score_raw_docs(nlp, docs)}
    _print_entities(scores["raw_text"])
    return scores


def _print_entities(scores: dict[str, Any]) -> None:
    per_type = dict(sorted((scores.get("ents_per_type") or {}).items()))
    print_scores({**scores, "ents_per_type": per_type, "missing": []})
