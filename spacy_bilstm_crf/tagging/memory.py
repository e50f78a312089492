"""Memory that stays bounded over any number of texts."""

from __future__ import annotations

from contextlib import ExitStack

from spacy.language import Language

# Of texts, whose words stay: they are most of the words of texts that follow.
_KEPT_CHARACTERS = 1_000_000
# Of texts in one zone.
_ZONE_CHARACTERS = 1_000_000


class BoundedMemory:
    """Texts in spaCy's `nlp.memory_zone`, many in each. At its end all that is kept of their words
    is forgotten: lexemes, and what our layers keep.

    The first texts are in no zone: within one, spaCy's tokenizer keeps nothing of how it cuts
    words, and applies its rules to every word again, which takes longer than to find entities.
    """

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._to_keep = _KEPT_CHARACTERS
        self._left = 0
        self._zone = ExitStack()

    def enter(self, characters: int) -> None:
        """Make ready for texts of so many characters. Docs of earlier texts may become invalid."""
        if self._to_keep > 0:
            self._to_keep -= characters
            return
        if self._left <= 0:
            self.close()
            self._zone.enter_context(self._nlp.memory_zone())
            self._left = _ZONE_CHARACTERS
        self._left -= characters

    def close(self) -> None:
        """Leave the zone. Docs become invalid."""
        self._zone.close()
        self._left = 0
