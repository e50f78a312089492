"""A damaged pipeline is refused, or finds what it found before."""

from collections import Counter

from spacy_bilstm_crf.tagging.load import load_pipeline

from ..conftest import TRAIN

TEXTS = [text for text, _ in TRAIN] + [
    "Anna Smith didn't see Paris, or Jordan's U.S. friends (e.g. Nobody) at 10 p.m.!",
    "Ж漢 Paris\n\nAnna -- Jordan . Smith",
]


def found(nlp):
    return [
        [(e.start_char, e.end_char, e.label_, e._.confidence) for e in doc.ents]
        for doc in (nlp(text) for text in TEXTS)
    ]


def damage(nlp, rng, folder):
    """Damage one file of a saved pipeline, and load it.

    What people may edit, config.cfg, and the files of spaCy's own have no checksum: that these
    change what is found is counted, and no failure.
    """
    model = folder / "model"
    nlp.to_disk(model)
    paths = sorted(path for path in model.rglob("*") if path.is_file())
    path = rng.choice(paths)
    content = path.read_bytes()
    broken = damaged(content, rng)
    while broken == content:
        broken = damaged(content, rng)
    path.write_bytes(broken)
    try:
        other = load_pipeline(model)
    except (OSError, ValueError) as error:
        assert "\n" not in str(error), str(error)
        return Counter({"damaged files": 1, "refused": 1})
    if found(other) == found(nlp):
        return Counter({"damaged files": 1, "harmless": 1})
    name = path.relative_to(model).as_posix()
    assert not name.startswith("ner/"), f"{name}: {content[:200]!r} became {broken[:200]!r}"
    return Counter({"damaged files": 1, f"changed by {name}": 1})


def damaged(content, rng):
    """A bit flipped, a byte replaced, some bytes lost or zeroed, or the end cut off."""
    if not content:
        return b"\x00"
    place = rng.randrange(len(content))
    size = rng.choice([1, 2, 16, 512])
    before, after = content[:place], content[place + 1 :]
    return rng.choice(
        [
            before + bytes([content[place] ^ (1 << rng.randrange(8))]) + after,
            before + bytes([rng.randrange(256)]) + after,
            before + content[place + size :],
            before + bytes(size) + content[place + size :],
            before,
        ]
    )
