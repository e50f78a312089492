"""Raw text, tagged and scored by characters: what users of a pipeline have is no gold tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from ..corpora.brat import find_texts
from ..corpora.brat_score import Entities, score_folders, score_sets
from ..corpora.manifest import OwnFiles, check_apart
from ..tagging.predict import predict
from ..tagging.texts import OnError


def score_raw_docs(nlp: Language, gold: Sequence[Doc]) -> dict[str, Any]:
    """Tag the texts of docs, with the pipeline's own tokens and sentences, and score entities by
    label and exact characters.

    gold: docs with entities. Where the annotation of a token is missing, what is found there does
        not count. The text of docs with unknown spaces is their tokens with blanks between.
    RETURNS: as `corpora.brat_score.score_sets`.
    """
    found = nlp.pipe(doc.text for doc in gold)
    return score_sets(
        (_without_unknown(_entities(tagged), doc), _entities(doc))
        for tagged, doc in zip(found, gold)
    )


def _entities(doc: Doc) -> Entities:
    return {(ent.label_, ent.start_char, ent.end_char) for ent in doc.ents}


def _without_unknown(found: Entities, gold: Doc) -> Entities:
    unknown = [(token.idx, token.idx + len(token)) for token in gold if token.ent_iob == 0]
    return {
        entity
        for entity in found
        if not any(entity[1] < end and start < entity[2] for start, end in unknown)
    }


def score_raw_text(
    nlp: Language, gold: Path, predictions: Path, *, on_error: OnError | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Tag the texts of a folder of brat files, and score them as `score_folders` does.

    predictions: gets the .ann files, once all texts are tagged; those of an earlier call, and no
        others, are replaced.
    on_error: told of each text that fails.
    RETURNS: the scores, and the names of texts that failed.
    RAISES: ValueError if the folders do not lie apart, FileExistsError if files of others are in
        the way; and as `predict` and `score_folders` do.
    """
    check_apart(gold, predictions)
    texts = [path.relative_to(gold) for path in find_texts(gold)]
    names = [path.with_suffix(".ann").as_posix() for path in texts]
    own = OwnFiles(predictions, command="evaluate", manifest=".predictions.json")
    own.check_free(names)
    with own.build() as built:
        tagged = built.with_name("tagged")
        failed = predict(nlp, gold, tagged, on_error=on_error).failed
        scores = score_folders(gold, tagged)
        for name in names:
            if (tagged / name).is_file():
                (tagged / name).rename(built / name)
        own.replace(built, {"model": f"{nlp.meta['lang']}_{nlp.meta['name']}"})
    return scores, failed
