"""XML that anyone may have sent: read without entities, without depth, or refused."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from .limits import Refused

MOST_NESTED = 100
"""Elements in elements: more are in no document of an annotation tool."""


def parse_xml(text: str, what: str) -> Element:
    """Read a text in XML. RETURNS: its outermost element.

    what: what messages call it.
    RAISES: Refused if it is no XML, has a document type, which could define entities that grow
        without bounds, or is nested too deep.
    """
    parser = XMLParser(target=_Builder(what))
    try:
        parser.feed(text)
        return parser.close()
    except ParseError as error:
        raise Refused(400, f"{what} is not well-formed XML: {error}.") from None


class _Builder(TreeBuilder):
    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self._depth = 0

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Called at the beginning of a document type, before any of its entities is read."""
        raise Refused(400, f"{self._what} has a document type (<!DOCTYPE ...>): send it without.")

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise Refused(400, f"{self._what} has more than {MOST_NESTED} elements in each other.")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)
