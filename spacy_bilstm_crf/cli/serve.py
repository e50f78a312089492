"""A trained pipeline as a service."""

import typer
from wasabi import msg

from ..tagging.load import check_exists
from ..tagging.printable import printable
from .options import GpuId


def serve_cli(
    model: str = typer.Argument(..., help="Name or path of a trained pipeline"),
    host: str = typer.Option("127.0.0.1", help="Address to listen on; 0.0.0.0 for all"),
    port: int = typer.Option(8000, min=0, max=65535, help="Port to listen on"),
    processes: int = typer.Option(1, min=1, help="Processes, each of which loads the pipeline"),
    gpu_id: GpuId = -1,
    max_body: int = typer.Option(2_000_000, min=1, help="Bytes of a request, at most"),
    max_text: int = typer.Option(100_000, min=1, help="Characters of a text, at most"),
    max_queue: int = typer.Option(
        2_000_000, min=1, help="Characters of texts that may wait in a process"
    ),
    timeout: float = typer.Option(
        30.0,
        min=0.1,
        help="Seconds for the headers of a request to come, for its body, and for its answer",
    ),
    drain: float = typer.Option(
        1.0,
        min=0.0,
        help="Seconds after SIGTERM in which /ready says no, and requests are still answered: "
        "longer than what sends them needs to see it",
    ),
) -> None:
    """Serve a pipeline over HTTP: POST /ents, and a page to try it on at /. Annotation tools get
    suggestions at /label-studio and /inception.

    Texts of several requests are tagged together. /openapi.json tells the requests and answers,
    /health, /ready and /metrics how the service is. On SIGTERM it answers what it has accepted, and
    ends; on SIGHUP several processes load the pipeline anew, one after the other. It knows no
    users: put a proxy that does before it where others can reach it.
    """
    try:
        from ..serving.limits import Limits
        from ..serving.run import serve
    except ImportError as error:
        if (error.name or "").startswith("spacy_bilstm_crf"):
            raise
        msg.fail(
            f"The service needs {error.name}, which is not installed",
            "pip install 'spacy-bilstm-crf[serve]'",
            exits=1,
        )
    try:
        check_exists(model)
    except OSError as error:
        msg.fail(f"Can't load {printable(model)}", printable(error, keep="\n"), exits=1)
    limits = Limits(body=max_body, text=max_text, queue=max_queue, seconds=timeout)
    code = serve(
        model,
        host=host,
        port=port,
        processes=processes,
        gpu_id=gpu_id,
        drain=drain,
        limits=limits,
    )
    if code:
        msg.fail("The service did not start: the log says why", exits=1)
