"""The sample of texts with labels."""

import re
from collections import Counter
from math import log

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.formats import detect_format, labelled
from spacy_bilstm_crf.corpora.sample_reviews import SPLITS, make_reviews, write_reviews


def test_no_text_comes_twice_and_labels_are_balanced():
    splits = make_reviews()
    assert {split: len(texts) for split, texts in splits.items()} == SPLITS
    texts = [text.text for own in splits.values() for text in own]
    assert len(set(texts)) == len(texts)
    labels = Counter(label for text in splits["train"] for label in text.cats)
    assert set(labels) == {"positive", "negative"}
    assert min(labels.values()) > 0.45 * SPLITS["train"]


def test_words_alone_do_not_tell():
    """Naive Bayes by the words that a text has."""
    splits = make_reviews()
    n, seen = Counter(), {"positive": Counter(), "negative": Counter()}
    for text in splits["train"]:
        (label,) = text.cats
        n[label] += 1
        seen[label].update(words(text))
    right = 0
    for text in splits["test"]:
        likely = {
            label: sum(log((own[word] + 1) / (n[label] + 2)) for word in words(text))
            for label, own in seen.items()
        }
        right += max(likely, key=likely.get) in text.cats
    assert right == 173


def words(text):
    return set(re.findall(r"\w+", text.text.lower()))


def test_a_seed_writes_the_same_files(tmp_path):
    first, second, other = (
        write_reviews(tmp_path / n, s) for n, s in (("a", 0), ("b", 0), ("c", 1))
    )
    assert [path.name for path in first] == ["train.jsonl", "dev.jsonl", "test.jsonl"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert first[0].read_bytes() != other[0].read_bytes()
    assert detect_format(first[0]) == "labels"
    read = list(labelled.read(first[1], ReadOptions()))
    assert [(text.text, text.cats) for text in read] == [
        (text.text, text.cats) for text in make_reviews()["dev"]
    ]
