"""What is said of a Redis that cannot be used: each case with a server that does so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from fastapi_chatkit.eventlog.base import LogUnavailable
from fastapi_chatkit.eventlog.redis.probe import Probe, probe
from tests.support.certificates import Certificates
from tests.support.postgres import OwnPostgres, Postgres
from tests.support.redis import RedisCluster, RedisServer, debian_redis, wheel_redis
from tests.support.server import free_port

StartRedis = Callable[..., RedisServer]


async def mistake(url: str) -> str:
    """What is wrong, which never is the password."""
    with pytest.raises(LogUnavailable) as caught:
        await probe(url)
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


async def problem(url: str) -> str:
    """What is wrong and may pass."""
    found = await probe(url)
    assert found.problem is not None
    assert "s3cret" not in str(found)
    return found.problem


@contextlib.asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[str]:
    """A server that answers each request with the next of these, and then closes; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            if not await reader.read(4096):
                break
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def bulk(text: str) -> bytes:
    return f"${len(text)}\r\n{text}\r\n".encode()


# --- what can be used -------------------------------------------------------------------------------------------------


async def test_a_server_and_its_socket(redis_server: RedisServer) -> None:
    for url in (redis_server.url, redis_server.unix_url):
        assert await probe(url) == Probe(url, f"Redis {redis_server.do('INFO', 'server')['redis_version']}")
    assert {redis_server.do("TTL", key) for key in redis_server.do("KEYS", "*")} <= {0, 1}, "nothing stays there"


async def test_a_cluster(redis_cluster: RedisCluster) -> None:
    found = await probe(redis_cluster.url)
    assert (found.shown, found.problem) == (redis_cluster.url, None)
    assert found.server is not None
    assert found.server.startswith("Redis ")


async def test_tls_with_a_password(start_redis: StartRedis, certificates: Certificates) -> None:
    server = start_redis(debian_redis(), tls=certificates, password="s3cret")
    found = await probe(server.url)
    assert (found.shown, found.problem) == (f"rediss://127.0.0.1:{server.port}", None)


async def test_a_user_who_may_do_what_is_documented(start_redis: StartRedis) -> None:
    page = (Path(__file__).parents[4] / "docs/operations.md").read_text()
    rule = next(line.strip() for line in page.splitlines() if "ACL SETUSER" in line)
    for binary in (wheel_redis(), debian_redis()):
        server = start_redis(binary)
        server.do(*rule.replace("PASSWORD", "s3cret").split())
        assert (await probe(server.url.replace("//", "//chatkit:s3cret@"))).problem is None


async def test_valkey_says_its_own_version() -> None:
    info = bulk("# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n")
    async with answering(info, b"+OK\r\n" * 10) as url:
        assert await probe(url) == Probe(url, "Valkey 8.0.1")


# --- mistakes ---------------------------------------------------------------------------------------------------------


async def test_a_wrong_password(start_redis: StartRedis) -> None:
    url = start_redis(password="right").url
    for wrong in (url.replace("right", "s3cret"), url.replace(":right@", ""), url.replace(":right", "chat:s3cret")):
        assert "it refuses the user or the password; correct them in CHATKIT_REDIS_URL" in await mistake(wrong)


async def test_a_password_that_the_server_does_not_want(redis_server: RedisServer) -> None:
    url = redis_server.url.replace("//", "//:s3cret@")
    assert "it refuses the user or the password" in await mistake(url)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("-info", "'info' command"),
        ("-set", "'set' command"),
        ("-get", "'get' command"),
        ("-xadd", "'xadd' command"),
        ("-xread", "'xread' command"),
        ("-expire", "'expire' command"),
        ("-publish", "'publish' command"),
        ("-subscribe", "'subscribe' command"),
        ("-unsubscribe", "'unsubscribe' command"),
        ("resetchannels", "channels"),
        ("resetkeys", "key"),
    ],
)
@pytest.mark.parametrize("version", ["6.2", "7"])
async def test_a_command_that_the_acl_forbids(version: str, rule: str, words: str, start_redis: StartRedis) -> None:
    server = start_redis(wheel_redis() if version == "6.2" else debian_redis())
    server.do("ACL", "SETUSER", "chat", "on", ">s3cret", "allkeys", "allchannels", "+@all", rule)
    message = await mistake(server.url.replace("//", "//chat:s3cret@"))
    assert "its ACL says: " in message
    assert words in message
    assert "docs/operations.md" in message


async def test_a_version_that_is_too_old() -> None:
    async with answering(bulk("# Server\r\nredis_version:5.0.7\r\nredis_mode:standalone\r\n")) as url:
        message = await mistake(url)
    assert message == f"cannot use Redis at {url}: it is Redis 5.0.7, which is too old; 6.2 or later is needed"


async def test_a_replica(start_redis: StartRedis) -> None:
    primary = start_redis()
    replica = start_redis(None, [f"replicaof 127.0.0.1 {primary.port}"])
    assert f"it is a replica, which takes no writes; name its primary, 127.0.0.1:{primary.port}" in await mistake(
        replica.url
    )


async def test_a_sentinel() -> None:
    async with answering(bulk("redis_version:7.0.15\r\nredis_mode:sentinel\r\n")) as url:
        assert "it is a Sentinel; name the primary that it watches" in await mistake(url)


async def test_a_cluster_by_the_url_of_a_server(redis_cluster: RedisCluster) -> None:
    assert "it is a node of a cluster; write redis+cluster://" in await mistake(redis_cluster.nodes[1].url)


async def test_a_server_by_the_url_of_a_cluster(redis_server: RedisServer) -> None:
    assert "it is no cluster; write redis://" in await mistake(redis_server.url.replace("redis:", "redis+cluster:"))


async def test_a_database_that_is_not_there(redis_server: RedisServer) -> None:
    assert "it has no such database" in await mistake(f"{redis_server.url}/9999")


async def test_an_http_server() -> None:
    async with answering(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n") as url:
        assert "what answers there is no Redis; correct host and port" in await mistake(url)


async def test_a_server_that_answers_something_else() -> None:
    async with answering(b"+OK\r\n") as url:
        assert "what answers there is no Redis" in await mistake(url)


async def test_a_postgresql(postgres: Postgres) -> None:
    if not isinstance(postgres, OwnPostgres):
        pytest.skip("the server that was named may be anywhere")
    assert "what answers there is no Redis" in await mistake(f"redis://127.0.0.1:{postgres.port}")


async def test_no_tls_where_it_is_expected(start_redis: StartRedis, certificates: Certificates) -> None:
    url = start_redis(debian_redis(), tls=certificates).url
    plain = url.partition("?")[0].replace("rediss:", "redis:")
    assert "it expects TLS; write rediss://" in await mistake(plain)


@pytest.mark.parametrize("scheme", ["rediss", "rediss+cluster"])
async def test_tls_where_it_is_not_spoken(scheme: str, redis_server: RedisServer) -> None:
    assert "it speaks no TLS; write redis://" in await mistake(redis_server.url.replace("redis:", f"{scheme}:"))


async def test_a_certificate_that_nobody_trusts(start_redis: StartRedis, certificates: Certificates) -> None:
    url = start_redis(debian_redis(), tls=certificates).url
    assert "its certificate is not trusted, or is another host's; name who signed it: ?ssl_ca_certs=" in await mistake(
        url.partition("?")[0]
    )
    assert (await probe(f"{url.partition('?')[0]}?ssl_cert_reqs=none")).problem is None


async def test_a_certificate_that_is_asked_of_us(start_redis: StartRedis, certificates: Certificates) -> None:
    server = start_redis(debian_redis(), tls=certificates)
    server.do("CONFIG", "SET", "tls-auth-clients", "yes")
    assert "it asks for a certificate; name one" in await mistake(server.url)
    ours = f"&ssl_certfile={certificates.certificate}&ssl_keyfile={certificates.key}"
    assert (await probe(server.url + ours)).problem is None


# --- what may pass ----------------------------------------------------------------------------------------------------


async def test_nobody_listens(tmp_path: Path) -> None:
    assert "nothing listens there; start it" in await problem(f"redis://127.0.0.1:{free_port()}")
    assert "nothing listens there; start it" in await problem(f"redis+cluster://127.0.0.1:{free_port()}")
    assert "there is no such socket" in await problem(f"unix://{tmp_path}/redis.sock")


async def test_no_such_host() -> None:
    assert "there is no such host; correct it" in await problem("redis://:s3cret@redis.invalid")
    assert "there is no such host; correct it" in await problem("redis+cluster://:s3cret@redis.invalid")


@pytest.mark.parametrize("host", ["redis..svc", "a" * 70 + ".example"])
@pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "rediss"])
async def test_a_host_that_no_resolver_takes(scheme: str, host: str) -> None:
    assert "there is no such host; correct it" in await problem(f"{scheme}://:s3cret@{host}:6379")


async def test_it_hangs(start_redis: StartRedis) -> None:
    server = start_redis(password="s3cret")
    server.freeze()
    assert "it does not answer" in await problem(server.url)


async def test_it_closes_the_connection() -> None:
    async with answering() as url:
        assert "it closes the connection; see its log" in await problem(url)


async def test_it_is_loading(start_redis: StartRedis) -> None:
    server = start_redis(None, ["rdbcompression no"])
    with contextlib.closing(server.client()) as client:
        client.mset({f"key{number}": "x" * 2**19 for number in range(40)})  # it looks up from its work every 2 MB
        client.save()
    server.stop()
    server.settings += ["key-load-delay 50000"]
    server.start(wait=False)
    async with asyncio.timeout(20):
        while "nothing listens" in (said := await problem(server.url)):
            await asyncio.sleep(0.02)
    assert "it is loading its data; wait until it has" in said


async def test_too_many_connections(start_redis: StartRedis) -> None:
    server = start_redis(None, ["maxclients 2"])
    with contextlib.closing(server.client()) as one, contextlib.closing(server.client()) as two:
        assert one.ping()
        assert two.ping()
        assert "it takes no more connections; raise its `maxclients`" in await problem(server.url)


async def test_full_and_not_allowed_to_evict(start_redis: StartRedis) -> None:
    url = start_redis(None, ["maxmemory 1", "maxmemory-policy noeviction"]).url
    assert "it is full (OOM); raise its `maxmemory`" in await problem(url)


async def test_it_cannot_save(start_redis: StartRedis) -> None:
    server = start_redis(None, ["save 3600 1"])
    server.do("CONFIG", "SET", "dir", "/proc")
    server.do("SET", "a", "b")
    with contextlib.closing(server.client()) as client:
        client.bgsave()
    async with asyncio.timeout(20):
        while (await probe(server.url)).problem is None:
            await asyncio.sleep(0.02)
    assert "it cannot save to its disk, and refuses writes" in await problem(server.url)


async def test_a_cluster_that_has_lost_a_node() -> None:
    cluster = RedisCluster()
    try:
        cluster.nodes[1].kill()
        async with asyncio.timeout(20):
            while (await probe(cluster.url)).problem is None:
                await asyncio.sleep(0.05)
        assert (await problem(cluster.url)).startswith(("a part of the cluster is down", "nothing listens there"))
    finally:
        cluster.remove()


async def test_a_cluster_without_slots(start_redis: StartRedis) -> None:
    server = start_redis(None, ["cluster-enabled yes"], port=20_000 + free_port() % 30_000)
    url = server.url.replace("redis:", "redis+cluster:")
    assert "a part of the cluster is down; see `redis-cli CLUSTER INFO`" in await problem(url)
