"""Commands: `python -m spacy bilstm-crf COMMAND`."""

import typer
from spacy.cli._util import app

from .analyze import analyze_cli
from .audit import audit_cli
from .calibrate import calibrate_cli
from .convert import convert_cli
from .evaluate import evaluate_cli
from .export import export_cli
from .fetch import fetch_cli
from .init import init_cli
from .predict import predict_cli
from .redact import redact_cli
from .report import report_cli
from .sample import sample_cli
from .score import score_cli
from .serve import serve_cli
from .suggest import suggest_cli
from .sweep import SETTINGS, sweep_cli
from .train import train_cli
from .try_it import try_cli
from .tune import tune_cli
from .vectors import vectors_cli

cli = typer.Typer(
    name="bilstm-crf",
    help="Commands of spacy-bilstm-crf",
    no_args_is_help=True,
    add_completion=False,
)
cli.command("analyze")(analyze_cli)
cli.command("audit")(audit_cli)
cli.command("calibrate")(calibrate_cli)
cli.command("convert")(convert_cli)
cli.command("evaluate")(evaluate_cli)
cli.command("export")(export_cli)
cli.command("fetch")(fetch_cli)
cli.command("init")(init_cli)
cli.command("predict")(predict_cli)
cli.command("redact")(redact_cli)
cli.command("report")(report_cli)
cli.command("sample")(sample_cli)
cli.command("score")(score_cli)
cli.command("serve")(serve_cli)
cli.command("suggest")(suggest_cli)
cli.command("sweep", context_settings=SETTINGS)(sweep_cli)
cli.command("train")(train_cli)
cli.command("try")(try_cli)
cli.command("tune")(tune_cli)
cli.command("vectors")(vectors_cli)
app.add_typer(cli)
