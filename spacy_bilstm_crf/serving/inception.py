"""The service as an external recommender of INCEpTION:
https://inception-project.github.io/releases/latest/docs/developer-guide.html#_external_recommender
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from .asking import Ask
from .limits import Refused
from .schema import NOT_TRAINED, REFUSALS, Characters, Wanted
from .xmi import Layer, Predicted, Xmi, find_layer

_WORD = "[A-Za-z_][A-Za-z0-9_]*"


class Metadata(BaseModel):
    """What is to be predicted."""

    layer: str = Field(pattern=rf"^{_WORD}(\.{_WORD})*$", description="The name of a type of spans")
    feature: str = Field(pattern=f"^{_WORD}$", description="That of its feature for the label")
    anchoringMode: Literal["characters", "singleToken", "tokens", "sentences"] = Field(
        "characters", description="What predictions are whole ones of"
    )
    crossSentence: bool = Field(True, description="Whether they may reach over sentences")


class Document(BaseModel):
    """A document."""

    xmi: Characters


class ToPredict(BaseModel):
    """A document, and what is to be predicted in it."""

    metadata: Metadata
    document: Document
    typeSystem: Characters = Field(description="The UIMA type system of the document, in XML")


class WithPredictions(BaseModel):
    """The document with predictions."""

    document: str = Field(description="In XMI")


def inception_routes(ask: Ask) -> APIRouter:
    """The paths that INCEpTION asks for. A recommender is told the URL up to /inception."""
    routes = APIRouter(prefix="/inception", tags=["INCEpTION"])

    @routes.post("/predict", response_model=WithPredictions, responses=REFUSALS)
    async def predict(request: ToPredict, http: HttpRequest) -> Response:
        """Add the entities of a document to it, as predictions of a layer."""
        # In threads, since a long document takes some tenths of a second.
        xmi, layer = await run_in_threadpool(_read, request)
        (answer,) = await ask(http, [xmi.text], Wanted("utf-16"))
        spans = [
            Predicted(ent["start"], ent["end"], ent["label"], ent["confidence"])
            for ent in answer["ents"]
        ]
        return JSONResponse(await run_in_threadpool(_answer, xmi, layer, spans, request.metadata))

    @routes.post("/train", response_class=Response, responses=NOT_TRAINED)
    async def train() -> Response:
        """Refuse to train."""
        raise Refused(
            501,
            "Nothing is trained here: set the recommender's training to 'not supported'. To train, "
            "export the annotations, and serve the new model.",
        )

    return routes


def _read(request: ToPredict) -> tuple[Xmi, Layer]:
    layer = find_layer(request.typeSystem, request.metadata.layer, request.metadata.feature)
    return Xmi(request.document.xmi), layer


def _answer(xmi: Xmi, layer: Layer, spans: list[Predicted], wanted: Metadata) -> dict[str, str]:
    xmi.add(layer, xmi.anchor(spans, wanted.anchoringMode, wanted.crossSentence))
    return {"document": xmi.to_text()}
