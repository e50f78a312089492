"""Documents and type systems as INCEpTION sends them, of our own words."""

from xml.sax.saxutils import quoteattr

NE = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
SEGMENTATION = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
STRING, BOOLEAN, DOUBLE = "uima.cas.String", "uima.cas.Boolean", "uima.cas.Double"
ANNOTATION = "uima.tcas.Annotation"
FEATURES = {"value": STRING, "identifier": STRING, "inception_internal_predicted": BOOLEAN}
SCORES = {"value_score": DOUBLE, "value_score_explanation": STRING}


def type_system(*types):
    """types: name, supertype and features; those of tokens and sentences are there."""
    units = [(f"{SEGMENTATION}.{name}", ANNOTATION, {}) for name in ("Token", "Sentence")]
    told = "".join(
        f"<typeDescription><name>{name}</name><description/><supertypeName>{above}</supertypeName>"
        + "<features>"
        + "".join(
            f"<featureDescription><name>{feature}</name><description/>"
            f"<rangeTypeName>{kind}</rangeTypeName></featureDescription>"
            for feature, kind in features.items()
        )
        + "</features></typeDescription>"
        for name, above, features in [*units, *types]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier">'
        f"<types>{told}</types></typeSystemDescription>"
    )


NER = type_system((NE, ANNOTATION, FEATURES | SCORES))


def units_of(text):
    """How many units of UTF-16 a text has."""
    return len(text.encode("utf-16-le")) // 2


def words(text):
    """Start and end of the words of a text, in units of UTF-16."""
    found, place = [], 0
    for word in text.split(" "):
        if word:
            found.append((place, place + units_of(word)))
        place += units_of(word) + 1
    return found


def xmi(text, tokens=None, sentences=None, more=""):
    """A document. tokens, sentences: start and end in units of UTF-16; None for the words, and for
    one sentence. more: elements, whose ids are from 900."""
    tokens = words(text) if tokens is None else tokens
    sentences = [(0, units_of(text))] if sentences is None else sentences
    units = [("Token", *token) for token in tokens] + [("Sentence", *one) for one in sentences]
    elements = "".join(
        f'<type:{name} xmi:id="{id}" sofa="1" begin="{start}" end="{end}"/>'
        for id, (name, start, end) in enumerate(units, 10)
    )
    ids = " ".join(str(id) for id, _ in enumerate(units, 10))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" '
        'xmlns:type="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore" '
        'xmlns:ner="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" xmi:version="2.0">'
        f'<cas:NULL xmi:id="0"/>{elements}{more}'
        '<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" '
        f"sofaString={quoteattr(text, {chr(10): '&#10;'})}/>"
        f'<cas:View sofa="1" members="{ids}"/></xmi:XMI>'
    )
