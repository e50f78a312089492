"""Presidio with the probabilities of a pipeline as its scores (extra `presidio`).

Presidio's own `SpacyNlpEngine` gives all entities of spaCy one score, 0.85. `PipelineNlpEngine` is
in its place, with the probability of each entity; `PipelineRecognizer` stands beside an engine of
another model. An entity whose probability is not known, such as that of a rule, gets what Presidio
has for such a case, `default_score`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import cast

from spacy.language import Language
from spacy.tokens import Doc, Span

from .redaction import Found, find
from .tagging.probable_spans import entity_labels, spans_above

try:
    from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult
    from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
except ImportError as error:
    raise ImportError(
        f"Presidio is missing ({error}): pip install 'spacy-bilstm-crf[presidio]'"
    ) from error

DEFAULT_SCORE = 0.85
"""Presidio's own, of entities whose probability is not known."""


def map_labels(own: Iterable[str], labels: Mapping[str, str] | None = None) -> dict[str, str]:
    """Presidio's names of labels: PERSON for PER. Those that it has no name for keep their own.

    own: the labels of a pipeline.
    labels: names by label, instead of Presidio's.
    RAISES: ValueError if there is no such label.
    """
    given = dict(labels or {})
    known = NerModelConfiguration().model_to_presidio_entity_mapping or {}
    mapping = {label: given.pop(label, known.get(label, label)) for label in sorted(own)}
    if given:
        raise ValueError(
            f"The pipeline has no labels {sorted(given)}. Those that it has: {sorted(mapping)}."
        )
    return mapping


class PipelineNlpEngine(SpacyNlpEngine):
    """Presidio's NLP engine over pipelines that are loaded already.

    nlp: a pipeline, for its own language; or one for each code of a language.
    labels: as for `map_labels`.
    threshold: give, beside the entities, all spans that are at least so probable, from 0.01, also
        those that overlap. None for each component's own `threshold`. The pipelines are set so as
        long as this object is there, and are not for others to use.
    default_score: of entities whose probability is not known.
    RAISES: ValueError as `map_labels`.
    """

    def __init__(
        self,
        nlp: Language | Mapping[str, Language],
        *,
        labels: Mapping[str, str] | None = None,
        threshold: float | None = None,
        default_score: float = DEFAULT_SCORE,
    ) -> None:
        pipelines = {nlp.lang: nlp} if isinstance(nlp, Language) else dict(nlp)
        own = set().union(*map(entity_labels, pipelines.values()))
        super().__init__(
            models=[{"lang_code": code, "model_name": code} for code in pipelines],
            ner_model_configuration=NerModelConfiguration(
                model_to_presidio_entity_mapping=map_labels(own, labels),
                default_score=default_score,
            ),
        )
        self.nlp = pipelines
        self.threshold = threshold
        self._settings = ExitStack()
        for own_nlp in pipelines.values():
            self._settings.enter_context(spans_above(own_nlp, threshold))

    def load(self) -> None:
        """Do nothing: the pipelines are loaded."""

    def _get_entities(self, doc: Doc) -> list[Span]:
        found = find(doc, self.threshold)
        # They are of whole tokens, so that there is a span for each.
        return cast("list[Span]", [doc.char_span(own.start, own.end, own.label) for own in found])

    def _get_scores_for_entities(self, doc: Doc) -> list[float]:
        default = self.ner_model_configuration.default_score
        return [_score(own, default) for own in find(doc, self.threshold)]


class PipelineRecognizer(LocalRecognizer):
    """A recognizer of Presidio that runs a pipeline of its own on each text, whatever the engine.

    nlp, labels, threshold, default_score: as for `PipelineNlpEngine`.
    language: the code of the language that Presidio asks it for; by default the pipeline's own.
    """

    def __init__(
        self,
        nlp: Language,
        *,
        language: str | None = None,
        labels: Mapping[str, str] | None = None,
        threshold: float | None = None,
        default_score: float = DEFAULT_SCORE,
    ) -> None:
        self.nlp = nlp
        self._settings = ExitStack()
        self._settings.enter_context(spans_above(nlp, threshold))
        self.mapping = map_labels(entity_labels(nlp), labels)
        self.threshold = threshold
        self.default_score = default_score
        super().__init__(
            supported_entities=sorted(set(self.mapping.values())),
            supported_language=language or nlp.lang,
        )

    def load(self) -> None:
        """Do nothing: the pipeline is loaded."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Find what a text has of some entities, given by Presidio's names.

        RAISES: ValueError if the tokenizer changes the text.
        """
        doc = self.nlp(text)
        if doc.text != text:
            raise ValueError("The tokenizer changes the text, so offsets do not fit: use another.")
        found = find(doc, self.threshold)
        return [self._result(own) for own in found if self._name_of(own) in entities]

    def _name_of(self, own: Found) -> str:
        return self.mapping.get(own.label, own.label)

    def _result(self, own: Found) -> RecognizerResult:
        score = _score(own, self.default_score)
        by = "no probability is known" if own.probability is None else "its probability"
        return RecognizerResult(
            self._name_of(own),
            own.start,
            own.end,
            score,
            AnalysisExplanation(
                self.name, score, textual_explanation=f"{own.label}, {own.reason}: {by}"
            ),
            {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            },
        )


def _score(own: Found, default: float) -> float:
    # A probability, but for a last digit.
    return default if own.probability is None else min(1.0, max(0.0, own.probability))
