"""What stands behind one ``ChatKit``: a store and an agent, from the application, a server of the SDK or the settings.

Libraries that only some of them need are imported when they are made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from chatkit.store import AttachmentStore

from .agents.base import Agent
from .eventlog.base import EventLog, LogUnavailable
from .eventlog.memory import MemoryEventLog
from .settings import Settings, SettingsError
from .store.base import Store, shown
from .store.relational import RelationalStore
from .store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from chatkit.server import ChatKitServer

    from .agents.mcp import MCPServer

logger = logging.getLogger(__name__)

OFFLINE = "the offline agent (no OPENAI_API_KEY or OPENAI_BASE_URL)"


@dataclass(frozen=True, slots=True)
class Backend:
    """What answers, and where it keeps threads and attachments; ``None`` for an agent means the settings' own.

    ``answers`` and ``kept_in`` say so to people.
    """

    store: Store
    kept_in: str
    agent: Agent | None = None
    answers: str | None = None
    attachment_store: AttachmentStore[Any] | None = None


class Given:
    """What a ``ChatKit`` was given to answer with and to keep threads in; the settings fill in what was not given.

    ``server`` may be a function that makes one when the application has begun, each time anew. Until then, ``backend``
    is not known. ``has_agent`` is false where functions or the settings decide what answers.

    :raises SettingsError, StoreError: the settings name a store that cannot be.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store | None,
        agent: Agent | None,
        server: ChatKitServer[Any] | Callable[[], ChatKitServer[Any] | None] | None,
        attachment_store: AttachmentStore[Any] | None,
    ) -> None:
        if agent is not None and server is not None:
            raise TypeError("give ChatKit an agent or a server, not both: only one of them can answer")
        self.has_agent = agent is not None or server is not None
        self.backend: Backend | None = None
        self._store, self._attachment_store = store, attachment_store
        self._make: Callable[[], object] | None = None
        if server is None:
            kept = store or store_from(settings)
            shown_as = _label(store) if store else shown(settings.database_url.get_secret_value())
            answers = agent.label if agent else None
            self.backend = Backend(kept, shown_as, agent, answers, attachment_store) if kept else None
        elif _is_server(server):
            self.backend = self._of_server(server)
        else:
            self._make = cast("Callable[[], object]", server)

    def begin(self) -> Backend | None:
        """The backend, now that the application has begun; ``None``: chat is off, and the log says why.

        :raises TypeError: what makes the server has made something else.
        """
        if self._make is None:
            if self.backend is None:
                logger.warning("CHATKIT_DATABASE_URL is empty: chat is off and the endpoint answers 503")
            return self.backend
        server = self._make()
        if server is None:
            logger.warning("the application has made no server: chat is off and the endpoint answers 503")
            return None
        if not _is_server(server):
            raise TypeError(f"a function given as server= must return a ChatKitServer or None, not {type(server)}")
        return self._of_server(server)

    def _of_server(self, server: ChatKitServer[Any]) -> Backend:
        from .agents.sdk_server import agent_of

        agent = agent_of(server)
        return Backend(
            self._store or _store_of(server),
            _label(self._store or server.store),
            agent,
            agent.label,
            self._attachment_store or server.attachment_store,
        )


def _is_server(given: object) -> TypeGuard[ChatKitServer[Any]]:
    from chatkit.server import ChatKitServer

    return isinstance(given, ChatKitServer)


def _label(store: object) -> str:
    return store.label if isinstance(store, RelationalStore) else type(store).__name__


def _store_of(server: ChatKitServer[Any]) -> Store:
    if isinstance(server.store, RelationalStore):
        return server.store
    from .store.sdk_store import SDKStore

    return SDKStore(server.store)


def store_from(settings: Settings) -> RelationalStore | None:
    """The store that ``database_url`` names, not opened yet; ``None`` where it is empty.

    :raises SettingsError: the URL is of no known kind, or its driver is not installed.
    :raises StoreError: it is of a known kind, and wrong.
    """
    url = settings.database_url.get_secret_value()
    if not url:
        return None
    scheme = url.partition(":")[0]
    path = url.removeprefix("sqlite:///")
    if scheme == "sqlite" and path not in ("", url):
        return SQLiteStore(path)
    if scheme.partition("+")[0] in ("postgresql", "postgres"):
        try:
            from .store.postgres import PostgresStore
        except ImportError as error:
            raise SettingsError(str(error)) from None
        return PostgresStore(settings)
    raise SettingsError(
        "CHATKIT_DATABASE_URL must be `sqlite:///relative/path.db`, `sqlite:////absolute/path.db` "
        "or `postgresql://USER:PASSWORD@HOST/DATABASE`"
    )


def log_from(settings: Settings) -> EventLog:
    """A new event log, not started yet: in the Redis that ``redis_url`` names, else in this process.

    :raises SettingsError: the URL names no Redis, or the extra ``redis`` is not installed.
    """
    if settings.redis_url is None:
        return MemoryEventLog()
    try:
        from .eventlog.redis import RedisEventLog
    except ImportError as error:
        raise SettingsError(f"CHATKIT_REDIS_URL: {error}") from None
    try:
        return RedisEventLog(settings.redis_url.get_secret_value())
    except LogUnavailable as error:
        raise SettingsError(str(error)) from None


def default_agent(settings: Settings) -> Agent:
    """The agent for the settings' model, or the offline one. Only the first imports the Agents SDK."""
    if not settings.model_configured:
        if settings.mcp_servers:
            logger.warning("CHATKIT_MCP_SERVERS is set, but no model: the offline agent uses no tools")
        from .agents.offline import OfflineAgent

        return OfflineAgent()
    from .agents.mcp import MCPTools
    from .agents.openai_agents import OpenAIAgent

    key = settings.openai_api_key
    return OpenAIAgent(
        model=settings.model,
        allowed_models=settings.models,
        instructions=settings.instructions,
        api=settings.api,
        base_url=settings.openai_base_url,
        api_key=key.get_secret_value() if key else None,
        mcp=MCPTools(servers) if (servers := mcp_servers_of(settings)) else None,
        titles=True,
    )


def mcp_servers_of(settings: Settings) -> tuple[MCPServer, ...]:
    """The MCP servers in the settings.

    :raises SettingsError: they are written wrongly, or cannot be called because the extra ``mcp`` is not installed.
    """
    if not settings.mcp_servers:
        return ()
    if not all(find_spec(module) for module in ("mcp", "httpx2")):  # which takes a second less than to import them
        raise SettingsError("CHATKIT_MCP_SERVERS needs more packages: pip install 'fastapi-chatkit[mcp]'")
    from .agents.mcp import servers_from

    try:
        return tuple(servers_from(settings.mcp_servers))
    except ValueError as error:
        raise SettingsError(f"CHATKIT_MCP_SERVERS: {error}") from None
