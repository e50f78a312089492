"""Every format with spans on files that are damaged, empty, or packed in other ways."""

import gzip
import random

import pytest

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import (
    doccano,
    entity_lines,
    label_studio,
    prodigy,
    spacy_tuples,
    table,
)

from .span_texts import plain, read, write

FORMATS = [doccano, entity_lines, label_studio, prodigy, spacy_tuples, table]
TEXTS = [
    AnnotatedText("Zoë met Ana.", [AnnotatedSpan(0, 3, "PER"), AnnotatedSpan(8, 11, "PER")]),
    AnnotatedText("It rained.\r\nAll day. 😀", []),
]


@pytest.fixture(params=FORMATS, ids=lambda module: module.__name__.rpartition(".")[2])
def module(request):
    return request.param


@pytest.fixture
def good(module):
    return write(module, TEXTS).encode()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.file"

    def make(data):
        path.write_bytes(data)
        return path

    return make


def test_only_its_own_format_is_detected(module, good):
    found = [other for other in FORMATS if other.detect(good.decode())]
    assert found == [module]


def test_detect_does_not_raise(module):
    for head in [
        "",
        " ",
        "{",
        "[",
        "[[",
        '{"text"',
        "[{}]",
        "{}\n{}",
        "\0",
        "a,b\n" * 3,
        "[" * 9999,
    ]:
        assert not module.detect(head)


def test_good_files(module, good, file):
    lines = b"\r\n".join(good.split(b"\n"))
    for data in (good, b"\xef\xbb\xbf" + good, lines, gzip.compress(good)):
        back = read(module, file(data))
        assert back[0].text == TEXTS[0].text
        assert [plain(text.spans) for text in back] == [plain(text.spans) for text in TEXTS]


@pytest.mark.parametrize(
    "data, message",
    [
        (b"", "holds no texts"),
        (b"\n \n", "holds no texts|no column"),
        (b"\x00\x01\x02", "line 1: binary data"),
        ("Zoë".encode("utf-16"), "line 1: "),
        (b"\x89PNG\r\n\x1a\n", "line 1: not UTF-8"),
        (b"\x1f\x8b\x08", "the compressed file is damaged"),
    ],
)
def test_other_files(module, file, data, message):
    path = file(data)
    with pytest.raises(FormatError, match=f"{path}.*({message})"):
        read(module, path)


def test_latin_1(module, good, file):
    path = file(good.replace("ë".encode(), b"\xeb"))
    with pytest.raises(FormatError, match=f"{path}, line \\d: not UTF-8"):
        read(module, path)


def test_cut_off(module, good, file):
    for size in range(1, len(good) - 2):
        try:
            path = file(good[:size])
            found = read(module, path)
        except FormatError as error:
            assert str(error).startswith(str(path))
        else:
            assert [text.text for text in found] == [TEXTS[0].text]


@pytest.mark.parametrize(
    "start, end, label, message",
    [
        (0, 99, "PER", "a span goes from 0 to 99"),
        (-1, 3, "PER", "a span goes from -1 to 3"),
        (3, 3, "PER", "before it starts"),
        (3, 0, "PER", "before it starts"),
        (0, 3, "", "empty label"),
        (0, 3, 5, "the label of a span must be a text, found 5"),
        (0, 3, None, "the label of a span must be a text, found None"),
    ],
)
def test_bad_spans(module, file, start, end, label, message):
    bad = AnnotatedText("Zoë met Ana.", [AnnotatedSpan(start, end, label)])
    path = file(write(module, [TEXTS[0], bad]).encode())
    with pytest.raises(FormatError, match=f"{path}, line [23].*: .*{message}"):
        read(module, path)


def test_changed_bytes_give_texts_or_format_errors(module, good, file):
    chance = random.Random(0)
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(b'0-9{}[]",:\\n\xff\n\r')
        path = file(bytes(data))
        try:
            read(module, path)
        except FormatError as error:
            assert str(error).startswith(str(path))
