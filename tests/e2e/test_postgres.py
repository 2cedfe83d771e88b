"""PostgreSQL from the command line: a conversation on it, and what is said where it cannot be used."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastapi_chatkit.store.migrations import HEAD
from tests.support.forking import Forks
from tests.support.postgres import OwnPostgres, Postgres, database_url, execute, fetch, run_apart
from tests.support.server import Server, free_port, text_of

PASSWORD = "s3cr3t pass/word"  # to be escaped in a URL


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    url = run_apart(postgres.create_database())
    yield url
    run_apart(postgres.drop_database(url))


@pytest.fixture(scope="module")
def guarded() -> Iterator[OwnPostgres]:
    """A server that wants a password."""
    server = OwnPostgres(PASSWORD)
    yield server
    server.remove()


def command(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "fastapi_chatkit.cli.main", *args]
    return subprocess.run(words, capture_output=True, text=True, env=env, timeout=60)


def refusal(*args: str, **env: str) -> str:
    """What a command says that cannot do it: exit code 1, no traceback, no password."""
    done = command(*args, **env)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "s3cr3t" not in done.stderr
    return done.stderr


def migrate(url: str) -> str:
    done = command("migrate", "--database-url", url)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_conversation_survives_the_server(url: str, forks: Forks, tmp_path: Path) -> None:
    assert migrate(url) == f"{url} has schema {HEAD}\n"
    with forks.serve(tmp_path, CHATKIT_DATABASE_URL=url) as server:
        events = server.send("count to 3")
        assert "1, 2, 3" in text_of(events)
        thread_id = events[0]["thread"]["id"]
        _assert_ready(server)
        server.kill()
    with forks.serve(tmp_path, "--database-url", url) as server:
        items = server.op("items.list", thread_id=thread_id, order="asc")["data"]
        assert [item["type"] for item in items] == ["user_message", "assistant_message"]
        server.op("threads.update", thread_id=thread_id, title="Kept")
        assert server.op("threads.list")["data"][0]["title"] == "Kept"
        server.op("threads.delete", thread_id=thread_id)
        assert server.op("threads.list")["data"] == []
        assert server.stop() == 0
    for table in ("threads", "items", "runs"):
        assert run_apart(fetch(url, f"TABLE chatkit.{table}")) == []
    assert not (tmp_path / "chatkit.db").exists()


def _assert_ready(server: Server) -> None:
    ready = server.client.get(f"{server.url}/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "checks": {"store": "ok", "replicas": "ok"}})


def test_an_application_whose_database_comes_later_serves_when_it_is_there(
    url: str, forks: Forks, tmp_path: Path
) -> None:
    with forks.serve_app(tmp_path, CHATKIT_DATABASE_URL=url) as server:
        response = server.post({"type": "threads.list", "params": {}})
        assert (response.status_code, response.json()["code"]) == (503, "not_initialized")
        migrate(url)
        for _ in range(100):
            response = server.post({"type": "threads.list", "params": {}})
            if response.status_code == 200:
                break
            run_apart(asyncio.sleep(0.1))
        assert text_of(server.send("say 2")) == "word0 word1 "


@pytest.mark.parametrize("name", ["serve", "migrate"])
class TestBadInput:
    """Each names what is wrong and what to do."""

    def run(self, name: str, url: str) -> str:
        port = ["--port", "0"] if name == "serve" else []
        return refusal(name, *port, CHATKIT_DATABASE_URL=url)

    def test_no_postgresql_url(self, name: str) -> None:
        said = self.run(name, "postgresql://alice:s3cr3t@host:port/db")
        assert "(postgresql://…) is not a PostgreSQL URL: write postgresql://USER:PASSWORD@" in said

    def test_another_kind_of_database(self, name: str) -> None:
        said = self.run(name, "mysql://alice:s3cr3t@host/db")
        assert "CHATKIT_DATABASE_URL must be `sqlite:///relative/path.db`" in said
        assert "or `postgresql://USER:PASSWORD@HOST/DATABASE`" in said

    def test_nobody_listens(self, name: str) -> None:
        port = free_port()
        said = self.run(name, f"postgresql://alice:s3cr3t@127.0.0.1:{port}/db")
        assert (
            f"cannot use PostgreSQL at postgresql://alice@127.0.0.1:{port}/db: nothing listens there; start it" in said
        )

    def test_no_such_host(self, name: str) -> None:
        said = self.run(name, "postgresql://alice:s3cr3t@no-such-host.invalid/db")
        assert "there is no such host; correct it in CHATKIT_DATABASE_URL" in said

    def test_a_wrong_password(self, name: str, guarded: OwnPostgres) -> None:
        said = self.run(name, f"postgresql://postgres:s3cr3t@127.0.0.1:{guarded.port}/postgres")
        assert "it refuses this user or password; correct them in CHATKIT_DATABASE_URL" in said

    def test_no_such_database(self, name: str, postgres: Postgres) -> None:
        said = self.run(name, database_url(postgres.url, "nowhere"))
        assert "it has no such database; create it (`createdb NAME`)" in said

    def test_a_parameter_that_the_server_does_not_know(self, name: str, url: str) -> None:
        said = self.run(name, f"{url}?no_such_parameter=1")
        assert "it does not know a parameter of the URL; correct it in CHATKIT_DATABASE_URL" in said

    def test_a_wrong_sslmode(self, name: str, url: str) -> None:
        assert "a parameter of the URL is wrong" in self.run(name, f"{url}?sslmode=perhaps")

    def test_tls_where_the_server_has_none(self, name: str, url: str) -> None:
        assert "sslmode" in self.run(name, f"{url}?sslmode=require")

    def test_a_user_who_may_not(self, name: str, url: str) -> None:
        run_apart(execute(url, "DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN"))
        if name == "serve":
            migrate(url)
        guest = url.replace("//postgres@", "//guest@")
        assert "this user may not use or create the schema" in self.run(name, guest)

    def test_a_newer_schema(self, name: str, url: str) -> None:
        migrate(url)
        run_apart(execute(url, "UPDATE chatkit.alembic_version SET version_num = '9999'"))
        assert "the database has schema 9999" in (said := self.run(name, url))
        assert "upgrade fastapi-chatkit, or use another database" in said

    def test_a_schema_name_that_is_none(self, name: str, url: str) -> None:
        port = ["--port", "0"] if name == "serve" else []
        said = refusal(name, *port, CHATKIT_DATABASE_URL=url, CHATKIT_SCHEMA_NAME='a"; DROP SCHEMA public')
        assert "CHATKIT_SCHEMA_NAME: " in said


def test_serve_names_the_command_where_there_is_no_schema(url: str) -> None:
    assert "no schema of fastapi-chatkit's yet: run `fastapi-chatkit migrate`" in refusal(
        "serve", "--port", "0", "--database-url", url
    )


def test_serve_names_the_command_where_the_schema_is_older(url: str) -> None:
    migrate(url)
    run_apart(execute(url, "UPDATE chatkit.alembic_version SET version_num = '0000'"))
    said = refusal("serve", "--port", "0", "--database-url", url)
    assert f"schema 0000 and this version needs {HEAD}: run `fastapi-chatkit migrate`" in said


def test_passwords_do_not_print(guarded: OwnPostgres, tmp_path: Path) -> None:
    url = f"postgresql://postgres:s3cr3t%20pass%2Fword@127.0.0.1:{guarded.port}/postgres"
    done = command("migrate", CHATKIT_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr
    code = "from fastapi_chatkit.settings import Settings; print(repr(Settings.load()), Settings.load())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"CHATKIT_DATABASE_URL": url}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "s3cr3t" not in done.stdout


def test_several_processes_may_migrate_at_once(url: str) -> None:
    words = [sys.executable, "-m", "fastapi_chatkit.cli.main", "migrate", "--database-url", url]
    processes = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert run_apart(fetch(url, "SELECT version_num FROM chatkit.alembic_version")) == [(HEAD,)]
