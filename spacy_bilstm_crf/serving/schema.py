"""Requests and answers, as the service's OpenAPI schema tells them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
)

from ..pipeline.settings import LEAST_PROBABILITY
from .limits import MOST_READINGS

_HALVES = re.compile("[\ud800-\udfff]")


class Wanted(NamedTuple):
    """What is wanted of a text besides its entities and labels.

    offsets: what they count, as `corpora.formats.spans.Offsets` names it.
    spans_above: the least probability of spans, None for no spans.
    n_best: how many readings, 0 for none.
    """

    offsets: str = "characters"
    spans_above: float | None = None
    n_best: int = 0


def _as_whole(value: Any) -> Any:
    """In JSON, 2.0 is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    offsets: Literal["code_points", "utf-16"] = Field(
        "code_points",
        description="What start and end count: code points, as Python does, or units of UTF-16, as "
        "JavaScript and Java do",
    )
    spans: bool = Field(False, description="Give all probable spans, also those that overlap")
    threshold: float = Field(
        0.1,
        ge=LEAST_PROBABILITY,
        le=1.0,
        allow_inf_nan=False,
        description="The least probability of those spans; given alone, it asks for them",
    )
    n_best: Annotated[int, BeforeValidator(_as_whole)] = Field(
        0, ge=0, le=MOST_READINGS, description="So many of the most probable readings of the text"
    )

    def wanted(self) -> Wanted:
        """What is wanted of each text."""
        offsets = "utf-16" if self.offsets == "utf-16" else "characters"
        given = self.model_fields_set
        asks = self.spans or ("threshold" in given and "spans" not in given)
        return Wanted(offsets, self.threshold if asks else None, self.n_best)


def has_halves(text: str) -> bool:
    """Whether a text has half a surrogate pair, which JSON can hold, and which is no character."""
    return _HALVES.search(text) is not None


def _check_characters(text: str) -> str:
    if has_halves(text):
        raise ValueError("Input should be characters, and has half a surrogate pair")
    return text


Characters = Annotated[str, AfterValidator(_check_characters)]
"""A text as a request may have it."""


class OneText(_Options):
    """A text."""

    text: Characters


class ManyTexts(_Options):
    """Texts, which are answered in their order."""

    texts: list[Characters]


def _kind(value: Any) -> str:
    has_many = "texts" in value if isinstance(value, dict) else isinstance(value, ManyTexts)
    return "texts" if has_many else "text"


Request = Annotated[
    Annotated[OneText, Tag("text")] | Annotated[ManyTexts, Tag("texts")], Discriminator(_kind)
]


class Entity(BaseModel):
    """An entity, or a span that may be one."""

    start: int = Field(description="Where it starts")
    end: int = Field(description="Where it ends, exclusive")
    label: str
    text: str
    confidence: float | None = Field(
        description="Its probability; null if the pipeline does not say"
    )


class Reading(BaseModel):
    """One of the most probable readings of a text."""

    component: str = Field(description="The component of the pipeline that reads it so")
    probability: float
    ents: list[Entity]


class Answer(BaseModel):
    """What the pipeline says of a text."""

    ents: list[Entity]
    cats: dict[str, float] | None = Field(
        None, description="The probabilities of its labels; left out if the pipeline gives none"
    )
    spans: list[Entity] | None = Field(
        None,
        description="All probable spans, if asked for; null if the pipeline does not give them",
    )
    n_best: list[Reading] | None = Field(
        None, description="Readings, if asked for; null if the pipeline does not give them"
    )


class ModelFacts(BaseModel):
    """The pipeline that is served, and what it can give."""

    name: str
    version: str
    lang: str
    labels: list[str] = Field(description="Of entities and spans")
    categories: list[str] = Field(description="Labels of whole texts")
    spans: bool = Field(description="Whether it gives all probable spans")
    n_best: bool = Field(description="Whether it gives several readings")
    most_readings: int
    longest_text: int = Field(description="Characters of a text, at most")
    longest_read_text: int = Field(description="The same for a text with n_best")


class Problem(BaseModel):
    """Why a request was not answered."""

    detail: str


class Status(BaseModel):
    """How the service is."""

    status: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is not JSON in UTF-8, or malformed otherwise"},
    408: {"model": Problem, "description": "The body came too slowly"},
    413: {"model": Problem, "description": "The body or a text is too large"},
    429: {"model": Problem, "description": "Too many texts are waiting: see Retry-After"},
    500: {"model": Problem, "description": "The pipeline failed at a text"},
    503: {"model": Problem, "description": "No answer in time, or shutting down: see Retry-After"},
}

_Answers = list[dict[str, Any] | None] | None
"""What a path may answer that tags texts."""

NOT_TRAINED: dict[int | str, dict[str, Any]] = {
    501: {"model": Problem, "description": "Nothing is trained here"}
}
"""What a path answers that is there to train."""
