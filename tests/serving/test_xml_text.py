"""XML that anyone may send."""

import pytest

from spacy_bilstm_crf.serving.limits import Refused
from spacy_bilstm_crf.serving.xml_text import MOST_NESTED, parse_xml

LAUGHS = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(9))


def nested(n):
    return "<a>" * n + "</a>" * n


def test_xml():
    root = parse_xml(
        '<?xml version="1.0" encoding="UTF-16"?>\n<a b="&#128512;&#10;"><!-- c -->d</a>', "It"
    )
    assert (root.tag, root.get("b"), root.text) == ("a", "\U0001f600\n", "d")
    assert len(list(parse_xml(nested(MOST_NESTED), "It").iter())) == MOST_NESTED


@pytest.mark.parametrize(
    "xml, says",
    [
        ("", "is not well-formed XML: no element found: line 1, column 0"),
        ("<a>\n<b></a>", "is not well-formed XML: mismatched tag: line 2"),
        ("<a>&b;</a>", "is not well-formed XML: undefined entity"),
        ("<a>\x00</a>", "is not well-formed XML"),
        (f"<!DOCTYPE a [{LAUGHS}]><a>&e8;</a>", "has a document type"),
        (
            '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
            "has a document type",
        ),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', "has a document type"),
        (nested(MOST_NESTED + 1), "has more than 100 elements in each other"),
        (nested(200_000), "has more than 100 elements in each other"),
    ],
)
def test_what_is_refused(xml, says):
    with pytest.raises(Refused, match=f"^It {says}") as refused:
        parse_xml(xml, "It")
    assert refused.value.status == 400
