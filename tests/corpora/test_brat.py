import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_bilstm_crf.corpora.brat import (
    BratError,
    find_texts,
    read_doc,
    read_entities,
    write_annotations,
)
from spacy_bilstm_crf.pipeline.tokenizer import WordPunctTokenizer

from ..conftest import corpus_folder

TEXT = "План\t1.Развитие села\xa0-рост (40%) ,\r\nитоги 𝒳-й программы"
ANN = """T2\tMET 7 15\tРазвитие
R1\tGOL Arg1:T2 Arg2:T7
T7\tCMP 22 26\tрост
#1\tAnnotatorNotes T2\tпроверить
A1\tSure T7
T9\tACT 42 45\t𝒳-й
"""


@pytest.fixture
def nlp():
    nlp = spacy.blank("ru")
    nlp.tokenizer = WordPunctTokenizer()(nlp)
    return nlp


def put(folder, text, ann, name="a"):
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_bytes(ann.encode())
    return folder / f"{name}.txt"


def test_reads_entities_by_code_points(nlp, tmp_path):
    doc, unfit = read_doc(put(tmp_path, TEXT, ANN), nlp)
    assert [(ent.label_, ent.text) for ent in doc.ents] == [
        ("MET", "Развитие"),
        ("CMP", "рост"),
        ("ACT", "𝒳-й"),
    ]
    assert unfit == []
    assert doc.text == TEXT


def test_what_is_read_is_written_back(nlp, tmp_path):
    doc, _ = read_doc(put(tmp_path, TEXT, ANN), nlp)
    stored = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    (doc,) = DocBin().from_bytes(stored).get_docs(nlp.vocab)
    write_annotations(doc, tmp_path / "b.ann")
    assert sorted((tmp_path / "b.ann").read_text().splitlines()) == sorted(ANN.splitlines())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ann", "a.txt", "b.ann"]


def test_new_entities_get_free_ids(nlp, tmp_path):
    doc, _ = read_doc(put(tmp_path, TEXT, "T1\tACT 43 46;50 52\tx\nT2\tMET 7 15\tРазвитие\n"), nlp)
    doc.set_ents([*doc.ents, doc.char_span(22, 26, "CMP"), doc.char_span(36, 41, "BIN")])
    write_annotations(doc, tmp_path / "b.ann")
    assert (tmp_path / "b.ann").read_text().splitlines() == [
        "T2\tMET 7 15\tРазвитие",
        "T3\tCMP 22 26\tрост",
        "T4\tBIN 36 41\tитоги",
        "T1\tACT 43 46;50 52\tx",
    ]


def test_entities_that_do_not_fit_are_counted_and_kept(tmp_path):
    nlp = spacy.blank("ru")
    ann = (
        "T1\tA 0 3\tоди\n"  # inside the token
        "T2\tA 5 8\tдва\n"
        "T3\tB 5 12\tдва три\n"
        "T4\tC 5 8;13 19\tдва четыре\n"
    )
    path = put(tmp_path, "один два три четыре", ann)
    doc, unfit = read_doc(path, nlp)
    assert [(ent.label_, ent.text) for ent in doc.ents] == [("B", "два три")]
    ann_path = path.with_suffix(".ann")
    assert {reason: place for place, reason in unfit} == {
        "border inside a token": f"{ann_path}, line 1",
        "overlaps a longer entity": f"{ann_path}, line 2",
        "discontinuous": f"{ann_path}, line 4",
    }
    write_annotations(doc, tmp_path / "b.ann")
    assert sorted((tmp_path / "b.ann").read_text().splitlines()) == ann.splitlines()


@pytest.mark.parametrize(
    "line,match",
    [
        ("T1\tA 0 4", "line 2.*expected an entity"),
        ("T1\tA 0\tодин", "line 2.*expected an entity"),
        ("Tx\tA 0 4\tодин", "line 2.*expected an entity"),
        ("T1\tA 4 4\t", "line 2.*ends .4. before it starts"),
        ("T1\tA 0 4\tдва", "line 2.*text has 'один'.*'два'"),
        ("T1\tA 5 400\tдва", "line 2.*ends at 400, the text at 8"),
        ("T1\tA 8 9\t", "line 2.*ends at 9, the text at 8"),
        (" T1\tA 0 4\tодин", "line 2.*begins with white space"),
        ("T1\tA 0 4\tодин\nT1\tA 5 8\tдва", "line 3.*twice"),
    ],
)
def test_damaged_annotations(nlp, tmp_path, line, match):
    path = put(tmp_path, "один два", f"#1\tNote T1\tx\n{line}\n")
    with pytest.raises(BratError, match=match):
        read_doc(path, nlp)


def test_files_that_can_not_be_read(nlp, tmp_path):
    with pytest.raises(FileNotFoundError, match="has no .txt"):
        find_texts(tmp_path)
    (tmp_path / "a.txt").write_bytes("один".encode("cp1251"))
    with pytest.raises(BratError, match="a.txt: not UTF-8"):
        read_doc(tmp_path / "a.txt", nlp)
    (tmp_path / "a.txt").write_text("один")
    with pytest.raises(FileNotFoundError, match="a.ann"):
        read_doc(tmp_path / "a.txt", nlp)


def test_ids_that_relations_name_are_not_given_to_others(nlp, tmp_path):
    path = put(tmp_path, "один два", "T1\tA 0 4\tодин\nT2\tA 5 8\tдва\nR1\tX Arg1:T1 Arg2:T2\n")
    doc, _ = read_doc(path, nlp)
    doc.set_ents([doc.char_span(0, 8, "B")])
    write_annotations(doc, tmp_path / "b.ann")
    assert (tmp_path / "b.ann").read_text().splitlines() == [
        "T3\tB 0 8\tодин два",
        "R1\tX Arg1:T1 Arg2:T2",
    ]
    doc.set_ents([doc.char_span(0, 8, "two words")])
    with pytest.raises(ValueError, match="label 'two words'"):
        write_annotations(doc, tmp_path / "c.ann")
    assert not (tmp_path / "c.ann").exists()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_ends(nlp, tmp_path, end):
    path = put(tmp_path, "один два", f"\ufeffT1\tA 0 4\tодин{end}T2\tA 5 8\tдва{end}")
    assert [ent.text for ent in read_doc(path, nlp)[0].ents] == ["один", "два"]
    assert len(read_entities(path.with_suffix(".ann"))) == 2


def test_finding_texts(tmp_path):
    for name in ("b/a.TXT", "b/.hidden.txt", ".git/x.txt", "a.txt", "a.ann"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert find_texts(tmp_path) == [tmp_path / "a.txt", tmp_path / "b" / "a.TXT"]


def test_a_folder_is_read_once_whatever_links_to_it(tmp_path):
    folder, other = tmp_path / "folder", tmp_path / "other"
    for path in (folder / "z" / "b.txt", folder / "a.txt", other / "c.txt"):
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
    links = {"here": folder, "again": folder, "below": folder / "z", "out": other, "out2": other}
    for name, target in links.items():
        (folder / name).symlink_to(target, target_is_directory=True)
    (folder / "z" / "up").symlink_to(folder, target_is_directory=True)
    (other / "back").symlink_to(folder, target_is_directory=True)
    expected = [folder / "a.txt", folder / "out" / "c.txt", folder / "z" / "b.txt"]
    assert find_texts(folder) == expected
    assert find_texts(folder / "here") == [
        folder / "here" / p.relative_to(folder) for p in expected
    ]


def test_the_text_field_is_one_field_on_one_line(nlp, tmp_path):
    text = "рост\tдоходов\nсела"
    doc = nlp(text)
    doc.set_ents([doc.char_span(0, len(text), "CMP")])
    write_annotations(doc, tmp_path / "a.ann")
    assert (tmp_path / "a.ann").read_text() == "T1\tCMP 0 17\tрост доходов села\n"
    (tmp_path / "a.txt").write_text(text)
    again, _ = read_doc(tmp_path / "a.txt", nlp)
    assert [ent.text for ent in again.ents] == [text]
    # A tab in the text field, as brat itself writes it.
    (tmp_path / "a.ann").write_text("T1\tCMP 0 17\tрост\tдоходов села\n")
    assert read_entities(tmp_path / "a.ann") == {("CMP", 0, 17)}
    assert len(read_doc(tmp_path / "a.txt", nlp)[0].ents) == 1


def test_rurebus_survives_reading_and_writing(nlp, tmp_path):
    nlp.max_length = 10**7
    n_entities = 0
    for path in find_texts(corpus_folder("rurebus") / "train"):
        doc, unfit = read_doc(path, nlp)
        assert unfit == []
        write_annotations(doc, tmp_path / "a.ann")
        entities = read_entities(path.with_suffix(".ann"))
        assert read_entities(tmp_path / "a.ann") == entities
        n_entities += len(entities)
    assert n_entities == 54388


def test_docs_of_other_sources_are_written(nlp, tmp_path):
    doc = Doc(nlp.vocab, words=["Рост", "села"], ents=["B-CMP", "O"])
    write_annotations(doc, tmp_path / "a.ann")
    assert (tmp_path / "a.ann").read_text() == "T1\tCMP 0 4\tРост\n"
