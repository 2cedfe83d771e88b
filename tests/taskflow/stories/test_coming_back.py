"""Come back tomorrow and go on: all that is needed is in the database, whichever way the server has ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fastapi_chatkit.testing import OpenAIWireServer
from tests.support.forking import Forks
from tests.support.postgres import Postgres, run_apart
from tests.support.taskflow import Person, somebody
from tests.taskflow.stories.chat import Chat, action_in
from tests.taskflow.stories.conftest import APP, MODELS, migrated, settings_of


class Days:
    """A TaskFlow that is started anew every day, on one database."""

    def __init__(self, forks: Forks, folder: Path, settings: dict[str, str]) -> None:
        self._forks, self._folder, self._settings = forks, folder, settings
        self.person = somebody("", "alice")

    @contextmanager
    def morning(self, thread_id: str = "", *, crash: bool = False) -> Iterator[Chat]:
        """A day's chat; at its end the server is stopped, or killed."""
        with self._forks.serve(self._folder, *APP, **self._settings) as server:
            yield Chat(Person(server.url, self.person.user_id), thread_id)
            if crash:
                server.kill()
            else:
                assert server.stop() == 0


@pytest.fixture(params=[*MODELS, "offline@postgres"])
def days(request: pytest.FixtureRequest, forks: Forks, wire: OpenAIWireServer, tmp_path: Path) -> Days:
    name, _, database = request.param.partition("@")
    settings = settings_of(name, wire)
    if database:
        postgres: Postgres = request.getfixturevalue("postgres")
        settings["CHATKIT_DATABASE_URL"] = migrated(forks, run_apart(postgres.create_database()), tmp_path)
    return Days(forks, tmp_path, settings)


def test_tomorrow_everything_goes_on(days: Days) -> None:
    with days.morning() as chat:
        chat.person.add("Buy milk")
        card = chat.say("add a task to call mum").widget
        shown = chat.items()
    with days.morning(chat.thread_id, crash=True) as chat:
        assert chat.items() == shown
        chat.say("start it")  # what the tools answered yesterday is known
        assert [task["status"] for task in chat.person.get()["tasks"]] == ["pending", "in_progress"]
        chat.press(card, action_in(card["widget"], "task.complete"))
        question = chat.say("delete the mum task").question
    with days.morning(chat.thread_id) as chat:
        assert chat.stored(question) == question
        done = chat.answer(question, "Yes")
        assert [data["action"] for _, data in done.effects] == ["delete"]
        assert [task["title"] for task in chat.person.get()["tasks"]] == ["Buy milk"]
        actions = [(entry["action"], entry["via"]) for entry in chat.person.log()]
        assert actions[0] == ("created", "api")
        assert actions[1:] == [(one, "chat") for one in ("created", "started", "completed", "deleted")]
