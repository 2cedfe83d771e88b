"""The ways to a PostgreSQL server: sockets, several hosts, roles, TLS."""

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.store import StoreError
from tests.contract.rows import ALICE, assistant, fill
from tests.support.postgres import (
    OwnPostgres,
    Postgres,
    database_of,
    execute,
    fetch,
    installed_postgres,
    owned,
)
from tests.support.server import free_port
from tests.support.stores import migrated_database, postgres_store

needs_tls = pytest.mark.skipif(
    installed_postgres() is None, reason="needs a PostgreSQL that knows TLS: apt install postgresql"
)


@pytest.fixture
async def url(postgres: Postgres) -> AsyncIterator[str]:
    url = await migrated_database(postgres)
    yield url
    await postgres.drop_database(url)


@pytest.fixture(scope="module")
def own() -> Iterator[OwnPostgres]:
    server = OwnPostgres()
    yield server
    server.remove()


async def works(url: str) -> bool:
    store = postgres_store(url)
    await store.open()
    try:
        await fill(store, assistant("msg_1"))
        return (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
    finally:
        await store.close()


async def test_a_unix_socket(own: OwnPostgres) -> None:
    name = database_of(await migrated_database(own))
    assert await works(f"postgresql://postgres@/{name}?host={own.socket_folder}&port={own.port}")


async def test_of_several_hosts_one_that_works_is_taken(own: OwnPostgres) -> None:
    name = database_of(await migrated_database(own))
    assert await works(f"postgresql://postgres@127.0.0.1:{free_port()},127.0.0.1:{own.port}/{name}")


async def test_of_several_hosts_one_that_takes_writes_is_taken(own: OwnPostgres, url: str) -> None:
    """As after a failover: the first host is a standby now."""
    name = database_of(url)
    await own.drop_database(url)
    await execute(
        own.url, f'CREATE DATABASE "{name}"', f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'
    )
    hosts = f"127.0.0.1:{own.port},{url.partition('@')[2].partition('/')[0]}"
    assert await works(f"postgresql://postgres@{hosts}/{name}")
    assert await fetch(url, "SELECT id FROM chatkit.threads") == [("thr_1",)]


async def test_a_role_that_may_only_read_and_write_rows_is_enough(url: str) -> None:
    """The statements are those of docs/postgresql.md."""
    await execute(
        url,
        "DROP ROLE IF EXISTS chat_app",
        "CREATE ROLE chat_app LOGIN",
        "GRANT USAGE ON SCHEMA chatkit TO chat_app",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA chatkit TO chat_app",
    )
    assert await works(url.replace("//postgres@", "//chat_app@"))


async def test_what_the_url_sets_reaches_the_session(url: str) -> None:
    store = postgres_store(f"{url}?application_name=mine&options=-c%20work_mem%3D7MB")
    await store.open()
    try:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mine'"
        assert await fetch(url, query) == [(1,)]
        assert (await store.list_threads(ALICE, PageQuery())).data == []
    finally:
        await store.close()


# --- TLS ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate() -> Iterator[Path]:
    """A certificate for ``localhost`` that signs itself; its key lies beside it. Not under pytest's folders, which a
    server that runs as somebody else cannot enter.
    """
    folder = Path(tempfile.mkdtemp(prefix="chatkit-tls-"))
    folder.chmod(0o755)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "server.key", "-out", "server.crt"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    yield folder / "server.crt"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def encrypted(certificate: Path) -> Iterator[OwnPostgres]:
    """A server that speaks TLS."""
    key = owned(certificate.with_suffix(".key"))
    settings = f"ssl = on\nssl_cert_file = '{certificate}'\nssl_key_file = '{key}'\n"
    server = OwnPostgres(binaries=installed_postgres(), settings=settings)
    yield server
    server.remove()


@needs_tls
@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_tls_is_used_and_verified(encrypted: OwnPostgres, certificate: Path, mode: str) -> None:
    url = (await migrated_database(encrypted)).replace("127.0.0.1", "localhost")
    store = postgres_store(f"{url}?sslmode={mode}&sslrootcert={certificate}")
    await store.open()
    try:
        query = (
            "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'fastapi-chatkit'"
        )
        assert set(await fetch(url, query)) == {(True,)}
    finally:
        await store.close()


@needs_tls
async def test_a_certificate_that_is_to_be_verified_by_nothing_is_refused(encrypted: OwnPostgres) -> None:
    url = (await migrated_database(encrypted)).replace("127.0.0.1", "localhost")
    with pytest.raises(StoreError, match=r"a file that it needs is missing \(`sslrootcert`, say\)"):
        await postgres_store(f"{url}?sslmode=verify-full").open()


@needs_tls
async def test_a_certificate_of_another_host_is_refused(encrypted: OwnPostgres, certificate: Path) -> None:
    url = await migrated_database(encrypted)
    with pytest.raises(StoreError, match="certificate or TLS does not fit; see `sslmode` and `sslrootcert`"):
        await postgres_store(f"{url}?sslmode=verify-full&sslrootcert={certificate}").open()
