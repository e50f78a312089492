"""Saving settings, all or none."""

import pytest

from spacy_bilstm_crf.evaluation.save import check_output, save_settings


@pytest.mark.parametrize("in_place", [True, False])
def test_what_is_interrupted_leaves_nothing(trained, tmp_path, monkeypatch, in_place):
    model = tmp_path / "model"
    trained.to_disk(model)
    before = {path: path.read_bytes() for path in model.rglob("*") if path.is_file()}
    output = None if in_place else tmp_path / "new"
    trained.get_pipe("ner").cfg["temperature"] = 2.0

    def fail(path):
        path.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(trained, "to_disk", fail)
    with pytest.raises(KeyboardInterrupt):
        save_settings(trained, "ner", model, output)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert {path: path.read_bytes() for path in model.rglob("*") if path.is_file()} == before


def test_where_it_can_not_be_saved(tmp_path):
    with pytest.raises(ValueError, match="en_package is no folder, but a package: give --output"):
        check_output("en_package", None)
    with pytest.raises(FileExistsError, match="is there already"):
        check_output("en_package", tmp_path)
