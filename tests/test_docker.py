"""The files of docker/: what linters and schemas say of them, and what they know of the service."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / "docker"
COMPOSED = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]["bilstm-crf"]
DEPLOYMENT, SERVICE, SCALER, BUDGET = yaml.safe_load_all((DOCKER / "kubernetes.yaml").read_text())
POD = DEPLOYMENT["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
LINES = (DOCKER / "Dockerfile").read_text().replace("\\\n", "").splitlines()


def run(tool, *arguments):
    """Run a tool that is installed beside this Python, or anywhere."""
    beside = Path(sys.executable).parent / tool
    path = str(beside) if beside.exists() else shutil.which(tool)
    if path is None:
        pytest.skip(f"needs {tool} (pip install '.[docker]')")
    done = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_as_linters_like_it():
    run("hadolint", DOCKER / "Dockerfile")


def test_compose_knows_the_file():
    schema = ["--builtin-schema", "vendor.compose-spec"]
    run("check-jsonschema", *schema, DOCKER / "compose.yaml")


def test_kubernetes_knows_the_manifests():
    run("kubernetes-validate", "--strict", DOCKER / "kubernetes.yaml")


def test_what_is_copied_is_there_and_not_ignored():
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    copied = {
        name
        for line in LINES
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    }
    assert "spacy_bilstm_crf" in copied
    for name in copied:
        assert (ROOT / name).exists() and f"!{name}" in ignored, name


def test_extras_exist():
    extras = re.findall(r"EXTRAS=([\w,]+)", "\n".join(LINES))
    known = re.findall(r"^(\w+) =$", (ROOT / "setup.cfg").read_text(), re.M)
    assert extras and {extra for own in extras for extra in own.split(",")} <= set(known)


@pytest.mark.parametrize("arguments", [COMPOSED["command"], CONTAINER["args"]])
def test_what_is_run_is_a_command(arguments, tmp_path):
    """With the model of another name, each is understood, and finds no model."""
    (entry,) = [line for line in LINES if line.startswith("ENTRYPOINT")]
    begin = shlex.split(entry.removeprefix("ENTRYPOINT").strip(" []").replace(",", " "))
    assert begin[:4] == ["python", "-m", "spacy", "bilstm-crf"]
    result = CliRunner().invoke(cli, [*begin[4:], str(tmp_path / "none"), *arguments[1:]])
    assert result.exit_code == 1 and "[E050]" in result.output


def seconds_of(option, arguments):
    return float(arguments[arguments.index(option) + 1])


@pytest.mark.parametrize(
    "arguments, grace",
    [
        (COMPOSED["command"], int(COMPOSED["stop_grace_period"].removesuffix("s"))),
        (CONTAINER["args"], POD["terminationGracePeriodSeconds"]),
    ],
)
def test_what_was_accepted_has_time_to_be_answered(arguments, grace):
    assert grace > seconds_of("--drain", arguments) + 2 * seconds_of("--timeout", arguments) + 1


def test_requests_are_taken_until_the_cluster_knows():
    probe = CONTAINER["readinessProbe"]
    noticed = probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]
    assert seconds_of("--drain", CONTAINER["args"]) > 2 * noticed


def test_it_may_do_nothing_but_serve():
    assert COMPOSED["read_only"] and COMPOSED["cap_drop"] == ["ALL"]
    assert COMPOSED["security_opt"] == ["no-new-privileges:true"]
    allowed = CONTAINER["securityContext"]
    assert allowed["readOnlyRootFilesystem"] and not allowed["allowPrivilegeEscalation"]
    assert allowed["capabilities"] == {"drop": ["ALL"]} and POD["securityContext"]["runAsNonRoot"]
    assert f"USER {POD['securityContext']['runAsUser']}:{POD['securityContext']['runAsGroup']}" in (
        LINES
    )
    # The only places to write to.
    assert [mount["mountPath"] for mount in CONTAINER["volumeMounts"]] == ["/tmp"]
    assert [own.partition(":")[0] for own in COMPOSED["tmpfs"]] == ["/tmp"]


def test_manifests_speak_of_one_service():
    metrics = pytest.importorskip("spacy_bilstm_crf.serving.metrics", exc_type=ImportError)
    name = DEPLOYMENT["metadata"]["name"]
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
    assert SERVICE["spec"]["selector"] == labels
    for selecting in (DEPLOYMENT, BUDGET):
        assert selecting["spec"]["selector"]["matchLabels"] == labels
    assert SCALER["spec"]["scaleTargetRef"]["name"] == name
    (metric,) = [own["pods"]["metric"] for own in SCALER["spec"]["metrics"] if "pods" in own]
    assert f"# TYPE {metric['name']} gauge" in metrics.Metrics().text().decode()
