"""What the OpenAPI schema tells is so: requests are made up from it, right ones and wrong ones."""

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("schemathesis")

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

OPERATIONS = [
    ("POST", "/ents"),
    ("GET", "/model"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
]


def test_every_operation_is_tested(client):
    told = client.get("/openapi.json").json()["paths"]
    own = [(method.upper(), path) for path, methods in told.items() for method in methods]
    assert sorted(own) == sorted(OPERATIONS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "method, path, mode",
    [(*operation, GenerationMode.POSITIVE) for operation in OPERATIONS]
    + [("POST", "/ents", GenerationMode.NEGATIVE)],
)
def test_answers_are_as_told(client, method, path, mode):
    schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")

    @settings(
        max_examples=100,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def check(case):
        case.call_and_validate()

    check()
