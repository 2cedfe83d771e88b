"""What goes wrong between us and Redis, in words for its operator. redis-py's own texts have no part in it but what the
server has said, which holds no secret.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    InvalidResponse,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import TimeoutError as RedisTimeoutError


@dataclass(frozen=True, slots=True)
class Failure:
    """Why Redis cannot be used, what to do about it, and whether it may pass while our settings stay as they are."""

    reason: str
    advice: str
    may_pass: bool = True

    def at(self, shown: str) -> str:
        """The whole of it, about the Redis at ``shown``."""
        return f"cannot use Redis at {shown}: {self.reason}; {self.advice}"


CLUSTER = Failure("it is a node of a cluster", "write redis+cluster:// (with TLS rediss+cluster://)", may_pass=False)
NO_CLUSTER = Failure("it is no cluster", "write redis:// (with TLS rediss://)", may_pass=False)
EXPECTS_TLS = Failure("it expects TLS", "write rediss:// (for a cluster rediss+cluster://)", may_pass=False)
NO_TLS = Failure("it speaks no TLS", "write redis:// (for a cluster redis+cluster://)", may_pass=False)
NO_REDIS = Failure("what answers there is no Redis", "correct host and port in CHATKIT_REDIS_URL", may_pass=False)
FULL = Failure("it is full (OOM)", "raise its `maxmemory`, or let it evict: `maxmemory-policy volatile-ttl`")
CLOSED = Failure("it closes the connection", "see its log; a proxy does so that has no Redis behind it")

NO_HOST = Failure("there is no such host", "correct it in CHATKIT_REDIS_URL")
SILENT = Failure("it does not answer", "see whether it runs, and whether a firewall is between")

_BY_KIND: list[tuple[type[BaseException], Failure]] = [
    (
        AuthenticationError,
        Failure("it refuses the user or the password", "correct them in CHATKIT_REDIS_URL", may_pass=False),
    ),
    (BusyLoadingError, Failure("it is loading its data", "wait until it has")),
    (OutOfMemoryError, FULL),
    (ReadOnlyError, Failure("it is a replica, which takes no writes", "name the primary in CHATKIT_REDIS_URL")),
    (MovedError, CLUSTER),
    (ClusterDownError, Failure("a part of the cluster is down", "see `redis-cli CLUSTER INFO`")),
    (InvalidResponse, NO_REDIS),
    (
        ssl.SSLCertVerificationError,
        Failure(
            "its certificate is not trusted, or is another host's",
            "name who signed it: ?ssl_ca_certs=/path/to/ca.pem",
            may_pass=False,
        ),
    ),
    (socket.gaierror, NO_HOST),
    (UnicodeError, NO_HOST),  # a name that none can have: no resolver is asked
    (
        ConnectionRefusedError,
        Failure("nothing listens there", "start it, or correct host and port in CHATKIT_REDIS_URL"),
    ),
    (FileNotFoundError, Failure("there is no such socket", "start it, or correct the path in CHATKIT_REDIS_URL")),
    (PermissionError, Failure("this user may not open the socket", "see `unixsocketperm` in its settings")),
    (RedisTimeoutError, SILENT),
    (TimeoutError, SILENT),
]

_BY_TEXT: list[tuple[type[BaseException], str, Failure]] = [
    (ResponseError, "cluster support disabled", NO_CLUSTER),
    (ResponseError, "MISCONF", Failure("it cannot save to its disk, and refuses writes", "make room, or see its log")),
    (
        ResponseError,
        "NOREPLICAS",
        Failure("it has too few replicas, and refuses writes", "see `min-replicas-to-write`"),
    ),
    (ResponseError, "DB index is out of range", Failure("it has no such database", "correct it", may_pass=False)),
    (
        BaseException,
        "max number of clients",
        Failure("it takes no more connections", "raise its `maxclients`, or look who else is connected"),
    ),
    (ssl.SSLError, "WRONG_VERSION_NUMBER", NO_TLS),
    (
        ssl.SSLError,
        "CERTIFICATE_REQUIRED",
        Failure("it asks for a certificate", "name one: ?ssl_certfile=…&ssl_keyfile=…", may_pass=False),
    ),
]


def failure_of(error: BaseException) -> Failure:
    """What an error of redis-py means."""
    chain = list(_chain(error))
    for kind, text, failure in _BY_TEXT:
        if any(isinstance(one, kind) and text in str(one) for one in chain):
            return failure
    for one in chain:
        if isinstance(one, NoPermissionError):
            return Failure(f"its ACL says: {one}", "grant it; docs/operations.md has the rules", may_pass=False)
    for kind, failure in _BY_KIND:
        if any(isinstance(one, kind) for one in chain):
            return failure
    if isinstance(error, ResponseError):
        return Failure(f"it says: {error}", "see its log")
    if isinstance(error, RedisError):
        return CLOSED if isinstance(error, ConnectionError) else Failure(type(error).__name__, "see its log")
    return Failure(f"an error of our own ({type(error).__name__})", "see this server's log, and report it")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
