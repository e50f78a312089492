"""What texts with labels are like."""

from spacy_bilstm_crf.corpora.annotated import AnnotatedText
from spacy_bilstm_crf.corpora.overview import Lengths, Overview, Repeats


def look(**splits):
    """Look at splits, each a list of texts and their labels in one string."""
    overview = Overview()
    for split, texts in splits.items():
        for number, (text, labels) in enumerate(texts, 1):
            cats = None if labels is None else dict.fromkeys(labels, 1.0)
            overview.add(split, AnnotatedText(text, place=f"{split}, line {number}", cats=cats))
    return overview


def test_balance_and_lengths():
    texts = [("word " * (n + 1), "p" if n < 15 else "n") for n in range(20)]
    overview = look(train=texts, dev=[("one, two", "p")])
    assert overview.cats == {"train": {"p": 15, "n": 5}, "dev": {"p": 1}}
    assert overview.n_texts("train") == 20
    assert overview.lengths("train") == Lengths(10, 19, 20)
    assert overview.lengths("dev") == Lengths(3, 3, 3)
    assert not overview.repeats


def test_texts_that_repeat_within_a_split_and_across():
    train = [("Good film", "p"), ("bad film", "n"), ("GOOD  film\n", "n"), ("good film", "p")]
    dev = [("Bad film", "n"), ("good film", "p"), ("Badfilm", "n")]
    assert look(train=train, dev=dev).repeats == {
        ("train", "train"): Repeats(
            2, ("train, line 1", "train, line 3"), 1, ("train, line 1", "train, line 3")
        ),
        ("train", "dev"): Repeats(2, ("train, line 2", "dev, line 1")),
    }


def test_folds_are_not_compared():
    one = [("Good film", "p")]
    assert not look(**{"fold_1/train": one, "fold_2/test": one}).repeats
    assert look(**{"fold_1/train": one, "fold_1/test": one}).repeats["fold_1/train", "fold_1/test"]


def test_texts_without_labels_are_passed_over():
    overview = look(train=[("Good film", None), ("Good film", None)])
    assert not overview.cats and not overview.repeats
    assert look(train=[("Good film", "")]).cats == {"train": {}}
