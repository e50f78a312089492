"""What the OpenAPI schema tells is so: requests are made up from it, right ones and wrong ones."""

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("schemathesis")

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

OPERATIONS = [
    ("POST", "/ents"),
    ("GET", "/model"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("GET", "/label-studio/health"),
    ("POST", "/label-studio/setup"),
    ("POST", "/label-studio/predict"),
    ("POST", "/label-studio/webhook"),
    ("POST", "/label-studio/train"),
    ("POST", "/inception/predict"),
    ("POST", "/inception/train"),
]
# Of these bodies, texts are in XML, of which JSON's schemas tell nothing: any other is refused.
IN_XML = ("/label-studio/setup", "/label-studio/predict", "/inception/predict")
# These answer 501.
NOT_TRAINED = ("/label-studio/train", "/inception/train")


def test_every_operation_is_tested(client):
    told = client.get("/openapi.json").json()["paths"]
    own = [(method.upper(), path) for path, methods in told.items() for method in methods]
    assert sorted(own) == sorted(OPERATIONS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "method, path, mode",
    [(*operation, GenerationMode.POSITIVE) for operation in OPERATIONS]
    + [("POST", path, GenerationMode.NEGATIVE) for path in ("/ents", *IN_XML)],
)
def test_answers_are_as_told(client, method, path, mode):
    schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")
    excluded = [positive_data_acceptance] if path in IN_XML else []
    excluded += [not_a_server_error, positive_data_acceptance] if path in NOT_TRAINED else []

    @settings(
        max_examples=100,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def check(case):
        case.call_and_validate(excluded_checks=excluded)

    check()
