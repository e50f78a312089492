from collections import Counter, defaultdict

import pytest
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.formats import columns
from spacy_bilstm_crf.corpora.sample import SPLITS, make_sample, write_sample
from spacy_bilstm_crf.corpora.sample_text import AMBIGUOUS, COUNTRIES


def names(documents):
    """Entity texts with their labels, one item per mention."""
    for document in documents:
        for words, tags in document:
            for label, first, last in get_entities(tags):
                yield tuple(words[first : last + 1]), label


def lexicon_tagger(train):
    """Tags each longest phrase that was mostly an entity in train with its most common label."""
    labels, uses = defaultdict(Counter), Counter()
    for phrase, label in names(train):
        labels[phrase][label] += 1
    longest = max(map(len, labels))
    for document in train:
        for words, _ in document:
            for size in range(1, longest + 1):
                uses.update(tuple(words[i : i + size]) for i in range(len(words) - size + 1))
    best = {p: c.most_common(1)[0][0] for p, c in labels.items() if 2 * sum(c.values()) > uses[p]}

    def tag(words):
        tags, i = [], 0
        while i < len(words):
            size = next(
                (
                    n
                    for n in range(longest, 0, -1)
                    if tuple(words[i : i + n]) in best and i + n <= len(words)
                ),
                0,
            )
            if size:
                label = best[tuple(words[i : i + size])]
                tags += [f"B-{label}"] + [f"I-{label}"] * (size - 1)
            else:
                tags.append("O")
            i += size or 1
        return tags

    return tag


def test_sizes_and_labels():
    sample = make_sample()
    assert {split: len(documents) for split, documents in sample.items()} == SPLITS
    for documents in sample.values():
        assert {label for _, label in names(documents)} == {"PER", "LOC", "ORG", "MISC"}


def test_the_same_seed_writes_the_same_files(tmp_path):
    first, second, other = (tmp_path / name for name in "abc")
    for folder, seed in ((first, 0), (second, 0), (other, 1)):
        write_sample(folder, seed)
    for split in SPLITS:
        text = (first / f"{split}.txt").read_text()
        assert (second / f"{split}.txt").read_text() == text
        assert (other / f"{split}.txt").read_text() != text
    texts = columns.read(first / "dev.txt", ReadOptions(unit="document"))
    for found, made in zip(texts, make_sample()["dev"], strict=True):
        words = [word for sentence, _ in made for word in sentence]
        assert found.text.split(" ") == words and len(found.sentences) == len(made)
        begun = [tag[2:] for _, tags in made for tag in tags if tag.startswith("B-")]
        assert [span.label for span in found.spans] == begun


def test_invented_names_of_dev_and_test_are_not_in_train():
    sample = make_sample()
    known = {word for words in AMBIGUOUS.values() for word in words}
    known |= {word for pair in COUNTRIES for word in pair}
    known |= {word.upper() for word in known}
    train = {phrase for phrase, _ in names(sample["train"])}
    for split in ("dev", "test"):
        invented = {p for p, _ in names(sample[split]) if not known & set(p)}
        assert len(invented) > 150
        assert not invented & train


def test_ambiguous_words_have_several_labels():
    sample = make_sample()
    for split in ("train", "test"):
        labels = defaultdict(set)
        for phrase, label in names(sample[split]):
            labels[phrase].add(label)
        ambiguous = {phrase[0] for phrase, found in labels.items() if len(found) > 1}
        assert {"Washington", "Lincoln", "Jordan"} <= ambiguous
        outside = {w for d in sample[split] for ws, ts in d for w, t in zip(ws, ts) if t == "O"}
        assert {"May", "March"} <= outside


def test_looking_names_up_in_train_is_not_enough():
    sample = make_sample()
    tag = lexicon_tagger(sample["train"])
    sentences = [sentence for document in sample["test"] for sentence in document]
    score = f1_score([tags for _, tags in sentences], [tag(words) for words, _ in sentences])
    assert score == pytest.approx(0.4815, abs=0.0001)
