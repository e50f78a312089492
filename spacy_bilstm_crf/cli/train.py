"""From annotated texts to a trained pipeline, its scores and a report, in one command."""

import sys
from itertools import chain
from pathlib import Path

import typer
from spacy.cli._util import setup_gpu, show_validation_error
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_nlp
from thinc.api import Config
from wasabi import msg

from ..corpora.annotated import ReadOptions
from ..corpora.convert import ConvertOptions, convert_corpus
from ..corpora.converted import open_corpus
from ..corpora.files import make_room, write_whole
from ..corpora.formats import FORMATS
from ..corpora.inputs import find_inputs
from ..corpora.rurebus import unpack
from ..corpora.untrained import read_config, untrained_pipeline
from ..training.choose import Chosen, apply
from ..training.resume import find_saved, fingerprint, remove_saved, resumable
from .convert import print_conversion
from .evaluate import evaluate_cli
from .init import choose_for, format_config, print_choices
from .report import report_cli


def train_cli(
    corpus: Path = typer.Argument(
        ..., help="A file of annotated texts, or a folder of them, as for `convert`"
    ),
    output: Path = typer.Argument(..., help="Folder for all that comes of it"),
    lang: str | None = typer.Option(
        None, "--lang", "-l", help="Language code; by default found by the words"
    ),
    size: str = typer.Option("default", help="fast, default or best"),
    vectors: str | None = typer.Option(None, help="A pipeline with word vectors"),
    minutes: float | None = typer.Option(
        None, min=0.0, help="Train no longer, by the time of some steps on this machine"
    ),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
    seed: int = typer.Option(0, help="Seed of the training, and of what is set aside"),
    format: str | None = typer.Option(None, "--format", "-f", help="Format, as for `convert`"),
    retokenize: bool = typer.Option(False, "--retokenize", help="As for `convert`"),
    resume: bool = typer.Option(
        False, "--resume", help="Go on with a training that was interrupted"
    ),
    force: bool = typer.Option(
        False, "--force", help="Train anew where there is a pipeline; config.cfg stays"
    ),
) -> None:
    """Train a pipeline on a corpus of any format: look at it, convert it, train, evaluate, report.

    The output gets config.cfg (as `init` writes it; one that is there is used as it is), corpus/
    (as `convert` writes it), model-best/, metrics.json and report.html. Each can be edited and made
    again. An interrupted training goes on with --resume from its last evaluation, with the same
    result on one thread.
    """
    try:
        make_room(output, folder=True)
        saved = find_saved(output)
        _check_begin(output, resume=resume, force=force, is_interrupted=saved is not None)
        if not resume:
            remove_saved(output)
            saved = None
        for archive in unpack(corpus):
            msg.warn(f"{archive} holds other files than those our figures were measured on")
        config = output / "config.cfg"
        msg.divider("Config")
        if config.exists():
            msg.info(f"{config} is there, and is used as it is")
        else:
            inputs = find_inputs(corpus, format)
            reader = FORMATS[inputs.format]
            paths = inputs.files["train"]
            texts = chain.from_iterable(reader.read(path, ReadOptions()) for path in paths)
            chosen = choose_for(
                list(texts),
                lang=lang,
                size=size,
                vectors=vectors,
                minutes=minutes,
                gpu=gpu_id >= 0,
                seed=seed,
            )
            print_choices(chosen)
            write_whole(config, format_config(_with_paths(chosen, output)).encode())
        if resume:
            open_corpus(output / "corpus")
        else:
            msg.divider("Corpus")
            options = ConvertOptions(format=format, retokenize=retokenize, seed=seed)
            nlp = untrained_pipeline(config)
            converted = convert_corpus(corpus, output / "corpus", nlp, options)
            print_conversion(converted, output / "corpus", options)
        msg.divider("Training")
        setup_gpu(gpu_id, silent=True)
        with show_validation_error(config):
            nlp = init_nlp(_with_corpus(read_config(config), output), use_gpu=gpu_id)
        files = [output / "corpus" / f"{name}.spacy" for name in ("train", "dev")]
        _train(nlp, output, gpu_id, resumable(nlp, output, fingerprint(nlp, files), saved))
        remove_saved(output)
    except (ValueError, OSError, ImportError) as error:
        msg.fail("No pipeline can be trained", str(error), exits=1)
    msg.divider("Scores")
    model, folder = output / "model-best", output / "corpus"
    evaluate_cli(
        model, folder, output / "metrics.json", output / "predictions", seqeval=False, gpu_id=gpu_id
    )
    report_cli(
        model,
        folder,
        output / "report.html",
        split=None,
        history=output / "history.jsonl",
        gpu_id=gpu_id,
    )
    msg.good(f"{model} is the pipeline: spacy.load({str(model)!r})")


def _check_begin(output: Path, *, resume: bool, force: bool, is_interrupted: bool) -> None:
    if resume and force:
        raise ValueError("--resume goes on, and --force begins anew: give one of them.")
    if is_interrupted and not (resume or force):
        raise ValueError(
            f"A training in {output} was interrupted: --resume goes on, --force begins anew."
        )
    if resume and not is_interrupted:
        raise ValueError(f"There is no training in {output} to go on with. Leave out --resume.")
    if (output / "model-best").exists() and not (resume or force):
        raise FileExistsError(
            f"{output} has a pipeline already: --force trains it anew, with its config.cfg as it "
            "is. Or give another folder."
        )


def _with_paths(chosen: Chosen, output: Path) -> Chosen:
    """The config with the paths of the output, so that `spacy train` needs no options."""
    paths = {
        "paths.train": str(output / "corpus" / "train.spacy"),
        "paths.dev": str(output / "corpus" / "dev.spacy"),
        "paths.history": str(output / "history.jsonl"),
    }
    return chosen._replace(config=apply(chosen.config, paths))


def _with_corpus(config: Config, output: Path) -> Config:
    """The config with the corpus of the output where it names none, as one of `init` does not.

    RAISES: ValueError if it is no config of a training.
    """
    if "training" not in config:
        raise ValueError(
            "The config has no [training]. Remove it to have one chosen, or use `init`."
        )
    paths = {name: str(output / "corpus" / f"{name}.spacy") for name in ("train", "dev")}
    own = config.get("paths", {})
    return apply(config, {f"paths.{n}": path for n, path in paths.items() if own.get(n) is None})


def _train(nlp: Language, output: Path, gpu_id: int, context: object) -> None:
    try:
        with context:  # type: ignore[attr-defined]
            train_nlp(nlp, output, use_gpu=gpu_id, stdout=sys.stdout, stderr=sys.stderr)
    except KeyboardInterrupt:
        msg.fail(f"Interrupted: --resume goes on, and {output / 'model-best'} can be used", exits=1)
