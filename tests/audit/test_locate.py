"""Which text a finding is of, by its file, document, sentence and entity."""

import shutil

import pytest

from spacy_bilstm_crf.corpora.annotated import FormatError
from spacy_bilstm_crf.corpora.export import read_any

from .cases import IOB1, KINDS, apply, found


def test_equal_sentences_are_told_apart_by_their_documents(tmp_path):
    sentence = "Anna\tB-ORG\nSmith\tI-ORG\nsaw\tO\nOslo\tB-LOC\n\n"
    corrected = sentence.replace("ORG", "PER")
    corpus = tmp_path / "train.txt"
    corpus.write_text(3 * sentence)
    second = [KINDS[0] | {"document": "line 6"}]
    apply(tmp_path, corpus, second)
    written = (tmp_path / "out" / "train.txt").read_text()
    assert written == sentence + corrected + sentence
    # Applied again, it does not fit, nor does one of a text that is not there.
    corpus.write_text(written)
    for findings in (second, [KINDS[0] | {"document": "line 7"}]):
        with pytest.raises(FormatError, match="1 accepted findings do not fit"):
            apply(tmp_path, corpus, findings)


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
