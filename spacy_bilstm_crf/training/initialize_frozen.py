"""Weights of a transformer that is not trained."""

from __future__ import annotations

from collections.abc import Callable

from spacy.language import Language


def initialize_frozen(components: list[str]) -> Callable[[Language], Language]:
    """A callback for [initialize.before_init] (spacy_bilstm_crf.initialize_frozen.v1): loads the
    weights of transformers that are to stay as they come.

    spaCy initializes nothing that `[training] frozen_components` names: it takes such a component
    to come from a trained pipeline. A transformer is then never loaded, and the layers that listen
    to it do not learn its width.

    components: the names of components of spacy-transformers.
    RAISES: KeyError if the pipeline has no such component.
    """

    def initialize(nlp: Language) -> Language:
        for name in components:
            pipe = nlp.get_pipe(name)
            pipe.initialize(lambda: [], nlp=nlp)  # type: ignore[attr-defined]
            # A frozen component is disabled by now, and has not looked for those that listen.
            for _, other in nlp.components:
                pipe.find_listeners(other)  # type: ignore[attr-defined]
        return nlp

    return initialize
