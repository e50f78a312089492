"""Documents in XMI, read beside dkpro-cassis where it is installed."""

from xml.etree import ElementTree

import pytest

from spacy_bilstm_crf.serving.limits import Refused
from spacy_bilstm_crf.serving.xmi import Layer, Predicted, Xmi, find_layer

from .xmi_texts import ANNOTATION, FEATURES, NE, NER, SCORES, type_system, words, xmi

TEXT = "\U0001f600 Anna \U0001f40d Smith lives\nin Paris ."
LAYER = Layer(
    "{http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore}NamedEntity", "value", True
)


def with_predictions(document, *predictions, layer=LAYER):
    own = Xmi(document)
    own.add(layer, predictions)
    return own.to_text()


def anchored(mode, *spans, cross_sentence=True, document=None):
    own = Xmi(document or xmi("Anna lives in Paris . Rome is far ."))
    predicted = [Predicted(*span, "X", 0.5) for span in spans]
    found = own.anchor(predicted, mode, cross_sentence)
    return [(span.start, span.end) for span in found]


def test_layer():
    assert find_layer(NER, NE, "value") == LAYER
    assert not find_layer(type_system((NE, ANNOTATION, FEATURES)), NE, "value").has_score
    # features of types above it are its own, too
    below = type_system(("a.Name", NE, {}), (NE, ANNOTATION, FEATURES | SCORES))
    assert find_layer(below, "a.Name", "value") == Layer("{http:///a.ecore}Name", "value", True)
    alone = type_system(("Name", ANNOTATION, FEATURES))
    assert find_layer(alone, "Name", "value").tag == "{http:///uima/noNamespace.ecore}Name"


@pytest.mark.parametrize(
    "told, layer, feature, says",
    [
        (NER, "a.Name", "value", "no layer of spans 'a.Name'"),
        (NER, ANNOTATION, "begin", "no layer of spans"),
        (NER, NE, "label", "no feature 'label'"),
        (NER, NE, "value_score", "no feature 'value_score' that holds strings"),
        (type_system(("a.B", "uima.cas.TOP", FEATURES)), "a.B", "value", "no layer of spans"),
        (type_system(("a.B", "a.C", FEATURES)), "a.B", "value", "no layer of spans"),
        (type_system(("a.B", "a.B", FEATURES)), "a.B", "value", "no layer of spans"),
        (
            type_system(("a.B", "a.C", FEATURES), ("a.C", "a.B", FEATURES)),
            "a.B",
            "value",
            "no layer of spans",
        ),
        (type_system((NE, ANNOTATION, {"value": "uima.cas.String"})), NE, "value", "_predicted"),
        ("<a>", NE, "value", "The type system is not well-formed"),
    ],
)
def test_layers_that_are_not_there(told, layer, feature, says):
    with pytest.raises(Refused, match=says) as refused:
        find_layer(told, layer, feature)
    assert refused.value.status == 400


def test_all_else_stays():
    of_user = '<ner:NamedEntity xmi:id="900" sofa="1" begin="3" end="7" value="PER">'
    more = f"{of_user}<x>a b</x></ner:NamedEntity>"
    document = xmi(TEXT, more=more)
    assert Xmi(document).text == TEXT
    added = with_predictions(document, Predicted(3, 7, "PER", 0.25), Predicted(8, 10, "LOC", None))
    before, after = ElementTree.fromstring(document), ElementTree.fromstring(added)
    new = after.findall(LAYER.tag)[1:]
    assert [dict(element.attrib, id="") for element in new] == [
        {
            "{http://www.omg.org/XMI}id": "901",
            "id": "",
            "sofa": "1",
            "begin": "3",
            "end": "7",
            "value": "PER",
            "inception_internal_predicted": "true",
            "value_score": "0.25",
        },
        {
            "{http://www.omg.org/XMI}id": "902",
            "id": "",
            "sofa": "1",
            "begin": "8",
            "end": "10",
            "value": "LOC",
            "inception_internal_predicted": "true",
        },
    ]
    for element in new:
        after.remove(element)
    view = after.find("{http:///uima/cas.ecore}View")
    view.set("members", view.get("members").removesuffix(" 901 902"))
    assert ElementTree.tostring(after) == ElementTree.tostring(before)
    # UIMA wants these very letters, and a view behind what is in it
    assert added.index(' xmi:id="902"') < added.index("<cas:View")


def test_a_document_without_a_view():
    start, _, end = xmi("Anna", [], []).partition("<cas:View")
    added = with_predictions(start + "</xmi:XMI>", Predicted(0, 4, "PER", 0.5))
    assert added.index('xmi:id="2"') < added.index('<cas:View sofa="1" members="2"')


def test_as_cassis_reads_it():
    cassis = pytest.importorskip("cassis", reason="needs dkpro-cassis")
    types = cassis.load_typesystem(NER)
    (name, place) = [words(TEXT)[i] for i in (1, 5)]
    added = with_predictions(
        xmi(TEXT), Predicted(*name, "PER", 0.75), Predicted(*place, "LOC", 1e-9)
    )
    cas = cassis.load_cas_from_xmi(added, types)
    assert cas.sofa_string == TEXT
    found = [
        (one.get_covered_text(), one.value, one.value_score, one.inception_internal_predicted)
        for one in cas.select(NE)
    ]
    assert found == [("Anna", "PER", 0.75, True), ("Paris", "LOC", 1e-9, True)]
    # and what cassis writes is read
    assert Xmi(cas.to_xmi()).anchor([Predicted(4, 5, "PER", 0.5)], "tokens", True) == [
        Predicted(*name, "PER", 0.5)
    ]


@pytest.mark.parametrize(
    "mode, spans, expected",
    [
        ("characters", [(1, 3), (4, 5)], [(1, 3), (4, 5)]),
        # a token that is touched is whole, and between tokens there is nothing to hold
        ("tokens", [(0, 4), (1, 3), (2, 6), (13, 15), (4, 5)], [(0, 4), (0, 10), (14, 19)]),
        ("singleToken", [(1, 3), (2, 6), (4, 5)], [(0, 4)]),
        ("sentences", [(1, 3)], [(0, 35)]),
    ],
)
def test_anchoring(mode, spans, expected):
    assert anchored(mode, *spans) == expected


def test_anchoring_in_units_of_utf_16():
    text = "\U0001f40d\U0001f40d Anna Smith"
    assert anchored("tokens", (6, 11), document=xmi(text)) == [(5, 15)]
    assert anchored("tokens", (0, 2), document=xmi(text)) == [(0, 4)]


def test_over_sentences():
    document = xmi("Anna Smith . Rome is far .", sentences=[(0, 12), (13, 26)])
    spans = [(0, 10), (5, 17), (13, 17)]
    assert anchored("tokens", *spans, document=document) == [(0, 10), (5, 17), (13, 17)]
    found = anchored("tokens", *spans, document=document, cross_sentence=False)
    assert found == [(0, 10), (13, 17)]
    whole = anchored("sentences", *spans, document=document)
    assert whole == [(0, 12), (0, 26), (13, 26)]


def test_spans_that_become_the_same():
    own = Xmi(xmi("Oslo-Paris", [(0, 10)]))
    spans = [
        Predicted(0, 4, "LOC", 0.9),
        Predicted(5, 10, "LOC", 0.3),
        Predicted(5, 10, "PER", None),
    ]
    assert own.anchor(spans, "tokens", True) == [
        Predicted(0, 10, "LOC", 0.9),
        Predicted(0, 10, "PER", None),
    ]


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("<cas:Sofa", "<cas:Other", "no XMI with a Sofa"),
        ("_InitialView", "other", "no XMI with a Sofa"),
        ("xmi:XMI", "xmi:Other", "no XMI with a Sofa"),
        ('xmi:id="1"', 'id="1"', "no XMI with a Sofa"),
        ("sofaString", "sofaURI", "no text"),
        ('<cas:NULL xmi:id="0"', '<cas:NULL xmi:id="x"', "a NULL whose id is no number"),
        (
            '<cas:NULL xmi:id="0"',
            f'<cas:NULL xmi:id="{"9" * 5000}"',
            "a NULL whose id is no number",
        ),
        ('begin="0"', "", "a Token whose begin is no number"),
        ('end="4"', 'end="four"', "a Token whose end is no number"),
        ("</xmi:XMI>", "", "not well-formed"),
        ("<xmi:XMI", "<!DOCTYPE a><xmi:XMI", "document type"),
    ],
)
def test_documents_that_are_none(old, new, says):
    document = xmi("Anna Smith").replace(old, new)
    with pytest.raises(Refused, match=f"^The document .*{says}") as refused:
        own = Xmi(document)
        own.add(LAYER, own.anchor([Predicted(0, 4, "PER", 0.5)], "tokens", True))
    assert refused.value.status == 400
