"""What becomes of texts is returned, and told while it happens; nothing is printed."""

from spacy_bilstm_crf.tagging.predict import predict


def test_the_outcome_counts_every_text(trained, tmp_path, capsys):
    texts, output = tmp_path / "texts", tmp_path / "out"
    texts.mkdir()
    output.mkdir()
    for name in ("new", "of_others", "done"):
        (texts / f"{name}.txt").write_text("Nobody saw Jordan")
    (texts / "bad.txt").write_bytes(b"\xff")
    (output / "of_others.ann").write_text("T1\tPER 11 17\tJordan\n")
    told = []

    def tell(name, reason):
        told.append((name, reason.split(":")[0]))

    (texts / "new.txt").rename(tmp_path / "aside.txt")
    assert predict(trained, texts, output, on_error=tell) == (1, ["bad"], 1, 1)
    (tmp_path / "aside.txt").rename(texts / "new.txt")
    assert predict(trained, texts, output, on_error=tell) == (1, ["bad"], 2, 1)
    assert predict(trained, texts, output) == (0, ["bad"], 3, 1)
    assert told == [("bad", "BratError")] * 2
    assert "bad" not in "".join(capsys.readouterr())
