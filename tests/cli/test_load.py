"""A pipeline whose saving or copying was interrupted is refused, by every command, in one line."""

import numpy as np
import pytest
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.cli.load import load_pipeline

from ..conftest import make_examples, small_nlp

FILES = ["config.cfg", "meta.json", "tokenizer", "ner/cfg", "ner/model"]
FILES += [f"vocab/{n}" for n in ("strings.json", "vectors", "key2row", "vectors.cfg")]
DAMAGES = {
    "removed": lambda path: path.unlink(),
    "cut to half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "emptied": lambda path: path.write_bytes(b""),
}


@pytest.fixture
def saved(tmp_path):
    tok2vec = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1", "static_vectors": "frozen"}
    nlp = small_nlp(tok2vec=tok2vec)
    nlp.vocab.reset_vectors(width=3)
    nlp.vocab.set_vector("Paris", np.ones(3, dtype="f"))
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    nlp.to_disk(tmp_path / "model-last")
    gold = [eg.reference for eg in examples]
    (tmp_path / "corpus").mkdir()
    for split in ("train", "test"):
        DocBin(docs=gold).to_disk(tmp_path / "corpus" / f"{split}.spacy")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "one.txt").write_text("Anna")
    return tmp_path / "model-last"


def commands(model):
    room = model.parent
    return [
        ["evaluate", model, room / "corpus", room / "out" / "scores.json"],
        ["analyze", model, room / "corpus", "--output", room / "out" / "errors.json"],
        ["report", model, room / "corpus", room / "out" / "index.html"],
        ["predict", model, room / "texts", room / "out" / "found"],
        ["try", model, "Anna"],
    ]


def run(arguments):
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def test_every_command_loads_what_is_whole(saved):
    for arguments in commands(saved):
        code, output = run(arguments)
        assert code == 0, output


@pytest.mark.parametrize("file", [*FILES, "vocab/lookups.bin"])
def test_every_file_is_needed_whole(saved, file):
    content = (saved / file).read_bytes()
    for damage in DAMAGES.values():
        damage(saved / file)
        if (saved / file).is_file() and (saved / file).stat().st_size == len(content):
            continue  # one byte has no half
        with pytest.raises(ValueError, match="it is incomplete or damaged") as caught:
            load_pipeline(saved)
        assert "\n" not in str(caught.value) and "model-best" in str(caught.value)
        (saved / file).write_bytes(content)
    assert load_pipeline(saved).pipe_names == ["ner"]


def test_the_list_is_all_files(saved):
    found = {p.relative_to(saved).as_posix() for p in saved.rglob("*") if p.is_file()}
    assert found == {*FILES, "vocab/lookups.bin"}


@pytest.mark.parametrize(
    "file,damage", [("ner/model", "cut to half"), ("vocab/vectors", "emptied")]
)
def test_every_command_says_so_in_a_line(saved, file, damage):
    DAMAGES[damage](saved / file)
    for arguments in commands(saved):
        code, output = run(arguments)
        assert code == 1
        assert f"{saved} can't be loaded: it is incomplete or damaged" in output
    assert not list(saved.parent.glob("out/*"))


def test_what_is_not_there(tmp_path):
    with pytest.raises(OSError, match="Can't find model .*nothing"):
        load_pipeline(tmp_path / "nothing")


def test_a_package_that_is_not_installed(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    config = (tmp_path / "model" / "config.cfg").read_text()
    for name in ('factory = "bilstm_crf_ner"', '= "spacy_bilstm_crf.BiLSTMCRF.v1"'):
        assert name in config
        other = config.replace(name, name.split('"')[0] + '"another_package"')
        (tmp_path / "model" / "config.cfg").write_text(other)
        with pytest.raises(ValueError, match="asks for what is not .*another_package"):
            load_pipeline(tmp_path / "model")
