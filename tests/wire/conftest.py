"""Servers that the wire tests share: each starts once, and nothing of the machine's environment reaches it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.server import Server, serve_app
from tests.support.wire import SOURCE


@pytest.fixture(scope="session")
def empty_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("CHATKIT_", "TASKFLOW_CHATKIT_", "OPENAI_")):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def server(empty_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application of ``tests/support/wire_app.py`` with default settings."""
    with serve_app(tmp_path_factory.mktemp("wire"), SOURCE) as server:
        yield server


@pytest.fixture(scope="session")
def plain_server(empty_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An application with nothing but ``@chat.respond``."""
    with serve_app(tmp_path_factory.mktemp("plain")) as server:
        yield server
