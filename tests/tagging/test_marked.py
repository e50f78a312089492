from spacy import displacy
from spacy.tokens import Span

from spacy_bilstm_crf.tagging.marked import mark_up

from ..conftest import TRAIN


def test_confidences_are_shown_and_labels_escaped(trained):
    doc = trained(TRAIN[0][0])
    doc.ents = [doc.ents[0], Span(doc, 4, 5, "<i>")]
    html = displacy.render(mark_up(doc), style="ent", manual=True, jupyter=False)
    assert f">PER {doc.ents[0]._.confidence:.2f}<" in html
    assert ">&lt;i&gt;<" in html and "<i>" not in html  # its confidence is not known
    plain = displacy.render(doc, style="ent", jupyter=False)
    assert html.count("background: ") == plain.count("background: ") == 2
    colors = [part.split(";")[0] for part in plain.split("background: ")[1:]]
    assert [part.split(";")[0] for part in html.split("background: ")[1:]] == colors
