from spacy_bilstm_crf.cli.counted import counted


def test_nouns_go_with_their_numbers():
    assert [counted(n, "text") for n in (0, 1, 2500)] == ["0 texts", "1 text", "2,500 texts"]
    assert counted(1, "entity") == "1 entity" and counted(3, "entity") == "3 entities"
    assert counted(2, "accepted finding") == "2 accepted findings"
