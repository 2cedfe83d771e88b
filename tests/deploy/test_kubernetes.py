"""The example for Kubernetes is valid, and agrees with the server, with the image and with itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from fastapi_chatkit.http.health import READY_TIMEOUT_SECONDS, health_routes

from .files import DEPLOY, DOCKERFILE, END_SECONDS, directive, documents, unknown_settings

FOLDER = DEPLOY / "kubernetes"
KUSTOMIZATION = FOLDER / "kustomization.yaml"
FILES = sorted(set(FOLDER.glob("*.yaml")) - {KUSTOMIZATION})
OBJECTS = {document["kind"]: document for path in FILES for document in documents(path)}
DEPLOYMENT = OBJECTS["Deployment"]
POD = DEPLOYMENT["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
JOB = OBJECTS["Job"]["spec"]["template"]["spec"]
ENVIRONMENT = {entry["name"]: entry.get("value") for entry in CONTAINER["env"]}
ANNOTATIONS: dict[str, str] = OBJECTS["Ingress"]["metadata"]["annotations"]


@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_as_the_schemas_say(path: Path, version: str) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, version, strict=True)


def test_all_is_applied_but_the_form_of_the_secret() -> None:
    (kustomization,) = documents(KUSTOMIZATION)
    assert set(kustomization["resources"]) == {path.name for path in FILES} - {"secret.example.yaml"}
    assert {image["name"] for image in kustomization["images"]} == {CONTAINER["image"], JOB["containers"][0]["image"]}
    assert kustomization["namespace"] == OBJECTS["Namespace"]["metadata"]["name"]


def test_all_mean_the_same_pods() -> None:
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"] == labels
    assert OBJECTS["Service"]["spec"]["selector"] == labels
    assert OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert OBJECTS["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert OBJECTS["Job"]["spec"]["template"].get("metadata", {}).get("labels") != labels
    assert all(spread["labelSelector"]["matchLabels"] == labels for spread in POD["topologySpreadConstraints"])
    target = OBJECTS["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", DEPLOYMENT["metadata"]["name"])
    assert "replicas" not in DEPLOYMENT["spec"]


def test_ports_lead_to_the_server() -> None:
    (port,) = CONTAINER["ports"]
    assert str(port["containerPort"]) == re.findall(r"\bPORT=(\d+)", DOCKERFILE)[0]
    (service_port,) = OBJECTS["Service"]["spec"]["ports"]
    assert service_port["targetPort"] == port["name"]
    assert OBJECTS["NetworkPolicy"]["spec"]["ingress"][0]["ports"] == [{"port": port["name"]}]
    (rule,) = OBJECTS["Ingress"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["path"] == "/chatkit"
    backend = path["backend"]["service"]
    assert (backend["name"], backend["port"]["name"]) == (
        OBJECTS["Service"]["metadata"]["name"],
        service_port["name"],
    )


def test_settings_are_settings_and_secrets_are_elsewhere() -> None:
    secret: dict[str, str] = OBJECTS["Secret"]["stringData"]
    assert not unknown_settings(ENVIRONMENT | secret)
    assert not ENVIRONMENT.keys() & secret.keys()
    assert CONTAINER["envFrom"] == [{"secretRef": {"name": OBJECTS["Secret"]["metadata"]["name"]}}]
    assert all(re.search("PASSWORD|KEY", value) for value in secret.values())
    (reference,) = JOB["containers"][0]["env"]
    assert reference["valueFrom"]["secretKeyRef"]["key"] in secret


def test_service_links_set_no_settings_of_ours() -> None:
    assert POD["enableServiceLinks"] is JOB["enableServiceLinks"] is False


def test_probes_ask_what_there_is() -> None:
    paths = {route.path for route in health_routes({})}
    probes = {name: CONTAINER[f"{name}Probe"] for name in ("startup", "readiness", "liveness")}
    asked = {name: probe["httpGet"]["path"] for name, probe in probes.items()}
    assert set(asked.values()) <= paths
    assert asked["liveness"] == "/healthz"  # or a database that is away has all replicas killed
    assert asked["readiness"] == "/readyz"
    assert probes["readiness"]["timeoutSeconds"] > READY_TIMEOUT_SECONDS


def test_there_is_time_to_drain() -> None:
    wait = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1])
    least = wait + int(ENVIRONMENT["CHATKIT_DRAIN_SECONDS"] or "") + END_SECONDS
    assert POD["terminationGracePeriodSeconds"] >= least
    readiness = CONTAINER["readinessProbe"]
    assert wait > readiness["periodSeconds"] * readiness["failureThreshold"]


@pytest.mark.parametrize("pod", [POD, JOB], ids=["replica", "migration"])
def test_pods_keep_to_the_restricted_standard(pod: dict[str, Any]) -> None:
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)[0]
    assert (str(pod["securityContext"]["runAsUser"]), str(pod["securityContext"]["runAsGroup"])) == user
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]


def test_the_ingress_does_what_nginx_does() -> None:
    ours = {name.rpartition("/")[2]: value for name, value in ANNOTATIONS.items() if "ingress.kubernetes" in name}
    theirs = {name.rpartition("/")[2]: value for name, value in ANNOTATIONS.items() if name.startswith("nginx.org/")}
    assert ours["proxy-buffering"] == directive("proxy_buffering") == "off"
    assert theirs["proxy-buffering"] == "False"
    size = directive("client_max_body_size")
    assert ours["proxy-body-size"] == theirs["client-max-body-size"] == size == ENVIRONMENT["CHATKIT_MAX_BODY_BYTES"]
    assert ours["proxy-next-upstream"] == directive("proxy_next_upstream") == "error timeout"
    for name in ("proxy-read-timeout", "proxy-connect-timeout"):
        assert f"{ours[name]}s" == theirs[name]
    assert theirs["proxy-connect-timeout"] == directive("proxy_connect_timeout")
    assert int(ours["proxy-read-timeout"]) == 660
    assert "auth-url" in ours
    assert ours["auth-response-headers"] == "X-User-ID"
