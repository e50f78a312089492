"""What the README says is so."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
import yaml
from spacy.util import load_config, load_model_from_config
from thinc.api import Config
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The pages train on a handful of sentences: what is learned depends on the seed.
SEEDED = "from spacy.util import fix_random_seed\nfix_random_seed(0)\n"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.slow
def test_python_code_runs_in_order(tmp_path):
    outputs = []
    for code in blocks("python"):
        command = [sys.executable, "-c", SEEDED + code]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        outputs.append(result.stdout.strip())
    assert outputs == ["", "[('Maria Holt', 'PER'), ('Oslo', 'LOC')]"]


@pytest.mark.slow
def test_the_page_on_probabilities(tmp_path):
    subprocess.run([sys.executable, "-c", SEEDED + blocks("python")[0]], cwd=tmp_path, check=True)
    page = (ROOT / "docs" / "probabilities.md").read_text(encoding="utf-8")
    codes = [SEEDED + code for code in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)]
    # Each by itself, without the names of the others.
    script = "\n".join(f"exec({code!r}, {{}})\nprint('--')" for code in codes)
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert [output.strip() for output in result.stdout.split("--\n")[:-1]] == [
        "Maria Holt PER True\nOslo LOC True",
        "True True",
        "()",
        "['Maria Holt', 'Oslo'] True",
        "['Holt']",
        "True",
        "['DAY']",
    ]


def ini(text):
    """The block of config that has this text."""
    (block,) = [block for block in blocks("ini") if text in block]
    return block


def replaced(block, **training):
    """The sample's config with the sections of a block in the place of its own."""
    shown = Config().from_str("[nlp]\n[training]\n" + block, interpolate=False)
    config = load_config(ROOT / "configs" / "sample.cfg")
    for section, own in shown.items():
        config[section].update(own)
    config["training"].update(training)
    return load_model_from_config(config, auto_fill=True).config.interpolate()


def test_the_logger_is_as_shown(tmp_path):
    config = replaced(ini("TensorBoardLogger"))
    config["training"]["logger"]["logger2"]["log_dir"] = str(tmp_path)
    assert callable(spacy.registry.resolve(config["training"])["logger"])


def test_the_optimizer_is_as_shown():
    shown = replaced(ini("plateau"), max_steps=100)
    optimizer = spacy.registry.resolve(shown["training"])["optimizer"]
    assert optimizer.L2 == 0.01 and optimizer.learn_rate == 0.0
    optimizer.step_schedules()
    assert optimizer.learn_rate == pytest.approx(0.002 / 200)
    assert callable(spacy.registry.resolve(shown["nlp"])["after_pipeline_creation"])


def test_config_is_the_default():
    shown = Config().from_str("[components]\n" + ini("hidden_width"))["components"][
        "bilstm_crf_ner"
    ]
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_ner")
    assert shown == nlp.config["components"]["bilstm_crf_ner"]


def test_the_gazetteer_is_as_shown():
    sections = ["initialize", "initialize.components", "components"]
    model = "components.bilstm_crf_ner.model"
    sections += ["components.bilstm_crf_ner", model, f"{model}.tok2vec"]
    above = "".join(f"[{section}]\n" for section in sections)
    shown = Config().from_str(above + ini("span_ruler"))
    shown["components"]["bilstm_crf_ner"]["factory"] = "bilstm_crf_ner"
    shown["components"]["bilstm_crf_ner"]["model"]["@architectures"] = (
        "spacy_bilstm_crf.BiLSTMCRF.v1"
    )
    shown["components"]["bilstm_crf_ner"]["model"]["tok2vec"]["@architectures"] = (
        "spacy_bilstm_crf.BiLSTMTok2Vec.v1"
    )
    nlp = spacy.util.load_model_from_config(spacy.blank("en").config.merge(shown), auto_fill=True)
    layers = [node.name for node in nlp.get_pipe("bilstm_crf_ner").model.walk()]
    assert {"span_features", "word_char_embed"} <= set(layers)
    assert nlp.pipe_names == ["span_ruler", "bilstm_crf_ner"]


def test_callback_is_as_shown():
    shown = Config().from_str("[initialize]\n" + ini("learn_words"), interpolate=False)
    callback = shown["initialize"]["before_init"]
    assert spacy.registry.callbacks.get(callback["@callbacks"])
    assert callback["path"] == "${paths.train}"


def test_arguments_are_all_explained():
    sections = re.findall(r"`(spacy_bilstm_crf\.\w+\.v1)`: .*?\n\n(\|.*?)\n\n", README, re.DOTALL)
    assert len(sections) == 3
    import inspect

    for name, table in sections:
        arguments = set(
            re.findall(r"`(\w+)`", " ".join(r.split("|")[1] for r in table.splitlines()))
        )
        assert arguments == set(
            inspect.signature(spacy.registry.architectures.get(name)).parameters
        )


def test_commands_exist(monkeypatch):
    project = yaml.safe_load((ROOT / "project.yml").read_text())
    names = {command["name"] for command in project["commands"]} | set(project["workflows"])
    lines = "\n".join(blocks("bash"))
    for name, options in re.findall(r"spacy project run (\w+) \.(.*)", lines):
        assert name in names
        assert set(re.findall(r"--vars\.(\w+)", options)) <= set(project["vars"])
    for command in re.findall(r"spacy bilstm-crf (\w+)", lines):
        assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0
    for target in re.findall(r"^make (\w+)", lines, flags=re.MULTILINE):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text()
    for extra in re.findall(r'pip install "?\.\[(\w+)\]', lines):
        assert f"\n{extra} =" in (ROOT / "setup.cfg").read_text()
    for module in set(re.findall(r"python -m (benchmarks(?:\.\w+)*)", lines)):
        monkeypatch.setattr(sys, "argv", [module, "--help"])
        if not (ROOT / module.replace(".", "/")).is_dir():
            monkeypatch.delitem(sys.modules, module, raising=False)
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(module, run_name="__main__")
        assert not ended.value.code


def test_files_exist():
    for path in re.findall(r"`((?:configs|assets|benchmarks)/[\w./-]+)`", README):
        if "NAME" not in path and not path.startswith(("assets/conll2003", "assets/rurebus")):
            assert (ROOT / path).exists(), path


@pytest.mark.slow
def test_project_section_is_in_step(tmp_path):
    copy = tmp_path / "README.md"
    copy.write_text(README, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "spacy",
        "project",
        "document",
        str(ROOT),
        "--output",
        str(copy),
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert copy.read_text(encoding="utf-8") == README


def test_tables_are_those_of_the_results():
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.publish.render import rendered_pages
    finally:
        sys.path.remove(str(ROOT))
    for path, text, rendered in rendered_pages():
        assert rendered == text, path


def test_what_the_best_config_changes():
    plain, vectors = (
        load_config(ROOT / "configs" / f"conll2003{name}.cfg") for name in ("", "-best")
    )
    assert plain["training"]["dropout"] == 0.5
    plain["training"]["dropout"] = 0.4
    tok2vec = plain["components"]["bilstm_crf_ner"]["model"]["tok2vec"]
    tok2vec["hidden_width"] = 200
    tok2vec["embed"].update(word_dropout=4.0, static_vectors="tuned")
    plain["training"]["optimizer"]["use_averages"] = True
    assert plain == vectors
