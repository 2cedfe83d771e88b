"""compose.yaml is valid, and agrees with the server, with nginx and with itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import redis

from fastapi_chatkit.settings import Settings
from tests.support.redis import debian_redis, die_with_the_parent
from tests.support.server import free_port

from .files import DEPLOY, DOCKERFILE, END_SECONDS, directive, documents, seconds, unknown_settings

COMPOSE = DEPLOY / "compose.yaml"
SERVICES: dict[str, dict[str, Any]] = documents(COMPOSE)[0]["services"]
REPLICAS = {name: service for name, service in SERVICES.items() if name.startswith("chatkit")}
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "chatkit"}


def test_it_is_as_the_specification_says() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", OURS)
def test_its_settings_are_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment: dict[str, str] = OURS[name]["environment"]
    assert not unknown_settings(environment)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, re.sub(r"\$\{\w+:([?-])[^}]*\}", lambda m: "x" * (m[1] == "?"), value))
    settings = Settings.read()
    assert settings.database_url.get_secret_value() == "postgresql://chatkit:x@postgres:5432/chatkit"
    assert not settings.model_configured
    if name in REPLICAS:
        assert settings.auth == "trust"
        assert settings.max_body_bytes == int(directive("client_max_body_size"))
        assert seconds(OURS[name]["stop_grace_period"]) >= settings.drain_seconds + END_SECONDS
        assert (settings.pool_size + 1) * len(REPLICAS) < 100  # PostgreSQL's default of max_connections


def test_secrets_come_from_outside() -> None:
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|KEY|URL", variable):
                assert re.search(r"\$\{\w+:(\?see README\.md|-)\}", value), variable
                assert not re.search(r":\w+@", value), variable


def test_nginx_knows_the_replicas() -> None:
    servers = re.findall(r"^server (\S+):(\d+) ", (DEPLOY / "nginx/replicas.conf").read_text(), re.MULTILINE)
    port = re.findall(r"\bPORT=(\d+)", DOCKERFILE)[0]
    assert servers == [(name, port) for name in REPLICAS]
    assert set(SERVICES["nginx"]["depends_on"]) == set(REPLICAS)
    assert all(f":{port}/readyz" in service["healthcheck"]["test"][-1] for service in REPLICAS.values())


def test_nginx_is_reached_from_this_machine_alone() -> None:
    port = directive("listen").split()[0]
    assert SERVICES["nginx"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f":{port}/nginx-health" in SERVICES["nginx"]["healthcheck"]["test"][-1]
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["nginx"]
    assert SERVICES["nginx"]["networks"] == ["front"]
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["data"]


def test_nginx_may_open_what_its_workers_need() -> None:
    assert SERVICES["nginx"]["ulimits"]["nofile"] >= int(directive("worker_rlimit_nofile"))


def test_each_waits_for_what_can_be_waited_for() -> None:
    for service in SERVICES.values():
        for name, dependency in service.get("depends_on", {}).items():
            match dependency["condition"]:
                case "service_healthy":
                    assert "test" in SERVICES[name]["healthcheck"]
                case "service_completed_successfully":
                    assert SERVICES[name]["restart"] == "no"
                case condition:
                    assert condition == "service_started"


def test_nothing_has_more_rights_than_it_needs() -> None:
    for name, service in SERVICES.items():
        assert ":" in service["image"] or service["image"] == "chatkit"
        if name != "postgres":  # whose image gives up its rights by itself
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name


def test_redis_starts_as_it_says() -> None:
    service = SERVICES["redis"]
    port = free_port()
    (script,) = service["command"]
    script = script.replace("$$", "$").replace("redis-server -", f"{debian_redis()} - --port {port}")
    environment = {**os.environ, "REDIS_PASSWORD": "secret"}
    server = subprocess.Popen(
        ["/bin/sh", "-c", script],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_the_parent(),
    )
    try:
        assert server.stdout is not None
        assert any("Ready to accept connections" in line for line in server.stdout)
        with redis.Redis(port=port, password="secret") as client:
            settings = cast("dict[str, str]", client.config_get("maxmemory*", "save", "appendonly", "requirepass"))
        process = Path(f"/proc/{server.pid}/comm").read_text()
    finally:
        server.terminate()
        server.communicate()
    assert process == "redis-server\n"  # no shell is left that signals would have to pass
    assert settings["maxmemory"] == str(512 * 2**20)
    assert int(service["mem_limit"].removesuffix("m")) > 512
    assert settings["maxmemory-policy"] == "volatile-ttl"
    assert (settings["save"], settings["appendonly"]) == ("", "no")
    assert settings["requirepass"] == "secret"
