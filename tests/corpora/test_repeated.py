"""Texts that come again."""

from spacy_bilstm_crf.corpora.repeated import Repeated


def test_within_and_across_splits_and_with_other_labels():
    met = Repeated()
    met.add("train", "t, line 1", "Good  film", ["pos"])
    met.add("train", "t, line 2", "good film\n", ["pos"])
    met.add("train", "t, line 3", "another", ["pos"])
    met.add("test", "s, line 1", "GOOD FILM", ["neg"])
    met.add("test", "s, line 2", "new", ["neg"])
    assert (met.within, met.across, met.contradicted) == (1, 1, 1)
    assert met.examples == [("t, line 1", "s, line 1")]
