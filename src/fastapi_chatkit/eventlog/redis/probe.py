"""A first look at a Redis: mistakes that only an operator can correct are said before anything begins."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from redis.exceptions import RedisError

from ..base import LogUnavailable
from .address import Address, address_of
from .base import Connections
from .connection import connections_to
from .failures import CLOSED, CLUSTER, EXPECTS_TLS, NO_REDIS, NO_TLS, SILENT, Failure, failure_of
from .keys import LOG_KEY
from .line import COMMAND_SECONDS, Command

OLDEST = 6, 2
"""The oldest version that has what the log uses: ranges of a stream that leave their first entry out."""

PROBE_SECONDS = 8.0

POSTGRES_GREETING = bytes((0, 0, 0, 8, 4, 210, 22, 47))
"""What a client of PostgreSQL says that would like TLS; the answer is one letter."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found, for people: ``server`` with its version, where it told, and ``problem``, which may pass."""

    shown: str
    server: str | None = None
    problem: str | None = None


async def probe(url: str) -> Probe:
    """Look what is at a URL, and try every command that the log uses.

    :raises LogUnavailable: it cannot be used before somebody corrects something; the message says what.
    """
    address = address_of(url)
    connections = connections_to(url)
    server, failure = None, None
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            info = _parsed(await connections.ask(None, "INFO"))
            server = _name(info)
            failure = _mistake(info, clustered=address.clustered) or await _trial(connections)
    except (RedisError, TimeoutError) as error:
        failure = failure_of(error)
    finally:
        await connections.close()
    if server is None and address.hosts:
        failure = await _looked_into(failure, address)
    if failure is None:
        return Probe(address.shown, server)
    if failure.may_pass:
        return Probe(address.shown, server, f"{failure.reason}; {failure.advice}")
    raise LogUnavailable(failure.at(address.shown))


def _parsed(reply: object) -> dict[str, str]:
    """What INFO says; nothing where a server answers otherwise."""
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else ""
    return {name: value for name, _, value in (line.partition(":") for line in text.splitlines())}


def _name(info: Mapping[str, str]) -> str | None:
    if valkey := info.get("valkey_version"):
        return f"Valkey {valkey}"
    version = info.get("redis_version")
    return f"Redis {version}" if version else None


def _mistake(info: Mapping[str, str], *, clustered: bool) -> Failure | None:
    """What is wrong with a server that answers, by what it tells of itself."""
    version = info.get("redis_version", "")
    if not version:
        return NO_REDIS
    if tuple(int(part) for part in version.split(".")[:2] if part.isdecimal()) < OLDEST:
        return Failure(f"it is Redis {version}, which is too old", "6.2 or later is needed", may_pass=False)
    if info.get("redis_mode") == "sentinel":
        return Failure("it is a Sentinel", "name the primary that it watches", may_pass=False)
    if info.get("cluster_enabled") == "1" and not clustered:
        return CLUSTER
    if info.get("role") == "slave" and not clustered:
        primary = f"{info.get('master_host', '?')}:{info.get('master_port', '?')}"
        return Failure("it is a replica, which takes no writes", f"name its primary, {primary}", may_pass=False)
    return None


async def _trial(connections: Connections) -> Failure | None:
    """Use every command once, on a stream that is gone a second later."""
    key = f"{{ck0}}:probe:{uuid4().hex}"
    words = [
        ("PING",),
        ("XADD", key, "MAXLEN", "~", 16, "1-1", "n", 0),
        ("EXPIRE", key, 1),
        ("XRANGE", key, "(1-0", "+", "COUNT", 1),
        ("XREVRANGE", key, "+", "-", "COUNT", 1),
        ("XREAD", "COUNT", 1, "STREAMS", key, "0"),
        ("XINFO", "STREAM", key),
        ("SET", f"{key}:log", "", "NX", "EX", 1),
    ]
    commands = [*(Command(key, one) for one in words), Command(LOG_KEY, ("GET", LOG_KEY))]
    commands.append(Command(None, ("PUBLISH", "ck:probe", "")))
    errors = [reply for reply in await connections.send(commands) if isinstance(reply, RedisError)]
    if errors:
        return failure_of(errors[0])
    line = connections.line(None, COMMAND_SECONDS)
    try:
        await line.ask("SUBSCRIBE", "ck:probe")
        await line.ask("UNSUBSCRIBE", "ck:probe")
    finally:
        await line.close()
    return None


async def _looked_into(failure: Failure | None, address: Address) -> Failure | None:
    """The failure, or what is behind it: two that do not understand each other wait, or one of them hangs up."""
    place = address.hosts[0]
    if failure is SILENT and address.tls and isinstance(await _reaction(place, b"PING\r\n"), bytes):
        return NO_TLS
    if failure is not CLOSED:
        return failure
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE  # nothing is said over it
    reaction = await _reaction(place, b"", unverified)
    if address.tls:  # whoever waits hears why it was hung up on
        return failure_of(reaction) if isinstance(reaction, ssl.SSLError) else failure
    if not isinstance(reaction, ConnectionError | ssl.SSLError):
        return EXPECTS_TLS
    return NO_REDIS if isinstance(await _reaction(place, POSTGRES_GREETING), bytes) else failure


async def _reaction(
    place: tuple[str, int], greeting: bytes, context: ssl.SSLContext | None = None
) -> bytes | Exception:
    """The first byte that a server says after a greeting; or what goes wrong, a timeout where nothing does."""
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            reader, writer = await asyncio.open_connection(*place, ssl=context)
            try:
                writer.write(greeting)
                return await reader.readexactly(1)
            finally:
                writer.transport.abort()  # without waiting for a server that may not understand
    except (OSError, TimeoutError, UnicodeError, asyncio.IncompleteReadError) as error:
        return error
