"""TaskFlows that each have one of three models, all in one process, shared by all stories: each has its own people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastapi_chatkit.testing import OpenAIWireServer
from tests.support.forking import Forks
from tests.support.postgres import Postgres, run_apart
from tests.support.server import Server
from tests.support.taskflow import KEY, somebody
from tests.taskflow.stories.chat import Chat
from tests.taskflow.stories.model import COMPETENT, GULLIBLE, model

APP = ("--app", "examples.taskflow.main:app")
MODELS = ("offline", "responses", "chat_completions")

everywhere = pytest.mark.parametrize("house", [*MODELS, "offline@postgres"], indirect=True)
"""With each of the models, and on PostgreSQL too."""

scripted = pytest.mark.parametrize("house", MODELS[1:], indirect=True)
"""With the models that do what a test makes them do."""


@dataclass(frozen=True)
class House:
    """A TaskFlow, and the model that it asks."""

    model: str
    server: Server
    wire: OpenAIWireServer

    @property
    def is_offline(self) -> bool:
        """Whether it is the stand-in, whose words are known."""
        return self.model == "offline"

    def chat(self, name: str = "alice") -> Chat:
        """The chat of somebody whom no other test knows."""
        return Chat(somebody(self.server.url, name))


@pytest.fixture(scope="session")
def wire() -> Iterator[OpenAIWireServer]:
    """Where the scripted models are."""
    with OpenAIWireServer(model) as server:
        yield server


def settings_of(name: str, wire: OpenAIWireServer) -> dict[str, str]:
    """The settings of a TaskFlow with this model."""
    settings = {"TASKFLOW_TOKEN_KEY": KEY}
    if name != "offline":
        named = {"CHATKIT_MODEL": COMPETENT, "CHATKIT_MODELS": GULLIBLE, "OPENAI_BASE_URL": wire.base_url}
        settings |= {"CHATKIT_API": name, **named}
    return settings


def migrated(forks: Forks, url: str, folder: Path) -> str:
    """The database, with the tables for threads."""
    assert forks.start(["fastapi-chatkit", "migrate", "--database-url", url], folder, {}).wait(30) == 0
    return url


@pytest.fixture(scope="session")
def houses(
    request: pytest.FixtureRequest,
    forks: Forks,
    wire: OpenAIWireServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], House]]:
    """Opens houses by name (``offline``, ``offline@postgres``), each once."""
    opened: dict[str, House] = {}

    def open_house(name: str) -> House:
        if name not in opened:
            asked, _, database = name.partition("@")
            folder: Path = tmp_path_factory.mktemp("house")
            settings = settings_of(asked, wire)
            if database:
                postgres: Postgres = request.getfixturevalue("postgres")
                url = migrated(forks, run_apart(postgres.create_database()), folder)
                settings["CHATKIT_DATABASE_URL"] = url
            opened[name] = House(asked, stack.enter_context(forks.serve(folder, *APP, **settings)), wire)
        return opened[name]

    with ExitStack() as stack:
        yield open_house


@pytest.fixture(params=MODELS)
def house(request: pytest.FixtureRequest, houses: Callable[[str], House]) -> House:
    """A TaskFlow with each of the models."""
    return houses(request.param)


@pytest.fixture
def chat(house: House) -> Chat:
    """Somebody's first thread."""
    return house.chat()
