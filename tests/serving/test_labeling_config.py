"""Labeling configurations of Label Studio."""

import pytest

from spacy_bilstm_crf.serving.labeling_config import LabelingConfig, read_config
from spacy_bilstm_crf.serving.limits import Refused

LABELS = '<Labels name="ner" toName="t"><Label value="PER"/></Labels>'


def test_config():
    config = read_config("""
        <View>
          <Choices name="mood" toName="t"><Choice value="sad"/></Choices>
          <Labels name="parts" toName="picture"><Label value="LEFT"/></Labels>
          <Labels name="ner" toName="picture,t">
            <Header value="What is it?"/>
            <Label value="Person" predicted_values="PER, PERSON" background="red"/>
            <Label value="Place" alias="LOC" predicted_values="PER"/>
            <View><Label value="ORG" predicted_values="LOC"/></View>
          </Labels>
          <Labels name="second" toName="t"><Label value="X"/></Labels>
          <Image name="picture" value="$url"/>
          <Text name="t" value="$a text" valueType="text" granularity="word"/>
        </View>
    """)
    labels = {"Person": "Person", "PERSON": "Person", "PER": "LOC"}
    labels |= {"Place": "LOC", "LOC": "LOC", "ORG": "ORG"}
    assert config == LabelingConfig("ner", "t", "a text", labels)


@pytest.mark.parametrize(
    "xml, says",
    [
        ("<View>", "not well-formed"),
        ("<View/>", "no <Labels"),
        (f'<View>{LABELS}<HyperText name="t" value="$t"/></View>', "no HyperText"),
        (f'<View>{LABELS}<Text name="other" value="$t"/></View>', "no <Labels"),
        ('<View><Labels toName="t"/><Text name="t" value="$t"/></View>', "no <Labels"),
        ('<View><Labels name="l" toName="t" value="$x"/><Text name="t" value="$t"/></View>', "'l'"),
        (f'<View>{LABELS}<Text name="t" value="text"/></View>', "without a field"),
        (f'<View>{LABELS}<Text name="t"/></View>', "without a field"),
        (f'<View>{LABELS}<Text name="t" value="$t" valueType="url"/></View>', "valueType"),
        (f'<View>{LABELS}<Text name="t" value="$t" encoding="base64"/></View>', "encoding"),
    ],
)
def test_what_is_refused(xml, says):
    with pytest.raises(Refused, match=f"^The labeling configuration .*{says}") as refused:
        read_config(xml)
    assert refused.value.status == 400
