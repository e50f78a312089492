"""numba is used where it can be, and nothing fails where it can't."""

import sys

import pytest

from spacy_bilstm_crf.nn import compiled


def test_numba_that_is_not_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    assert compiled.has_numba.__wrapped__() is False


def test_numba_that_can_not_be_imported(monkeypatch, tmp_path):
    (tmp_path / "numba.py").write_text("raise ImportError('numba needs another numpy')")
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(UserWarning, match="numba needs another numpy"):
        assert compiled.has_numba.__wrapped__() is False
