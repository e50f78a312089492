"""Answers to questions about single spans, brought together by text."""

from __future__ import annotations

from dataclasses import replace

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError


class Answers:
    """Texts about which questions were answered, each once, in the order of the first answers."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], AnnotatedText] = {}
        self._places: dict[tuple[str, str, int, int, str], tuple[bool, str]] = {}

    @property
    def texts(self) -> list[AnnotatedText]:
        """The texts. What no answer is about is unknown."""
        return list(self._texts.values())

    def add(self, answer: AnnotatedText) -> None:
        """Add an answer: a text with a span that is an entity or is known to be wrong.

        RAISES: FormatError if another answer says the contrary.
        """
        key = answer.name, answer.text
        spans = [span for span in answer.spans if self._is_new(key, span, is_right=True)]
        wrong = [span for span in answer.wrong if self._is_new(key, span, is_right=False)]
        text = self._texts.get(key)
        if text is None:
            self._texts[key] = replace(answer, spans=spans, wrong=wrong)
        else:
            text.spans.extend(spans)
            text.wrong.extend(wrong)

    def _is_new(self, text: tuple[str, str], span: AnnotatedSpan, *, is_right: bool) -> bool:
        key = *text, span.start, span.end, span.label
        earlier = self._places.setdefault(key, (is_right, span.place))
        if earlier[0] != is_right:
            raise FormatError(
                f"{span.place}: {span.label} {text[1][span.start : span.end][:40]!r} is "
                f"{'accepted' if is_right else 'rejected'} here, and not in {earlier[1]}. Correct "
                "one of them."
            )
        return earlier == (is_right, span.place)
