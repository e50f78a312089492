"""A document in XMI, as UIMA writes it: its text and its tokens read, predictions added.

All else in it stays as it is. Types are elements (a.b.Type is Type in the namespace
http:///a/b.ecore), features attributes, and offsets count units of UTF-16:
https://uima.apache.org/d/uimaj-current/references.html#ugr.ref.xmi

Nothing is made of the type system but a look at one type. (dkpro-cassis makes a Python class of
each type that a request names, by generated code, in a time that grows with the cube of its
features.)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from .limits import Refused
from .xml_text import parse_xml

_XMI = "{http://www.omg.org/XMI}"
_CAS = "{http:///uima/cas.ecore}"
_ID = f"{_XMI}id"
_RESOURCE = "{http://uima.apache.org/resourceSpecifier}"
_SEGMENTATION = "{http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore}"
_UNITS = {"singleToken": "Token", "tokens": "Token", "sentences": "Sentence"}
_PREDICTED = "inception_internal_predicted"

# UIMA looks for "xmi:id" by these very letters.
register_namespace("xmi", _XMI[1:-1])
register_namespace("cas", _CAS[1:-1])


class Layer(NamedTuple):
    """Where predictions go.

    tag: of their elements.
    feature: the attribute of their labels.
    has_score: whether they can have a score.
    """

    tag: str
    feature: str
    has_score: bool


class Predicted(NamedTuple):
    """A prediction. start, end: in units of UTF-16. confidence: None if it is not known."""

    start: int
    end: int
    label: str
    confidence: float | None


def find_layer(type_system: str, layer: str, feature: str) -> Layer:
    """Find a layer of spans in a type system.

    layer, feature: the names of a type, and of a feature that holds strings.
    RAISES: Refused if they are not there, or of another kind.
    """
    root = parse_xml(type_system, "The type system")
    types = {_child(each, "name"): each for each in root.iter(f"{_RESOURCE}typeDescription")}
    ranges: dict[str, str] = {}
    name = layer
    while name in types:  # from the type to those above it; each once, so that it ends
        described = types.pop(name)
        for each in described.iter(f"{_RESOURCE}featureDescription"):
            ranges.setdefault(_child(each, "name"), _child(each, "rangeTypeName"))
        name = _child(described, "supertypeName")
    if name == layer or name != "uima.tcas.Annotation":
        raise Refused(400, f"The type system has no layer of spans {layer!r}.")
    if ranges.get(feature) != "uima.cas.String":
        raise Refused(400, f"The layer {layer!r} has no feature {feature!r} that holds strings.")
    if _PREDICTED not in ranges:
        raise Refused(
            400, f"The layer {layer!r} has no feature {_PREDICTED!r}, which marks predictions."
        )
    package, _, short = layer.rpartition(".")
    namespace = (package or "uima.noNamespace").replace(".", "/")
    return Layer(f"{{http:///{namespace}.ecore}}{short}", feature, f"{feature}_score" in ranges)


class Xmi:
    """A document. RAISES: Refused if it is no XMI, or has no text."""

    def __init__(self, xmi: str) -> None:
        self._root = parse_xml(xmi, "The document")
        sofas = [s for s in self._root.iter(f"{_CAS}Sofa") if s.get("sofaID") == "_InitialView"]
        if self._root.tag != f"{_XMI}XMI" or not sofas or _ID not in sofas[0].attrib:
            raise Refused(400, "The document is no XMI with a Sofa '_InitialView'.")
        if sofas[0].get("sofaString") is None:
            raise Refused(400, "The document has no text: its Sofa has no sofaString.")
        self.text = sofas[0].attrib["sofaString"]
        self._sofa = sofas[0].attrib[_ID]

    def anchor(
        self, spans: Iterable[Predicted], mode: str, cross_sentence: bool
    ) -> list[Predicted]:
        """Bring spans to where annotations of a layer may stand, and leave out those that may not.

        mode: "characters" (anywhere), "tokens", "singleToken" or "sentences": to whole ones of
            these.
        cross_sentence: whether a span may reach from one sentence into another.
        RETURNS: the spans; one of those that become the same, the most probable.
        RAISES: Refused if offsets of a token or a sentence of the document are no numbers.
        """
        units = self._units(_UNITS[mode]) if mode in _UNITS else None
        sentences = None if cross_sentence else self._units("Sentence")
        kept: dict[tuple[int, int, str], Predicted] = {}
        for span in sorted(spans, key=lambda span: span.confidence or 0.0):
            start, end = span.start, span.end
            if units is not None:
                touched = units.touched(start, end)
                if not touched or (mode == "singleToken" and len(touched) > 1):
                    continue
                start, end = touched[0][0], touched[-1][1]
            if sentences is None or len(sentences.touched(start, end)) <= 1:
                kept[start, end, span.label] = span._replace(start=start, end=end)
        return sorted(kept.values())

    def add(self, layer: Layer, spans: Iterable[Predicted]) -> None:
        """Add predictions. RAISES: Refused if an id of the document is no number."""
        ids = [_number(each, _ID) for each in self._root if _ID in each.attrib]
        first = max(ids, default=0) + 1
        elements: list[Element] = []
        for number, span in enumerate(spans, first):
            attributes = {
                _ID: str(number),
                "sofa": self._sofa,
                "begin": str(span.start),
                "end": str(span.end),
                layer.feature: span.label,
                _PREDICTED: "true",
            }
            if layer.has_score and span.confidence is not None:
                attributes[f"{layer.feature}_score"] = repr(span.confidence)
            elements.append(Element(layer.tag, attributes))
        view = self._view()
        place = list(self._root).index(view)  # UIMA looks for what is in a view before it only
        self._root[place:place] = elements
        members = [view.get("members", ""), *(element.attrib[_ID] for element in elements)]
        view.set("members", " ".join(members).strip())

    def to_text(self) -> str:
        """The document, with what was added."""
        return tostring(self._root, encoding="utf-8", xml_declaration=True).decode()

    def _view(self) -> Element:
        for view in self._root.findall(f"{_CAS}View"):
            if view.get("sofa") == self._sofa:
                return view
        # UIMA writes none where nothing is annotated.
        return SubElement(self._root, f"{_CAS}View", {"sofa": self._sofa})

    def _units(self, name: str) -> _Units:
        return _Units(
            (_number(each, "begin"), _number(each, "end"))
            for each in self._root.iter(f"{_SEGMENTATION}{name}")
            if each.get("sofa") == self._sofa
        )


class _Units:
    """Tokens or sentences, which do not overlap."""

    def __init__(self, units: Iterable[tuple[int, int]]) -> None:
        self._units = sorted(unit for unit in units if unit[0] < unit[1])
        self._starts = [start for start, _ in self._units]
        self._ends = [end for _, end in self._units]

    def touched(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those that share a character with a span."""
        return self._units[bisect_right(self._ends, start) : bisect_left(self._starts, end)]


def _child(element: Element, name: str) -> str:
    return (element.findtext(f"{_RESOURCE}{name}") or "").strip()


def _number(element: Element, name: str) -> int:
    try:
        return int(element.get(name, ""))
    except ValueError:
        kind, what = element.tag.rpartition("}")[2], name.rpartition("}")[2]
        raise Refused(400, f"The document has a {kind} whose {what} is no number.") from None
