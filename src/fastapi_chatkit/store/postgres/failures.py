"""What goes wrong between us and PostgreSQL, by what can be done about it."""

from __future__ import annotations

import socket
import ssl
from typing import Literal

import asyncpg

Failure = Literal["lost", "undone", "overloaded"]
"""``lost``: the connection went away; what it was doing may be done or not. ``undone``: it is certainly not done, and
another attempt may do it. ``overloaded``: the server cannot do it now.
"""

_UNDONE = (
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # the primary has become a standby
    asyncpg.TargetServerAttributeNotMatched,  # and none has taken its place yet
    asyncpg.InvalidCachedStatementError,  # a migration has changed what was prepared
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,  # it was right at the start: somebody is changing it
)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InternalClientError,  # the protocol was cut in the middle
    OSError,
)
_OVERLOADED = (
    asyncpg.OperatorInterventionError,  # a statement that took too long, among others
    asyncpg.LockNotAvailableError,
    asyncpg.InsufficientResourcesError,
)


def failure_of(error: BaseException) -> Failure | None:
    """The kind of a failure; ``None`` for an error of the statement, the script or the program."""
    if isinstance(error, TimeoutError):
        return "overloaded"
    if isinstance(error, _UNDONE) or _was_closed_before(error):
        return "undone"
    if isinstance(error, _LOST):
        return "lost"
    return "overloaded" if isinstance(error, _OVERLOADED) else None


def is_conflict(error: BaseException) -> bool:
    """Whether another transaction was the first to do what is done once: use a key or an id, begin a thread's run."""
    return isinstance(error, asyncpg.UniqueViolationError)


def is_useless_after(error: BaseException) -> bool:
    """Whether the connection on which this happened should not be used again."""
    return isinstance(error, asyncpg.ReadOnlySQLTransactionError) or failure_of(error) == "lost"


def _was_closed_before(error: BaseException) -> bool:
    """Nothing was sent. asyncpg has one class for misuse and for this; only the text tells."""
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("closed", "closing"))


_ADVICE: list[tuple[type[Exception], str, str]] = [
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "it refuses this user or password",
        "correct them in CHATKIT_DATABASE_URL",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "it has no such database",
        "create it (`createdb NAME`), or correct CHATKIT_DATABASE_URL",
    ),
    (
        asyncpg.TooManyConnectionsError,
        "it takes no more connections",
        "lower CHATKIT_POOL_SIZE, or raise its `max_connections`",
    ),
    (asyncpg.CannotConnectNowError, "it is starting up or shutting down", "try again in a moment"),
    (
        asyncpg.InsufficientPrivilegeError,
        "this user may not use or create the schema",
        "grant it, or use another user; docs/postgresql.md has the statements",
    ),
    (
        asyncpg.TargetServerAttributeNotMatched,
        "none of its hosts takes writes",
        "name the primary, or see `target_session_attrs`",
    ),
    (
        asyncpg.ClientConfigurationError,
        "a parameter of the URL is wrong, or a file that it needs is missing (`sslrootcert`, say)",
        "correct it in CHATKIT_DATABASE_URL",
    ),
    (asyncpg.UndefinedObjectError, "it does not know a parameter of the URL", "correct it in CHATKIT_DATABASE_URL"),
    (asyncpg.QueryCanceledError, "it takes too long, or somebody holds a lock", "try again when they are done"),
    (asyncpg.LockNotAvailableError, "somebody holds a lock on its tables", "try again when they are done"),
    (ssl.SSLError, "its certificate or TLS does not fit", "see `sslmode` and `sslrootcert` in docs/postgresql.md"),
    (TimeoutError, "it does not answer", "check host, port and firewall"),
    (socket.gaierror, "there is no such host", "correct it in CHATKIT_DATABASE_URL"),
    (ConnectionRefusedError, "nothing listens there", "start it, or correct host and port in CHATKIT_DATABASE_URL"),
    (ConnectionError, "it refuses TLS, or is no PostgreSQL", "see `sslmode` in docs/postgresql.md"),
]


def advice_on(error: Exception, where: str) -> str:
    """What an operator should do about a server that cannot be used from the start. Holds no password."""
    for kind, reason, advice in _ADVICE:
        if isinstance(error, kind):
            return f"cannot use PostgreSQL at {where}: {reason}; {advice}"
    code = f" ({error.sqlstate})" if isinstance(error, asyncpg.PostgresError) else ""
    name = type(error).__name__
    return f"cannot use PostgreSQL at {where}: {name}{code}; check CHATKIT_DATABASE_URL, its own log says more"
