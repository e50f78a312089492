"""The service as an ML backend of Label Studio: https://labelstud.io/guide/ml

Label Studio calls /health and /setup where a backend is connected, /predict for suggestions, and
/webhook or /train when it is told to train.
"""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from ..corpora.annotated import AnnotatedSpan, AnnotatedText
from ..corpora.formats.label_studio import make_prediction, version_of
from .asking import Ask
from .labeling_config import LabelingConfig, read_config
from .limits import Refused
from .schema import NOT_TRAINED, REFUSALS, Characters, Problem, Status, Wanted, has_halves

_log = logging.getLogger(__name__)


class Task(BaseModel):
    """A task. data: its fields, of which one has the text."""

    id: int | str | None = None
    data: dict[str, Any]


class Tasks(BaseModel):
    """Tasks, and how they are labeled."""

    tasks: list[Task]
    label_config: Characters = Field(description="The project's labeling configuration, in XML")


class Setup(BaseModel):
    """A project that is connected."""

    labeling_config: Characters = Field(alias="schema", description="As label_config of /predict")


class Version(BaseModel):
    """The pipeline that predicts."""

    model_config = ConfigDict(protected_namespaces=())
    model_version: str


class Prediction(Version):
    """The entities of a task, as regions."""

    result: list[dict[str, Any]]
    score: float | None = Field(
        None, description="The least confidence of a region; left out if none is known"
    )


class Predictions(Version):
    """A prediction of each task, in their order."""

    results: list[Prediction]


class Event(BaseModel):
    """What has happened in a project."""

    action: str


def label_studio_routes(ask: Ask) -> APIRouter:
    """The paths that Label Studio asks for. A project is told the URL up to /label-studio."""
    routes = APIRouter(prefix="/label-studio", tags=["Label Studio"])

    @routes.get("/health", response_model=Status)
    async def health() -> Response:
        """Whether the process answers at all."""
        return JSONResponse({"status": "UP"})

    @routes.post("/setup", response_model=Version, responses={400: {"model": Problem}})
    async def setup(project: Setup) -> Response:
        """Whether a project can be tagged, and by which pipeline."""
        config = _read_config(project.labeling_config, ask.facts["labels"])
        if unlisted := set(ask.facts["labels"]) - config.labels.keys():
            _log.warning(
                "Labels that the labeling configuration does not list are left out",
                extra={"fields": {"labels": sorted(unlisted)}},
            )
        return JSONResponse({"model_version": version_of(ask.facts)})

    @routes.post("/predict", response_model=Predictions, responses=REFUSALS)
    async def predict(request: Tasks, http: HttpRequest) -> Response:
        """The entities of tasks, those whose labels the project lists."""
        config = _read_config(request.label_config, ask.facts["labels"])
        texts = [_text(task, number, config) for number, task in enumerate(request.tasks, 1)]
        answers = await ask(http, texts, Wanted())
        version = version_of(ask.facts)
        results = [
            make_prediction(
                _listed(text, answer["ents"], config),
                str(number if task.id is None else task.id),
                version,
                from_name=config.from_name,
                to_name=config.to_name,
            )
            for number, (task, text, answer) in enumerate(zip(request.tasks, texts, answers), 1)
        ]
        return JSONResponse({"model_version": version, "results": results})

    @routes.post("/webhook", response_model=Status, responses=NOT_TRAINED)
    async def webhook(event: Event) -> Response:
        """Leave alone what has happened in a project, but refuse to train."""
        if event.action == "START_TRAINING":
            return await train()
        return JSONResponse({"status": "ignored"})

    @routes.post("/train", response_class=Response, responses=NOT_TRAINED)
    async def train() -> Response:
        """Refuse to train."""
        raise Refused(
            501, "Nothing is trained here: export the annotations, train, and serve the new model."
        )

    return routes


def _read_config(xml: str, own: list[str]) -> LabelingConfig:
    """RAISES: Refused as `read_config`; or if it lists none of the pipeline's own labels."""
    config = read_config(xml)
    if own and not config.labels.keys() & set(own):
        raise Refused(
            400,
            f"The labeling configuration lists none of the pipeline's labels, {', '.join(own)}, "
            f"but {', '.join(sorted(config.labels))}. Add them as <Label>s, or name them in "
            'predicted_values: <Label value="Person" predicted_values="PER"/>.',
        )
    return config


def _text(task: Task, number: int, config: LabelingConfig) -> str:
    """RAISES: Refused if the task has no text."""
    text = task.data.get(config.field)
    if not isinstance(text, str) or has_halves(text):
        called = f"Task {number}" if task.id is None else f"Task {number} (id {task.id})"
        raise Refused(400, f"{called} has no text in the field {config.field!r} of its data.")
    return text


def _listed(text: str, ents: list[dict[str, Any]], config: LabelingConfig) -> AnnotatedText:
    """The entities whose labels a configuration lists, by their names there."""
    spans = [
        AnnotatedSpan(
            ent["start"],
            ent["end"],
            config.labels[ent["label"]],
            confidence=ent["confidence"],
        )
        for ent in ents
        if ent["label"] in config.labels
    ]
    return AnnotatedText(text, spans)
