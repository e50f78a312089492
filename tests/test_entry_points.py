"""Everything registered is found with nothing imported, and the configs are clean."""

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
import spacy
from spacy.cli import app
from spacy.util import load_config, load_model_from_config
from typer.testing import CliRunner

ROOT = Path(__file__).parents[1]
GROUPS = {
    "spacy_architectures": "architectures",
    "spacy_callbacks": "callbacks",
    "spacy_factories": "factories",
    "spacy_cli": "cli",
    "spacy_readers": "readers",
    "spacy_loggers": "loggers",
    "spacy_scorers": "scorers",
    "spacy_tokenizers": "tokenizers",
    "thinc_optimizers": "optimizers",
    "thinc_schedules": "schedules",
}


def entry_points():
    parser = ConfigParser()
    parser.optionxform = str
    parser.read(ROOT / "setup.cfg")
    for group, lines in parser["options.entry_points"].items():
        for line in lines.strip().splitlines():
            yield GROUPS[group], *(part.strip() for part in line.split("=", 1))


RESOLVE = """
import json, sys
from importlib import import_module
from spacy import registry

for kind, name, target in json.loads(sys.argv[1]):
    for imported in [m for m in sys.modules if m.partition(".")[0] == "spacy_bilstm_crf"]:
        del sys.modules[imported]
    factories = registry._entry_point_factories
    found = factories.get(name) if kind == "factories" else registry.get(kind, name)
    module, function = target.split(":")
    assert found is getattr(import_module(module), function), (kind, name)
    print(name)
"""


@pytest.mark.slow
def test_entry_points_resolve():
    expected = list(entry_points())
    command = [sys.executable, "-c", RESOLVE, json.dumps(expected)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [name for _, name, _ in expected]


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.cfg")), ids=lambda p: p.name)
def test_configs_are_filled_and_valid(path):
    config = load_config(path)
    if "transformer" in config["components"]:
        pytest.importorskip("spacy_transformers")
    filled = load_model_from_config(config, auto_fill=True).config.interpolate()
    # What init fill-config would add is there already.
    sections = ("components", "training", "corpora", "initialize", "nlp")
    raw = config.interpolate()
    assert {s: raw[s] for s in sections} == {s: filled[s] for s in sections}
    overrides = ["--paths.train", "x.spacy", "--paths.dev", "x.spacy"]
    result = CliRunner().invoke(app, ["debug", "config", str(path), *overrides])
    assert result.exit_code == 0, result.output


def test_the_default_config_is_complete():
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_ner")
    again = spacy.blank("en").from_config(nlp.config)
    assert again.config == nlp.config


def test_the_version_is_that_of_the_distribution():
    import spacy_bilstm_crf

    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    assert spacy_bilstm_crf.__version__ == parser["metadata"]["version"]
