"""From annotated texts to a trained pipeline, its scores and a report, in one command."""

import sys
from contextlib import suppress
from pathlib import Path

import srsly
import typer
from spacy.cli._util import setup_gpu, show_validation_error
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_nlp
from thinc.api import Config
from wasabi import msg

from ..corpora.convert import convert_corpus, read_files
from ..corpora.converted import open_corpus
from ..corpora.files import make_room, write_whole
from ..corpora.inputs import find_inputs
from ..corpora.rurebus import unpack
from ..corpora.untrained import read_config, untrained_pipeline
from ..training.choose import Chosen, apply
from ..training.resume import find_saved, fingerprint, remove_saved, resumable
from . import options
from .calibrate import calibrate_on_dev
from .convert import print_conversion
from .evaluate import evaluate_cli
from .init import choose_for, format_config, print_choices
from .report import report_cli


def train_cli(
    corpus: Path = typer.Argument(
        ..., help="A file of annotated texts, or a folder of them, as for `convert`"
    ),
    output: Path = typer.Argument(..., help="Folder for all that comes of it"),
    lang: options.Lang = None,
    size: options.Size = "default",
    vectors: options.Vectors = None,
    minutes: options.Minutes = None,
    gpu_id: options.GpuId = -1,
    seed: int = typer.Option(0, help="Seed of the training, and of what is set aside"),
    format: options.Format = None,
    unit: options.Unit = "auto",
    word_column: options.WordColumn = None,
    tag_column: options.TagColumn = None,
    text_field: options.TextField = None,
    spans_field: options.SpansField = None,
    label_field: options.LabelField = None,
    offsets: options.Offsets = "characters",
    annotator: options.Annotator = None,
    overlaps: options.OverlapsOption = "longest",
    retokenize: options.Retokenize = False,
    dev_share: options.DevShare = 0.1,
    test_share: options.TestShare = 0.1,
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
    again. Confidences of entities are calibrated on dev, as `calibrate` does. An interrupted
    training goes on with --resume from its last evaluation, with the same result on one thread.
    """
    is_new, config_is_new = not output.exists(), False
    try:
        read = options.read_options(
            word_column=word_column,
            tag_column=tag_column,
            unit=unit,
            offsets=offsets,
            annotator=annotator,
            text_field=text_field,
            spans_field=spans_field,
            label_field=label_field,
        )
        how = options.convert_options(
            read,
            format=format,
            overlaps=overlaps,
            retokenize=retokenize,
            dev_share=dev_share,
            test_share=test_share,
            seed=seed,
        )
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
            _check_unused(config, lang=lang, size=size, vectors=vectors, minutes=minutes)
            msg.info(f"{config} is there, and is used as it is")
        else:
            inputs = find_inputs(corpus, format)
            chosen = choose_for(
                list(read_files(inputs.format, inputs.files["train"], read)),
                lang=lang,
                size=size,
                vectors=vectors,
                minutes=minutes,
                gpu=gpu_id >= 0,
                seed=seed,
            )
            print_choices(chosen)
            write_whole(config, format_config(_with_paths(chosen, output)).encode())
            config_is_new = True
        if resume:
            open_corpus(output / "corpus")
        else:
            msg.divider("Corpus")
            nlp = untrained_pipeline(config)
            converted = convert_corpus(corpus, output / "corpus", nlp, how)
            print_conversion(converted, output / "corpus", how)
        msg.divider("Training")
        setup_gpu(gpu_id, silent=True)
        with show_validation_error(config):
            nlp = init_nlp(_with_corpus(read_config(config), output), use_gpu=gpu_id)
        files = [output / "corpus" / f"{name}.spacy" for name in ("train", "dev")]
        config_is_new = False  # from here on, --resume needs it
        _train(nlp, output, gpu_id, resumable(nlp, output, fingerprint(nlp, files), saved))
    except (ValueError, OSError, ImportError) as error:
        if config_is_new:  # for another corpus, another one is to be chosen
            config.unlink(missing_ok=True)
        if is_new:
            with suppress(OSError):  # there is a corpus
                output.rmdir()
        msg.fail("No pipeline can be trained", str(error), exits=1)
    model, folder = output / "model-best", output / "corpus"
    calibrate_on_dev(model, folder)
    msg.divider("Scores")
    evaluate_cli(
        model, folder, output / "metrics.json", output / "predictions", seqeval=False, gpu_id=gpu_id
    )
    scores = srsly.read_json(output / "metrics.json")
    report_cli(
        model,
        folder,
        output / "report.html",
        split=None,
        history=output / "history.jsonl",
        gpu_id=gpu_id,
    )
    if not scores.get("ents_f", scores.get("cats_score")):
        msg.warn(
            f"{model} finds nothing that is right",
            "Are there enough annotated texts, and time to learn them?",
        )
    remove_saved(output)  # not before: whatever is interrupted goes on
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


def _check_unused(config: Path, *, size: str, **others: object) -> None:
    """RAISES: ValueError if an option is given that only a new config has a use for."""
    given = [name for name, value in others.items() if value is not None]
    if size != "default":
        given.append("size")
    if given:
        raise ValueError(
            f"{config} is there, and is used as it is: --{given[0]} would do nothing. Edit it, or "
            "remove it to have another one chosen."
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
        if find_saved(output) is None:
            msg.fail(
                "Interrupted before the first evaluation: there is nothing to go on with", exits=1
            )
        msg.fail(f"Interrupted: --resume goes on, and {output / 'model-best'} can be used", exits=1)
