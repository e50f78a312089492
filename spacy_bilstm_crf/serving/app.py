"""The service as an ASGI app."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI
from fastapi import Request as HttpRequest
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from spacy.language import Language

from .. import __version__
from ..tagging.tagger import allow_long_texts
from .answers import model_facts
from .asking import Ask
from .batches import Batches
from .body import BodyLimit, refusal
from .drain import CloseWhenDraining
from .inception import inception_routes
from .label_studio import label_studio_routes
from .limits import Limits, Refused
from .metrics import Metrics
from .observe import Observe
from .schema import REFUSALS, Answer, ModelFacts, OneText, Request, Status
from .tagger import Tagger

PAGE = Path(__file__).parent / "page"
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_PATHS = {"/", "/ents", "/model", "/health", "/ready", "/metrics", "/openapi.json"}

_log = logging.getLogger(__name__)


def make_app(load: Callable[[], Language], limits: Limits) -> FastAPI:
    """Make the app that serves a pipeline.

    load: loads it, when the app is started.
    """
    metrics = Metrics()
    facts: dict[str, Any] = {}
    ask = Ask(limits, metrics, facts)
    adapters = (label_studio_routes(ask), inception_routes(ask))

    def make_tagger() -> Tagger:
        nlp = load()
        allow_long_texts(nlp)
        facts.update(model_facts(nlp, limits))
        return Tagger(nlp)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.batches = batches = Batches(make_tagger, limits, metrics)
        try:
            await batches.start()
        except (OSError, ValueError) as error:
            _log.error("Can't load the pipeline: %s", error)
            # What is raised is logged with its traceback, and all has been said.
            raise RuntimeError("There is no pipeline to serve.") from None
        # What is loaded stays: the collector of garbage need not look through it again and again.
        gc.collect()
        gc.freeze()
        named = {"model": facts["name"], "version": facts["version"]}
        _log.info("ready", extra={"fields": named})
        yield
        gc.unfreeze()
        await batches.close()

    app = FastAPI(
        title="spacy-bilstm-crf",
        summary="Named entities, and labels of texts, by a spaCy pipeline",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.draining = False
    for adapter in adapters:
        app.include_router(adapter)
    app.add_middleware(BodyLimit, limits=limits)
    routes = [route for adapter in adapters for route in adapter.routes]
    paths = {route.path for route in routes if isinstance(route, APIRoute)}
    app.add_middleware(Observe, metrics=metrics, paths=_PATHS | paths)
    app.add_middleware(CloseWhenDraining)
    app.mount("/page", _Page(directory=PAGE))

    @app.exception_handler(Refused)
    async def refuse(_: HttpRequest, refused: Refused) -> Response:
        return refusal(refused)

    @app.exception_handler(RequestValidationError)
    async def refuse_malformed(_: HttpRequest, error: RequestValidationError) -> Response:
        # Without "input", which may be large, or no text at all.
        told = [{key: one[key] for key in ("loc", "msg", "type")} for one in error.errors()]
        return JSONResponse({"detail": told}, 422)

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(PAGE / "index.html", headers=_PAGE_HEADERS)

    @app.post("/ents", response_model=Answer | list[Answer], responses=REFUSALS)
    async def ents(request: Annotated[Request, Body()], http: HttpRequest) -> Response:
        """The entities of a text, or of each of several texts: a list of answers then."""
        texts = [request.text] if isinstance(request, OneText) else request.texts
        answers = await ask(http, texts, request.wanted())
        return JSONResponse(answers[0] if isinstance(request, OneText) else answers)

    @app.get("/model", response_model=ModelFacts)
    async def model() -> Response:
        """The pipeline that is served, and what it can give."""
        return JSONResponse(facts)

    @app.get("/health", response_model=Status)
    async def health() -> Response:
        """Whether the process answers at all."""
        return JSONResponse({"status": "ok"})

    @app.get("/ready", response_model=Status, responses={503: {"model": Status}})
    async def ready(http: HttpRequest) -> Response:
        """Whether texts can be sent."""
        if http.app.state.batches.ready and not http.app.state.draining:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, 503)

    @app.get("/metrics", response_class=Response)
    async def counts() -> Response:
        """Counts, for Prometheus."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    return app


class _Page(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_PAGE_HEADERS)
        return response
