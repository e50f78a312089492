"""What `convert` leaves of others' files, of earlier conversions, and when it is killed."""

import json
import os
import random
from collections import Counter

import pytest
import spacy
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.convert import convert_corpus
from spacy_bilstm_crf.corpora.converted import open_corpus, own_files

from ..kill import count_steps, run_and_kill

TEXT = "Anna B-PER\nleft O\n\n"
SPLITS = ("train", "dev", "test")


def run(*arguments):
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def columns(folder, text=TEXT):
    folder.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        (folder / f"{split}.txt").write_text(text)
    return folder


def brat(folder, text="Anna left", splits=SPLITS, n_texts=2):
    for split in splits:
        (folder / split).mkdir(parents=True, exist_ok=True)
        for i in range(n_texts):
            (folder / split / f"{split}_{i}.txt").write_text(text)
            (folder / split / f"{split}_{i}.ann").write_text("T1\tPER 0 4\tAnna\n")
    return folder


def contents(folder):
    """All files that a user sees."""
    paths = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in paths.items()
        if not any(part.startswith(".") for part in name.parts)
    }


@pytest.mark.parametrize("make", [columns, brat])
def test_input_and_output_lie_apart(tmp_path, make):
    source = make(tmp_path / "x" / "source")
    brat(source, splits=("dev", "test"))  # what an earlier version removed
    (tmp_path / "link").symlink_to(source, target_is_directory=True)
    before = contents(tmp_path)
    for target in (source, source / "out", tmp_path / "x", tmp_path / "link", tmp_path):
        code, output = run("convert", source, target)
        assert code == 1 and "must lie apart" in output
        assert contents(tmp_path) == before


@pytest.mark.parametrize("make", [columns, brat])
def test_files_of_others_stay(tmp_path, make):
    source, target = make(tmp_path / "source"), tmp_path / "out"
    others = {"notes.txt": b"mine", "more/x.ann": b"mine", "test/picture.png": b"mine"}
    for name, content in others.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    for _ in range(2):
        code, output = run("convert", source, target)
        assert code == 0, output
        assert {name: contents(target)[name] for name in others} == others
    assert len(open_corpus(target).splits) == 3


@pytest.mark.parametrize("name", ["train.spacy", "test/other.ann", "dev/dev_0.txt", "corpus.json"])
def test_files_of_others_are_not_replaced(tmp_path, name):
    source, target = brat(tmp_path / "source"), tmp_path / "out"
    (target / name).parent.mkdir(parents=True)
    (target / name).write_text("{}")
    before = contents(target)
    code, output = run("convert", source, target)
    assert code == 1 and "another folder" in output
    assert contents(target) == before
    # Nor once there is a conversion beside it.
    (target / name).unlink()
    assert run("convert", source, target)[0] == 0
    (target / name).write_text("{}")
    before = contents(target)
    code, output = run("convert", source, target)
    assert code == 1 and "another folder" in output
    assert contents(target) == before


def test_what_a_version_without_manifests_left_is_named_at_once(tmp_path):
    source, target = brat(tmp_path / "source"), tmp_path / "out"
    assert run("convert", source, target)[0] == 0
    (target / "corpus.json").unlink()
    code, output = run("convert", source, target)
    assert (
        code == 1
        and "dev.spacy is in the way, and 10 more like it: it is not in corpus.json" in output
    )


def test_links_are_not_followed_to_what_is_replaced(tmp_path):
    source, target = brat(tmp_path / "source"), tmp_path / "out"
    assert run("convert", source, target)[0] == 0
    for path in (target / "test").iterdir():
        path.unlink()
    (target / "test").rmdir()
    (target / "test").symlink_to(source / "test", target_is_directory=True)
    before = contents(source)
    code, output = run("convert", source, target)
    assert code == 1 and "it is no folder" in output
    assert contents(source) == before


def test_a_manifest_names_no_file_outside(tmp_path):
    source, target = columns(tmp_path / "source"), tmp_path / "out"
    assert run("convert", source, target)[0] == 0
    manifest = json.loads((target / "corpus.json").read_text())
    manifest["files"]["../source/train.txt"] = [1]
    (target / "corpus.json").write_text(json.dumps(manifest))
    code, output = run("convert", source, target)
    assert code == 1 and "corpus.json is not as `convert` writes it" in output
    assert (source / "train.txt").exists()


def test_nothing_of_an_earlier_kind_stays(tmp_path):
    target = tmp_path / "out"
    for make, is_brat in ((columns, False), (brat, True), (columns, False)):
        assert run("convert", make(tmp_path / make.__name__), target)[0] == 0
        assert open_corpus(target).is_brat == is_brat
        assert (target / "test").exists() == is_brat
        assert not list(target.glob(".*"))


def test_the_earlier_corpus_stays_if_there_is_no_room(tmp_path, monkeypatch):
    source, target = brat(tmp_path / "source"), tmp_path / "out"
    assert run("convert", source, target)[0] == 0
    before = contents(target)
    brat(source, text="Anna came")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    code, output = run("convert", source, target)
    assert code == 1 and "No space left" in output
    assert contents(target) == before
    code, output = run("convert", source, tmp_path / "new")
    assert code == 1 and not (tmp_path / "new").exists()


def test_one_conversion_at_a_time(tmp_path):
    source, target = columns(tmp_path / "source"), tmp_path / "out"
    with own_files(target).build():
        code, output = run("convert", source, target)
        assert code == 1 and "Another run is writing" in output
    assert run("convert", source, target)[0] == 0


def test_the_output_is_a_file(tmp_path):
    source = columns(tmp_path / "source")
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        code, output = run("convert", source, target)
        assert code == 1 and "file" in output
    assert (tmp_path / "file").read_text() == "mine"


def test_what_was_changed_or_lost_is_not_read(tmp_path, trained):
    trained.to_disk(tmp_path / "model")
    source, corpus = brat(tmp_path / "source"), tmp_path / "corpus"

    def refused(said):
        for command in ("evaluate", "report", "analyze"):
            output = ["--output"] if command == "analyze" else []
            code, text = run(command, tmp_path / "model", corpus, *output, tmp_path / "out.json")
            assert code == 1 and said in text and "convert" in text, text
            assert not (tmp_path / "out.json").exists()

    refused("There is no folder")
    assert run("convert", source, corpus)[0] == 0
    for name in ("test.spacy", "test/test_1.ann", "train.spacy"):
        content = (corpus / name).read_bytes()
        (corpus / name).unlink()
        refused("missing. Run `convert` again")
        (corpus / name).write_bytes(content[:-1])
        refused("is not as `convert` wrote it")
        (corpus / name).write_bytes(content)
    (corpus / "test" / "extra.txt").write_text("Anna")
    refused("is not of the corpus")
    (corpus / "test" / "extra.txt").unlink()
    (corpus / "corpus.json").unlink()  # as an earlier version left it, or an interrupted one
    refused("no corpus.json")
    (corpus / "corpus.json").write_text('{"complete": true')
    refused("not as `convert` writes it")


@pytest.mark.parametrize("make", [columns, brat])
def test_a_corpus_with_its_manifest_is_read(tmp_path, trained, make):
    trained.to_disk(tmp_path / "model")
    assert run("convert", make(tmp_path / "source"), tmp_path / "corpus")[0] == 0
    scores, found = tmp_path / "new" / "scores.json", tmp_path / "found"
    code, output = run(
        "evaluate", tmp_path / "model", tmp_path / "corpus", scores, "--predictions", found
    )
    assert code == 0, output
    assert "ents_f" in json.loads(scores.read_text())
    assert found.exists() == (make is brat)


def test_predictions_of_others_stay(tmp_path, trained):
    trained.to_disk(tmp_path / "model")
    assert run("convert", brat(tmp_path / "source"), tmp_path / "corpus")[0] == 0
    found = tmp_path / "found"
    arguments = ["evaluate", tmp_path / "model", tmp_path / "corpus", tmp_path / "scores.json"]
    arguments += ["--predictions", found]
    (found / "more").mkdir(parents=True)
    (found / "more" / "x.ann").write_text("mine")
    (found / "test_1.ann").write_text("mine")
    before = contents(found)
    code, output = run(*arguments)
    assert code == 1 and "test_1.ann is in the way" in output
    assert contents(found) == before
    (found / "test_1.ann").unlink()
    for _ in range(2):  # its own are replaced
        code, output = run(*arguments)
        assert code == 0, output
        assert (found / "more" / "x.ann").read_text() == "mine"
        assert {path.name for path in found.glob("*.ann")} == {"test_0.ann", "test_1.ann"}
    (found / "test_1.ann").write_text("corrected by hand")
    code, output = run(*arguments)
    assert code == 1 and "test_1.ann is in the way" in output and "evaluate" in output
    assert (found / "test_1.ann").read_text() == "corrected by hand"
    gold = contents(tmp_path / "corpus")
    code, output = run(*arguments[:-1], tmp_path / "corpus" / "test")
    assert code == 1 and "must lie apart" in output
    assert contents(tmp_path / "corpus") == gold


def convert_and_kill(source, target, nth):
    """Kill a conversion at its nth step, and say what readers then see: "old", "new", "refused",
    or "done" if it came to its end before. A conversion mends what they refuse."""
    before = contents(target)
    nlp = spacy.blank("xx")
    killed = run_and_kill(lambda: convert_corpus(source, target, nlp), nth)
    try:
        assert open_corpus(target).is_own
        if not killed:
            return "done"
        return "old" if contents(target) == before else "new"
    except ValueError as error:
        assert killed and "Run `convert` again" in str(error)
        convert_corpus(source, target, nlp)
        assert open_corpus(target).is_own
        return "refused"


def count_kills(folder, make, n_kills=None, seed=0):
    """Kill a conversion that replaces another at every step, or at n of them, by chance.

    make: writes a corpus to a folder, other ones to folders "a" and "b".
    RETURNS: how often readers then saw what. All whole corpora were as one that was not killed.
    """
    whole = []
    for name in ("a", "b"):
        make(folder / name)
        convert_corpus(folder / name, folder / f"{name}_out", spacy.blank("xx"))
        whole.append(contents(folder / f"{name}_out"))
    convert_corpus(folder / "a", folder / "out", spacy.blank("xx"))
    n_steps = count_steps(lambda: convert_corpus(folder / "b", folder / "a_out", spacy.blank("xx")))
    chosen = range(1, n_steps + 2)
    if n_kills is not None:
        chosen = sorted(random.Random(seed).choices(chosen, k=n_kills))
    states = Counter()
    for nth in chosen:
        other = "b" if contents(folder / "out") == whole[0] else "a"
        states[convert_and_kill(folder / other, folder / "out", nth)] += 1
        assert contents(folder / "out") in whole
    return states


def unlike_columns(folder):
    columns(folder, TEXT if folder.name == "a" else TEXT * 2)


def unlike_brat(folder):
    brat(folder, "Anna left" if folder.name == "a" else "Anna came", n_texts=1)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("make,n_kills", [(unlike_columns, None), (unlike_brat, 50)])
def test_a_killed_conversion_leaves_the_old_the_new_or_says_so(tmp_path, make, n_kills):
    states = count_kills(tmp_path, make, n_kills)
    assert {"old", "refused"} <= set(states) <= {"old", "new", "refused", "done"}
