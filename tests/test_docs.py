"""What the README and the pages in docs say is so."""

import inspect
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import spacy
import yaml
from matplotlib.text import Text
from spacy.cli import app
from spacy.tokens import Span
from spacy.util import load_config, load_model_from_config
from thinc.api import Config
from typer.testing import CliRunner

from docs.tools import docstrings, generate, picture
from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.confidence import set_confidence

ROOT = Path(__file__).parents[1]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}
# The pages train on a handful of sentences: what is learned depends on the seed.
SEEDED = "from spacy.util import fix_random_seed\nfix_random_seed(0)\n"


def blocks(language, *pages):
    """The blocks of a language on some pages, by default on all, in their order."""
    return [
        block
        for page in pages or PAGES
        for block in re.findall(rf"```{language}\n(.*?)```", PAGES[page], flags=re.DOTALL)
    ]


def run_each(codes, folder):
    """Run each block by itself, without the names of the others. RETURNS: what each prints."""
    script = "\n".join(f"exec({SEEDED + code!r}, {{}})\nprint('--')" for code in codes)
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return [output.strip() for output in result.stdout.split("--\n")[:-1]]


@pytest.mark.slow
def test_python_code_runs(tmp_path):
    """That of the README in two processes, since the second loads what the first has saved; that of
    other pages in one, beside what the README saves."""
    train, load = blocks("python", "README.md")
    outputs = run_each([train], tmp_path) + run_each([load], tmp_path)
    assert outputs == ["", "[('Maria Holt', 'PER'), ('Oslo', 'LOC')]"]
    assert len((train + load).splitlines()) <= 20
    page = "docs/probabilities.md"
    own = blocks("python", page)
    others = blocks("python", *[name for name in PAGES if name not in ("README.md", page)])
    if find_spec("presidio_analyzer") is None:  # an extra
        others = [block for block in others if "presidio" not in block]
    assert run_each(own + others, tmp_path)[: len(own)] == [
        "Maria Holt PER True\nOslo LOC True",
        "True True",
        "()",
        "['Maria Holt', 'Oslo'] True",
        "['Holt']",
        "True",
        "['DAY']",
    ]


def ini(page, text):
    """The block of config that has this text."""
    (block,) = [block for block in blocks("ini", page) if text in block]
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
    config = replaced(ini("docs/monitoring.md", "TensorBoardLogger"))
    config["training"]["logger"]["logger2"]["log_dir"] = str(tmp_path)
    assert callable(spacy.registry.resolve(config["training"])["logger"])


def test_the_optimizer_is_as_shown():
    shown = replaced(ini("docs/training.md", "plateau"), max_steps=100)
    optimizer = spacy.registry.resolve(shown["training"])["optimizer"]
    assert optimizer.L2 == 0.01 and optimizer.learn_rate == 0.0
    optimizer.step_schedules()
    assert optimizer.learn_rate == pytest.approx(0.002 / 200)
    assert callable(spacy.registry.resolve(shown["nlp"])["after_pipeline_creation"])


def test_config_is_the_default():
    block = ini("docs/config.md", "hidden_width")
    shown = Config().from_str("[components]\n" + block)["components"]["bilstm_crf_ner"]
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_ner")
    assert shown == nlp.config["components"]["bilstm_crf_ner"]


def test_the_gazetteer_is_as_shown():
    sections = ["initialize", "initialize.components", "components"]
    model = "components.bilstm_crf_ner.model"
    sections += ["components.bilstm_crf_ner", model, f"{model}.tok2vec"]
    above = "".join(f"[{section}]\n" for section in sections)
    shown = Config().from_str(above + ini("docs/training.md", "span_ruler"))
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
    shown = Config().from_str(
        "[initialize]\n" + ini("docs/training.md", "learn_words"), interpolate=False
    )
    callback = shown["initialize"]["before_init"]
    assert spacy.registry.callbacks.get(callback["@callbacks"])
    assert callback["path"] == "${paths.train}"


def test_every_block_of_config_is_checked():
    assert {page: len(blocks("ini", page)) for page in PAGES if blocks("ini", page)} == {
        "docs/config.md": 2,  # the other is line_sentencizer's, which is generated
        "docs/monitoring.md": 1,
        "docs/training.md": 3,
    }


def test_arguments_are_all_explained():
    sections = dict(
        re.findall(r"^### (\S+)\n(.*?)(?=^##)", PAGES["docs/config.md"] + "##", re.M | re.S)
    )
    names = [name for _, name, _ in generate.registered()]
    assert [name.removeprefix("spacy_bilstm_crf.") for name in names] == list(sections)
    for _, name, function in generate.registered():
        section = sections[name.removeprefix("spacy_bilstm_crf.")]
        shown = re.findall(r"\*\*`\[?(\w+)\]?`\*\*", section)
        arguments = set(inspect.signature(function).parameters) - set(generate.GIVEN)
        assert sorted(shown) == sorted(arguments), name


def test_generated_pages_are_those_of_the_code():
    for path, text, generated in generate.generated_pages():
        assert text == generated, f"{path}: python -m docs.tools.generate"


def test_docstrings_are_taken_apart():
    text = """Find it (spacy_bilstm_crf.Find.v1; Holt 2001). Source: a book.

    Note: this is prose.

    a, b: first,
        and more.
    c: last.
    RETURNS: it: the thing.
    """
    prose, arguments, outcomes = docstrings.parse(text, ["a", "b", "c"])
    assert prose == "Find it (Holt 2001). Source: a book.\n\nNote: this is prose."
    assert arguments == [(("a", "b"), "first, and more."), (("c",), "last.")]
    assert outcomes == [("RETURNS", "it: the thing.")]
    function = generate.explain("x", lambda known, unknown: None)
    with pytest.raises(ValueError, match="unknown"):
        list(function)


def test_the_front_page_is_short():
    assert len(PAGES["README.md"].splitlines()) <= 150


def test_the_picture_shows_entities_with_their_confidences():
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_ner")  # brings the attribute
    doc = nlp.make_doc(picture.TEXT)
    doc.ents = [Span(doc, 3, 5, "PER")]
    set_confidence(doc.ents[0], 0.987)
    shown = [artist.get_text() for artist in picture.draw(doc).findobj(Text)]
    assert " ".join(shown).startswith("In May , PER 0.99 Jordan Halberg of Norsk")
    assert picture.TEXT in picture.IMAGE.read_text(encoding="utf-8")
    (described,) = re.findall(r"!\[(.*)\]\(docs/img/tagged\.svg\)", PAGES["README.md"])
    assert re.sub(r" \(.*?\)", "", described) == picture.TEXT


def anchors(text):
    """Those that GitHub and the site give to headings."""
    found = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page):
    # As on GitHub; `make docs` checks them as on the site.
    text = (ROOT / page).read_text(encoding="utf-8")
    if page == "docs/project.md":  # weasel links to project.yml as from beside it
        text = text.partition("<!-- WEASEL: AUTO-GENERATED DOCS END")[2]
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.resolve().exists(), link
        if anchor and target.name != "api.md":
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


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
    for extra in re.findall(r'pip install "?\.\[(\w+)\]', "\n".join(PAGES.values())):
        assert f"\n{extra} =" in (ROOT / "setup.cfg").read_text()
    for module in set(re.findall(r"python -m ((?:benchmarks|docs)(?:\.\w+)*)", lines)):
        monkeypatch.setattr(sys, "argv", [module, "--help"])
        if not (ROOT / module.replace(".", "/")).is_dir():
            monkeypatch.delitem(sys.modules, module, raising=False)
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(module, run_name="__main__")
        assert not ended.value.code


def test_files_exist():
    text = "\n".join(PAGES.values())
    for path in re.findall(r"`((?:configs|assets|benchmarks|spacy_bilstm_crf)/[\w./-]+)`", text):
        if "NAME" not in path and not path.startswith(("assets/conll2003", "assets/rurebus")):
            assert (ROOT / path).exists(), path


def test_the_page_on_the_project_is_in_step(tmp_path):
    page = PAGES["docs/project.md"]
    copy = tmp_path / "project.md"
    copy.write_text(page, encoding="utf-8")
    command = ["project", "document", str(ROOT), "--output", str(copy)]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert copy.read_text(encoding="utf-8") == page


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
