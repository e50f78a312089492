import random

from spacy.tokens import Doc

from spacy_bilstm_crf.batching.sequences import sequence_lengths


def test_sequence_lengths(vocab):
    docs = [Doc(vocab, words=text.split()) for text in ("a b c", "", "d e")]
    assert sequence_lengths(docs).tolist() == [3, 2]
    docs[0][0].is_sent_start = True
    docs[0][2].is_sent_start = True
    assert sequence_lengths(docs).tolist() == [2, 1, 2]
    assert sequence_lengths([docs[1]]).tolist() == []


def test_sequences_are_spacys_sentences(vocab):
    chance = random.Random(0)
    for _ in range(200):
        docs, expected = [], []
        for _ in range(chance.randint(0, 5)):
            n = chance.randint(0, 12)
            doc = Doc(vocab, words=["w"] * n)
            if chance.random() < 0.7:
                for token in doc:
                    token.is_sent_start = chance.choice([True, False, None])
            if doc.has_annotation("SENT_START"):
                expected += [len(sentence) for sentence in doc.sents]
            elif n > 0:
                expected.append(n)
            docs.append(doc)
        assert sequence_lengths(docs).tolist() == expected
