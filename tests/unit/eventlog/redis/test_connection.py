"""The ways to Redis, on real servers: alike for one server, a Unix socket, TLS and a cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from redis.exceptions import ConnectionError, RedisError, ResponseError, TimeoutError

from fastapi_chatkit.eventlog.redis.base import Connections
from fastapi_chatkit.eventlog.redis.connection import connections_to
from fastapi_chatkit.eventlog.redis.line import Command
from fastapi_chatkit.eventlog.redis.pool import CONNECTIONS
from tests.support.redis import RedisCluster, RedisServer, debian_redis, valkey

KEYS = [f"{{ck{partition}}}:run" for partition in range(16)]
"""Of a cluster's nodes, each has some of them."""


@pytest.fixture(params=["server", "socket", "tls", "password", "cluster", "7", "valkey"])
async def connections(request: pytest.FixtureRequest) -> AsyncIterator[Connections]:
    start_redis: Callable[..., RedisServer] = request.getfixturevalue("start_redis")
    match request.param:
        case "server":
            url = request.getfixturevalue("redis_server").url
        case "socket":
            url = request.getfixturevalue("redis_server").unix_url
        case "cluster":
            url = request.getfixturevalue("redis_cluster").url
        case "password":
            url = start_redis(password="se:cr/et").url
        case "tls":
            url = start_redis(debian_redis(), tls=request.getfixturevalue("certificates")).url
        case "7":
            url = start_redis(debian_redis()).url
        case _:
            url = start_redis(valkey()).url
    opened = connections_to(url)
    yield opened
    await opened.close()


async def test_commands_and_replies_keep_their_places(connections: Connections) -> None:
    written = await connections.send([Command(key, ("XADD", key, "1-1", "text", f"of {key}")) for key in KEYS])
    assert written == [b"1-1"] * len(KEYS)
    read = await connections.send([Command(key, ("XRANGE", key, "-", "+")) for key in KEYS])
    assert read == [[[b"1-1", [b"text", f"of {key}".encode()]]] for key in KEYS]


async def test_an_error_stands_in_its_place_and_the_rest_is_done(connections: Connections) -> None:
    one, other = KEYS[:2]
    replies = await connections.send(
        [
            Command(one, ("XADD", one, "1-1", "n", 1)),
            Command(one, ("XADD", one, "1-1", "n", 2)),
            Command(one, ("XADD", one, "1-2", "n", 3)),
            Command(other, ("XADD", other, "1-1", "n", 4)),
            Command(None, ("PUBLISH", "ck:bell", "")),
        ]
    )
    assert isinstance(replies[1], ResponseError)
    assert "equal or smaller" in str(replies[1])
    assert [replies[0], *replies[2:]] == [b"1-1", b"1-2", b"1-1", 0]
    with pytest.raises(ResponseError, match="equal or smaller"):
        await connections.ask(one, "XADD", one, "1-2", "n", 5)


async def test_nothing_is_sent_for_nothing(connections: Connections) -> None:
    assert await connections.send([]) == []


@pytest.mark.parametrize("connections", ["server", "cluster"], indirect=True)
async def test_a_line_waits_longer_than_a_command_may(connections: Connections) -> None:
    line = connections.line(KEYS[0], 4.0)
    reading = asyncio.create_task(line.ask("XREAD", "BLOCK", 3000, "STREAMS", KEYS[0], "0"))
    await asyncio.sleep(2.2)
    await connections.ask(KEYS[0], "XADD", KEYS[0], "1-1", "n", 1)
    assert await reading == [[KEYS[0].encode(), [[b"1-1", [b"n", b"1"]]]]]
    assert await line.ask("XREAD", "BLOCK", 10, "STREAMS", KEYS[0], "1-1") is None
    await line.close()


async def test_a_line_hears_what_is_published(connections: Connections) -> None:
    line = connections.line(None, 2.0)
    await line.send("SUBSCRIBE", "ck:bell")
    assert await line.receive() == [b"subscribe", b"ck:bell", 1]
    await connections.send([Command(None, ("PUBLISH", "ck:bell", ""))])
    assert await line.receive() == [b"message", b"ck:bell", b""]
    await line.send("PING")
    assert await line.receive() == [b"pong", b""]
    await line.close()


async def test_more_questions_than_connections_wait_for_one(connections: Connections) -> None:
    asked = await asyncio.gather(*(connections.ask(KEYS[0], "EXISTS", KEYS[0]) for _ in range(5 * CONNECTIONS)))
    assert asked == [0] * len(asked)


async def test_after_a_crash_it_connects_again(start_redis: Callable[..., RedisServer]) -> None:
    server = start_redis()
    connections = connections_to(server.url)
    line = connections.line(None, 3.0)
    assert await line.ask("PING") == b"PONG"
    waiting = asyncio.create_task(line.ask("XREAD", "BLOCK", 2000, "STREAMS", "x", "0"))
    await connections.ask(None, "PING")
    server.kill()
    with pytest.raises(ConnectionError):
        await waiting
    replies = await connections.send([Command(None, ("PING",))] * 2)
    assert [type(reply) for reply in replies] == [ConnectionError] * 2
    with pytest.raises(ConnectionError):
        await line.ask("PING")
    server.start()
    assert await connections.ask(None, "PING") == b"PONG"
    assert await line.ask("PING") == b"PONG"
    await line.close()
    await connections.close()


async def test_a_restart_between_two_commands_is_not_noticed(start_redis: Callable[..., RedisServer]) -> None:
    server = start_redis()
    connections = connections_to(server.url)
    await connections.ask(None, "PING")
    server.restart()
    await asyncio.sleep(0.01)  # the loop hears that the old connection was closed
    assert await connections.ask(None, "PING") == b"PONG"
    await connections.close()


async def test_a_server_that_hangs_is_given_up(start_redis: Callable[..., RedisServer]) -> None:
    server = start_redis()
    connections = connections_to(server.url)
    line = connections.line(None, 1.0)
    assert await line.ask("PING") == await connections.ask(None, "PING") == b"PONG"
    server.freeze()
    with pytest.raises(TimeoutError):
        await line.ask("PING")
    with pytest.raises(TimeoutError):
        await connections.ask(None, "PING")
    server.thaw()
    assert await line.ask("PING") == await connections.ask(None, "PING") == b"PONG"
    await line.close()
    await connections.close()


async def test_a_command_is_sent_once(start_redis: Callable[..., RedisServer]) -> None:
    server = start_redis()
    connections = connections_to(server.url)
    await connections.ask(None, "INCR", "counter")
    server.freeze()
    with pytest.raises(TimeoutError):
        await connections.ask(None, "INCR", "counter")
    server.thaw()
    assert await connections.ask(None, "INCR", "counter") == 3  # the one that nobody heard of, once, and this one
    await connections.close()


async def test_of_a_cluster_what_is_left_is_used_and_what_comes_back() -> None:
    cluster = RedisCluster()
    try:
        for node in cluster.nodes:
            node.do("CONFIG", "SET", "cluster-require-full-coverage", "no")
        connections = connections_to(cluster.url)
        gone = cluster.node_of(KEYS[0])
        there = next(key for key in KEYS if cluster.node_of(key) is not gone)
        lines = [connections.line(key, 3.0) for key in (KEYS[0], there)]
        assert [await line.ask("PING") for line in lines] == [b"PONG"] * 2
        gone.kill()
        commands = [Command(key, ("XADD", key, "1-1", "n", 1)) for key in (KEYS[0], there)]
        lost, written = await connections.send(commands)
        assert (type(lost), written) == (ConnectionError, b"1-1")
        with pytest.raises(RedisError):
            await lines[0].ask("PING")
        assert await lines[1].ask("PING") == b"PONG"
        gone.start()
        async with asyncio.timeout(20):
            while isinstance((await connections.send(commands[:1]))[0], RedisError):
                await asyncio.sleep(0.05)
        assert await lines[0].ask("PING") == b"PONG"
        for line in lines:
            await line.close()
        await connections.close()
    finally:
        cluster.remove()


async def test_a_key_that_has_moved_is_followed() -> None:
    cluster = RedisCluster()
    try:
        connections = connections_to(cluster.url)
        line = connections.line(KEYS[0], 3.0)
        assert await line.ask("EXISTS", KEYS[0]) == 0
        old = cluster.node_of(KEYS[0])
        new = next(node for node in cluster.nodes if node is not old)
        slot = old.do("CLUSTER KEYSLOT", KEYS[0])
        old_id, new_id = (str(node.do("CLUSTER MYID")) for node in (old, new))
        new.do("CLUSTER SETSLOT", slot, "IMPORTING", old_id)
        old.do("CLUSTER SETSLOT", slot, "MIGRATING", new_id)
        # Under way: a key that the old node has not is asked for at the new one.
        written = await connections.send([Command(KEYS[0], ("XADD", KEYS[0], f"1-{seq}", "n", seq)) for seq in (1, 2)])
        assert written == [b"1-1", b"1-2"]
        assert new.do("CLUSTER COUNTKEYSINSLOT", slot) == 1
        for node in cluster.nodes:
            node.do("CLUSTER SETSLOT", slot, "NODE", new_id)
        assert await line.ask("XLEN", KEYS[0]) == 2
        assert await connections.ask(KEYS[0], "XADD", KEYS[0], "1-3", "n", 3) == b"1-3"
        await line.close()
        await connections.close()
    finally:
        cluster.remove()
