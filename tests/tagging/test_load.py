"""A pipeline whose saving or copying was interrupted is refused, in one line."""

import pytest

from spacy_bilstm_crf.tagging.load import load_pipeline

FILES = ["config.cfg", "meta.json", "tokenizer", "ner/cfg", "ner/model"]
FILES += [f"vocab/{n}" for n in ("strings.json", "vectors", "key2row", "vectors.cfg")]
DAMAGES = {
    "removed": lambda path: path.unlink(),
    "cut to half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "emptied": lambda path: path.write_bytes(b""),
}


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
