"""Which text a finding is of, by its file, sentence, entity, document and line."""

import shutil

import pytest

from spacy_bilstm_crf.corpora.annotated import FormatError
from spacy_bilstm_crf.corpora.export import read_any

from .cases import IOB1, KINDS, apply, found


def test_equal_sentences_are_told_apart_by_line_or_taken_in_turn(tmp_path):
    sentence = "Anna\tB-ORG\nSmith\tI-ORG\nsaw\tO\nOslo\tB-LOC\n\n"
    (tmp_path / "train.txt").write_text(3 * sentence)
    by_line = [KINDS[0] | {"line": 11}]
    apply(tmp_path, tmp_path / "train.txt", by_line)
    written = (tmp_path / "out" / "train.txt").read_text()
    assert written == 2 * sentence + sentence.replace("ORG", "PER")
    apply(tmp_path, tmp_path / "train.txt", [KINDS[0] | {"document": "line 6"}])
    assert (tmp_path / "out" / "train.txt").read_text() == (
        sentence + sentence.replace("ORG", "PER") + sentence
    )
    in_turn = [KINDS[0], KINDS[0] | {"id": "0009"}]
    apply(tmp_path, tmp_path / "train.txt", in_turn)
    assert (tmp_path / "out" / "train.txt").read_text() == (
        2 * sentence.replace("ORG", "PER") + sentence
    )


@pytest.mark.parametrize(
    "file", ["train/a.conll", "corpus/train/a.conll", "/old/corpus/train/a.conll"]
)
def test_files_by_their_paths(tmp_path, file):
    """In the corpus, from where the audit was, or where the corpus has been before."""
    for name in ("train/a.conll", "dev/a.conll"):
        path = tmp_path / "moved" / name
        path.parent.mkdir(parents=True)
        path.write_text(IOB1)
    apply(tmp_path, tmp_path / "moved", [KINDS[0] | {"file": file}])
    assert found(next(read_any(tmp_path / "out" / "train")))[0] == ("Anna Smith", "PER")
    assert (tmp_path / "out" / "dev" / "a.conll").read_text() == IOB1
    # The name alone would be that of two files.
    with pytest.raises(FormatError, match="1 accepted findings do not fit"):
        apply(tmp_path, tmp_path / "moved", [KINDS[0] | {"file": "a.conll"}])
    shutil.rmtree(tmp_path / "moved" / "dev")
    apply(tmp_path, tmp_path / "moved", [KINDS[0] | {"file": "a.conll"}])
