"""Flair's SequenceTagger behind a pipe, for `benchmarks.speed.peers`, run by a Python that has it.

    pip install flair
    python benchmarks/speed/flair_worker.py TRAIN.json TEST.json

The files have batches of sentences, each its words and its entities as [start, end, label]. For
each line "train" or "predict" on standard input it answers the seconds that took. The model: a
BiLSTM-CRF as wide as ours over word embeddings of its own vocabulary and Flair's character LSTM,
which needs no download.
"""

import json
import os
import sys
import time
from pathlib import Path

import flair
import torch
from flair.data import Corpus, Dictionary, Sentence
from flair.embeddings import CharacterEmbeddings, OneHotEmbeddings, StackedEmbeddings
from flair.models import SequenceTagger


def main(train_path: str, test_path: str) -> None:
    """Build the tagger, then answer requests."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    flair.device = torch.device("cpu")
    train, test = (json.loads(Path(path).read_text()) for path in (train_path, test_path))
    batches = [[_sentence(words, tags) for words, tags in batch] for batch in train]
    corpus = Corpus(train=[s for batch in batches for s in batch], sample_missing_splits=False)
    labels = corpus.make_label_dictionary("ner", add_unk=False)
    embeddings = OneHotEmbeddings.from_corpus(
        corpus, field="text", min_freq=1, embedding_length=100
    )
    characters = Dictionary()
    for character in sorted({c for batch in train for words, _ in batch for c in "".join(words)}):
        characters.add_item(character)
    tagger = SequenceTagger(
        embeddings=StackedEmbeddings([embeddings, CharacterEmbeddings(characters)]),
        tag_dictionary=labels,
        tag_type="ner",
        hidden_size=128,
        rnn_layers=1,
        use_crf=True,
    )
    optimizer = torch.optim.Adam(tagger.parameters())
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "train":
            tagger.train()
            start = time.perf_counter()
            for batch in batches:
                optimizer.zero_grad()
                loss, _ = tagger.forward_loss(batch)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
                optimizer.step()
                for sentence in batch:
                    sentence.clear_embeddings()
        else:
            sentences = [Sentence(words) for batch in test for words, _ in batch]
            start = time.perf_counter()
            tagger.predict(sentences, mini_batch_size=32)
        print(time.perf_counter() - start, flush=True)


def _sentence(words: list[str], spans: list[tuple[int, int, str]]) -> Sentence:
    sentence = Sentence(words)
    for start, end, label in spans:
        sentence[start:end].add_label("ner", label)
    return sentence


if __name__ == "__main__":
    main(*sys.argv[1:])
