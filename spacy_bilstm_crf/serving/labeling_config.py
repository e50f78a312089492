"""The labeling configuration of a project of Label Studio: where texts are, and what labels are
called there. https://labelstud.io/guide/setup and https://labelstud.io/tags/labels
"""

from __future__ import annotations

from typing import NamedTuple
from xml.etree.ElementTree import Element

from .limits import Refused
from .xml_text import parse_xml

_WHAT = "The labeling configuration"


class LabelingConfig(NamedTuple):
    """What is needed of a labeling configuration.

    from_name, to_name: the names of its tags <Labels> and <Text>.
    field: of the data of a task, that has the text.
    labels: what a label of a pipeline is called in regions: by value and alias of a tag <Label>,
        and by what its `predicted_values` lists.
    """

    from_name: str
    to_name: str
    field: str
    labels: dict[str, str]


def read_config(xml: str) -> LabelingConfig:
    """Read a labeling configuration. Where several tags <Labels> mark a <Text>, the first counts.

    RAISES: Refused if there is none, its labels are not listed, or the text is not in the task.
    """
    root = parse_xml(xml, _WHAT)
    texts = {tag.get("name"): tag for tag in root.iter("Text")}
    for tag in root.iter("Labels"):
        for to_name in tag.get("toName", "").split(","):
            if (name := tag.get("name")) and to_name in texts:
                return LabelingConfig(name, to_name, _field(texts[to_name]), _labels(tag))
    raise Refused(
        400,
        f'{_WHAT} has no <Labels name="..." toName="..."> that marks a <Text>: texts are all that '
        "is tagged here, no HyperText, Paragraphs or images.",
    )


def _field(text: Element) -> str:
    value = text.get("value", "")
    if not value.startswith("$") or value == "$":
        raise Refused(400, f'{_WHAT} has a <Text> without a field of the task: value="$text".')
    if text.get("valueType", "text") != "text" or text.get("encoding", "none") != "none":
        raise Refused(
            400,
            f"{_WHAT} has a <Text> with a valueType or an encoding. Only texts that stand in "
            "the task as they are can be tagged: nothing is fetched from elsewhere.",
        )
    return value[1:]


def _labels(tag: Element) -> dict[str, str]:
    labels: dict[str, str] = {}
    predicted: dict[str, str] = {}
    for label in tag.iter("Label"):
        value, alias = label.get("value"), label.get("alias")
        if name := alias or value:
            labels.update({own: name for own in (value, alias) if own})
            listed = label.get("predicted_values", "").split(",")
            predicted.update({own.strip(): name for own in listed if own.strip()})
    if not labels:
        raise Refused(400, f"{_WHAT} lists no <Label> in <Labels name={tag.get('name')!r}>.")
    return predicted | labels
