"""A folder of brat files, tagged from raw text and scored by its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spacy.language import Language

from ..corpora.brat import find_texts
from ..corpora.brat_score import score_folders
from ..corpora.manifest import OwnFiles, check_apart
from ..tagging.predict import predict
from ..tagging.texts import OnError


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
