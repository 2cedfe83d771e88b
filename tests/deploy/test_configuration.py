"""What nginx.conf says, and what the server does, belong together."""

from __future__ import annotations

import re

import uvicorn

from fastapi_chatkit.auth.headers import MAX_TOKEN
from fastapi_chatkit.http.sse import STALL_SECONDS
from fastapi_chatkit.settings import Settings

from .files import NGINX, directive, seconds

SETTINGS = {name: field.default for name, field in Settings.model_fields.items()}


def test_bodies_are_as_large_as_the_server_takes_them() -> None:
    assert int(directive("client_max_body_size")) == SETTINGS["max_body_bytes"]
    assert f"at most {SETTINGS['max_body_bytes']} bytes" in NGINX


def test_a_header_line_holds_the_longest_token() -> None:
    lines, size = directive("large_client_header_buffers").split()
    assert int(lines) > 1
    assert int(size.removesuffix("k")) * 1024 > len("Authorization: Bearer ") + MAX_TOKEN


def test_silence_is_waited_for() -> None:
    waits = [seconds(value) for value in re.findall(r"^ {12}proxy_read_timeout ([^;]+);", NGINX, re.MULTILINE)]
    streams = waits[0]
    assert streams > SETTINGS["run_timeout_seconds"] + 2 * SETTINGS["heartbeat_seconds"]
    assert seconds(directive("send_timeout")) >= STALL_SECONDS
    assert seconds(directive("worker_shutdown_timeout")) > streams


def test_idle_connections_end_before_they_end_at_the_replica() -> None:
    assert seconds(directive("keepalive_timeout")) < uvicorn.Config("app:app").timeout_keep_alive


def test_a_worker_may_open_what_its_connections_take() -> None:
    assert int(directive("worker_rlimit_nofile")) >= 2 * int(directive("worker_connections"))
