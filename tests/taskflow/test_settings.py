"""TaskFlow's settings beside the chat's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from examples.taskflow.settings import Settings
from fastapi_chatkit.errors import InvalidToken
from fastapi_chatkit.settings import SettingsError


def test_without_any_setting_it_runs_on_one_sqlite_file() -> None:
    settings = Settings()
    assert settings.chat_enabled
    assert settings.local
    assert settings.tasks_url == "sqlite:///./chatkit.db"
    assert (settings.api_url, settings.mcp_server_url, settings.mcp_hosts) == (None, None, ())


@pytest.mark.parametrize("name", ["CHATKIT_DATABASE_URL", "TASKFLOW_CHATKIT_DATABASE_URL"])
def test_tasks_are_beside_the_chats_threads_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "postgresql://somewhere/chat")
    assert Settings().tasks_url == "postgresql://somewhere/chat"
    monkeypatch.setenv("TASKFLOW_DATABASE_URL", "sqlite:///tasks.db")
    settings = Settings()
    assert settings.tasks_url == "sqlite:///tasks.db"
    assert settings.chat.database_url.get_secret_value() == "postgresql://somewhere/chat"


def test_chat_is_off_where_its_database_is_set_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_CHATKIT_DATABASE_URL", "")
    settings = Settings()
    assert not settings.chat_enabled
    assert settings.tasks_url == "sqlite:///./chatkit.db"


def test_settings_are_read_from_the_environment_and_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(
        "TASKFLOW_API_URL=http://api.example/api/\nTASKFLOW_MCP_HOSTS=a.example, b.example,\n"
        "TASKFLOW_CHATKIT_MODEL=some-model\nCHATKIT_AUTH=trust\nTASKFLOW_MCP_SERVER_URL=\n"
    )
    settings = Settings()
    assert settings.api_url == "http://api.example/api"
    assert settings.mcp_hosts == ("a.example", "b.example")
    assert settings.mcp_server_url is None
    assert settings.chat.model == "some-model"
    assert not settings.local
    monkeypatch.setenv("TASKFLOW_API_URL", "http://other.example/api")
    assert Settings().api_url == "http://other.example/api"


def test_what_is_wrong_with_the_chats_settings_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKFLOW_CHATKIT_COALESCE_MS", "soon")
    with pytest.raises(SettingsError, match="CHATKIT_COALESCE_MS"):
        _ = Settings().chat_enabled


def test_one_key_signs_and_verifies_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    from_file = Settings().tokens().sign("alice")
    assert Settings().tokens().verify(from_file) == "alice"
    monkeypatch.setenv("CHATKIT_TOKEN_KEY", "the key of the chat, and of all beside it")
    shared = Settings().tokens().sign("alice")
    with pytest.raises(InvalidToken):
        Settings().tokens().verify(from_file)
    monkeypatch.setenv("TASKFLOW_TOKEN_KEY", "a key that TaskFlow has for itself alone")
    with pytest.raises(InvalidToken):
        Settings().tokens().verify(shared)


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "nan", "soon"])
def test_a_timeout_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    assert Settings().mcp_timeout == 30
    monkeypatch.setenv("TASKFLOW_MCP_TIMEOUT", "2.5")
    assert Settings().mcp_timeout == 2.5
    monkeypatch.setenv("TASKFLOW_MCP_TIMEOUT", seconds)
    with pytest.raises(ValidationError):
        Settings()


def test_secrets_do_not_print() -> None:
    secret = SecretStr("postgresql://u:hidden-and-long-enough@host/db")
    settings = Settings(database_url=secret, token_key=secret)
    assert "hidden" not in f"{settings!r} {settings}"


WRONG = [
    ("TASKFLOW_TOKEN_KEY", "too-short"),
    ("TASKFLOW_API_URL", "nowhere"),
    ("TASKFLOW_API_URL", "ftp://nowhere/api"),
    ("TASKFLOW_API_URL", "http://u:nowhere@host/api"),
    ("TASKFLOW_API_URL", "http://nowhere/api?x=1"),
    ("TASKFLOW_MCP_SERVER_URL", "nowhere"),
    ("TASKFLOW_MCP_SERVER_URL", "http://nowhere:99999/mcp"),
    ("TASKFLOW_MCP_SERVER_URL", "http://[nowhere/mcp"),
    ("TASKFLOW_MCP_SERVER_URL", "http:///nowhere"),
    ("TASKFLOW_DATABASE_URL", "nowhere"),
    ("TASKFLOW_DATABASE_URL", "mysql://u:nowhere@host/db"),
    ("TASKFLOW_DATABASE_URL", "postgresql://u:nowhere@host:port/db"),
    ("TASKFLOW_DATABASE_URL", "sqlite://"),
    ("TASKFLOW_DATABASE_URL", "sqlite:////nowhere/at/all.db"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_setting_that_cannot_work_is_named_with_its_rule(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name} must [^\n]+$") as error:
        Settings()
    assert "nowhere" not in str(error.value)
    assert "too-short" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [WRONG[0], WRONG[1], WRONG[5], WRONG[10]],
)
def test_the_server_does_not_start_with_it_and_says_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    command = [sys.executable, "-m", "fastapi_chatkit.cli.main", "serve", "--port", "0"]
    environment = {**os.environ, name: value, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*command, "--app", "examples.taskflow.main:app"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {name} must ")
    assert done.stderr.count("\n") == 1
    assert value not in done.stderr
