"""The probes: what makes a process unready, and what is only said."""

import asyncio
import logging
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fastapi_chatkit.errors import NotInitialized
from fastapi_chatkit.eventlog.base import LogUnavailable
from fastapi_chatkit.http import health
from fastapi_chatkit.http.health import Check, health_routes


async def fine() -> None:
    pass


async def closed() -> None:
    raise NotInitialized


async def broken() -> None:
    raise RuntimeError("a secret of the server")


async def full() -> None:
    raise LogUnavailable("Redis is full")


def ready(required: dict[str, Check], others: dict[str, Check] | None = None) -> tuple[int, Any]:
    client = TestClient(Starlette(routes=health_routes(required, others)))
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_all_is_well() -> None:
    assert ready({"store": fine}) == (200, {"status": "ok", "checks": {"store": "ok"}})
    assert ready({"store": fine}, {"redis": fine}) == (200, {"status": "ok", "checks": {"store": "ok", "redis": "ok"}})


@pytest.mark.parametrize("check", [closed, broken])
def test_without_what_is_required_it_is_not_ready(check: Check) -> None:
    checks = {"store": "unavailable", "redis": "ok"}
    assert ready({"store": check}, {"redis": fine}) == (503, {"status": "unavailable", "checks": checks})


def test_without_the_rest_it_is_ready_and_says_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "fastapi_chatkit"):
        checks = {"store": "ok", "redis": "Redis is full"}
        assert ready({"store": fine}, {"redis": full}) == (200, {"status": "degraded", "checks": checks})
    assert not caplog.records, "the log says it itself, and not at every probe"


def test_a_check_that_fails_unexpectedly_tells_nothing_to_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    checks = {"store": "ok", "redis": "unavailable"}
    assert ready({"store": fine}, {"redis": broken}) == (200, {"status": "degraded", "checks": checks})
    assert "not ready: redis" in caplog.text


def test_both_are_told_at_once() -> None:
    checks = {"store": "unavailable", "redis": "Redis is full"}
    assert ready({"store": closed}, {"redis": full}) == (503, {"status": "unavailable", "checks": checks})


def test_a_check_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "READY_TIMEOUT_SECONDS", 0.01)

    async def hangs() -> None:
        await asyncio.Event().wait()

    assert ready({"store": fine}, {"redis": hangs})[1]["status"] == "degraded"
