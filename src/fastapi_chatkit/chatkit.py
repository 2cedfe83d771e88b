"""The composition root: puts what stands behind the ports together, and runs it with an application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, TypeVar, cast

from chatkit.store import AttachmentStore
from fastapi import FastAPI

from .agents.actions import Actions
from .agents.base import Agent
from .agents.function import FeedbackHandler, FunctionAgent, Responder, SyncActionHandler, Transcriber, responder
from .auth.base import Authenticator
from .auth.headers import HeaderAuthenticator
from .backend import OFFLINE, Backend, Given, default_agent, log_from, mcp_servers_of
from .dialects.jsonrpc import JSONRPCDialect
from .dialects.native import NativeDialect
from .errors import Draining, NotInitialized
from .eventlog.base import EventLog, LogUnavailable
from .http.endpoint import Endpoint, Running
from .http.health import Check, health_routes
from .http.openapi import ChatKitRoute, RunEventsRoute
from .http.ui import ui_route
from .page import add_page
from .runs.access import RunAccess
from .runs.engine import RunEngine
from .settings import Settings
from .store.base import Store, StoreError
from .store.generated_ids import StoreIds
from .threads import Threads

if TYPE_CHECKING:
    from chatkit.server import ChatKitServer

logger = logging.getLogger(__name__)

OPEN_RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)
"""How long to wait between attempts to open the store; the last one goes on for ever."""

ALONE = (
    "CHATKIT_REDIS_URL is set, but the store keeps runs in this process alone: several processes could neither follow "
    "nor stop each other's answers, and would answer twice in one thread. Run one process, or use PostgresStore"
)

F = TypeVar("F", bound=Callable[..., Any])


class ChatKit:
    """Adds a ChatKit endpoint to a FastAPI application.

    ``settings`` default to the environment's. ``store`` defaults to the one in ``settings.database_url``. What answers
    is: ``agent``; or ``server``, any subclass of the SDK's ``ChatKitServer`` (with its own store), or a function that
    makes one when the application's own lifespan has begun (``None``: chat is off); or the function decorated with
    :meth:`respond`; else the model in the settings; and where none is set, an offline agent that says so. The other
    decorators add to any of them, and so do ``actions``, the typed handlers of widget actions. ``ui`` says whether the
    component's files are served below ``path``. Several can live in one application, at different paths.

    The endpoint works while the application's lifespan runs; before and after, and while its store cannot be opened,
    it answers 503 ``not_initialized``.
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        path: str = "/chatkit",
        settings: Settings | None = None,
        store: Store | None = None,
        authenticator: Authenticator | None = None,
        agent: Agent | None = None,
        server: ChatKitServer[Any] | Callable[[], ChatKitServer[Any] | None] | None = None,
        actions: Actions | None = None,
        attachment_store: AttachmentStore[Any] | None = None,
        ui: bool = True,
    ) -> None:
        self.settings = settings or Settings.load()
        self.path = path
        mcp_servers_of(self.settings)  # what is wrong with them is said now
        log_from(self.settings)  # so is what is wrong with its URL
        self._given = Given(self.settings, store=store, agent=agent, server=server, attachment_store=attachment_store)
        self._backend: Backend | None = None
        self._log: EventLog | None = None
        self._agent = FunctionAgent(self._fallback, actions)
        self._endpoint = Endpoint(
            authenticator=authenticator or HeaderAuthenticator(local_only=self.settings.auth == "local"),
            dialects=(JSONRPCDialect(), NativeDialect()),
            max_body_bytes=self.settings.max_body_bytes,
        )
        name = f"chatkit {path}"
        app.router.routes.append(ChatKitRoute(path, self._endpoint, name=name, unique_id=lambda route: name))
        app.router.routes.append(RunEventsRoute(f"{path.rstrip('/')}/runs/{{run_id}}/events", self._endpoint.events))
        if ui:
            app.router.routes.append(ui_route(path))
        _extend_lifespan(app, self)
        app.state.chatkits = [*chatkits_in(app), self]

    # --- functions that answer ------------------------------------------------------------------------------------

    def respond(self, function: Responder) -> Responder:
        """Decorate the async generator function that answers turns; it yields ``str``, events or widgets."""
        if self._given.has_agent:
            raise TypeError("@chat.respond cannot be used with agent= or server=: they answer already")
        self._agent.responder = responder(function)
        return function

    @property
    def actions(self) -> Actions:
        """Typed handlers of widget actions: decorate with ``@chat.actions.on(type, payload_model)``."""
        return self._agent.own_actions

    def action(self, function: Responder) -> Responder:
        """Decorate the async generator function that handles widget actions (``turn.action``, ``turn.sender``)."""
        self._agent.actor = responder(function)
        return function

    def sync_action(self, function: SyncActionHandler) -> SyncActionHandler:
        """Decorate the coroutine function that handles actions without a stream and returns the updated item."""
        self._agent.sync_actor = function
        return function

    def feedback(self, function: FeedbackHandler) -> FeedbackHandler:
        """Decorate a coroutine function ``(thread_id, item_ids, kind, context)``, called after feedback was stored."""
        self._agent.on_feedback = function
        return function

    def transcribe(self, function: Transcriber) -> Transcriber:
        """Decorate a coroutine function ``(audio, context) -> str`` for dictation."""
        self._agent.transcriber = function
        return function

    # --- life -----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Open the store and serve until the context ends; the application's lifespan does this by itself.

        A store that cannot be opened is tried again every few seconds.
        """
        async with AsyncExitStack() as stack:
            self._backend = backend = self._given.begin()
            stack.callback(self._forget)
            if backend is not None and not await self._begin(backend, stack):
                retrying = asyncio.create_task(self._begin_later(backend, stack))
                stack.push_async_callback(_cancel, retrying)
            yield

    def _forget(self) -> None:
        self._backend = self._log = None

    async def _begin(self, backend: Backend, stack: AsyncExitStack) -> bool:
        """Open the store and serve; whether that worked."""
        store = backend.store
        opened_before = store.is_open
        try:
            await store.open()
        except StoreError as error:
            logger.error("the store could not be opened, the endpoint answers 503: %s", error)
            return False
        if not opened_before:
            stack.push_async_callback(store.close)
        if self.is_alone and self.settings.redis_url:
            logger.warning("%s", ALONE)
        self._log = log = log_from(self.settings)
        await log.start()
        stack.push_async_callback(log.close)
        self._endpoint.running = self._start(backend, log)
        stack.push_async_callback(self._stop)
        return True

    async def _begin_later(self, backend: Backend, stack: AsyncExitStack) -> None:
        for pause in chain(OPEN_RETRY_SECONDS, repeat(OPEN_RETRY_SECONDS[-1])):
            await asyncio.sleep(pause)
            if await self._begin(backend, stack):
                logger.info("the store is open now")
                return

    async def check(self) -> None:
        """Raise unless requests can be served: for readiness probes."""
        if self._backend is None or self._endpoint.running is None:
            raise NotInitialized
        if self._endpoint.running.engine.draining:
            raise Draining
        await self._backend.store.ping()

    async def check_log(self) -> None:
        """Raise unless other processes can follow the answers of this one, if they are to: for readiness probes.

        :raises LogUnavailable: they cannot now; the message is for the operator. Requests are served all the same.
        """
        if self._log is not None:
            await self._log.check()

    async def check_replicas(self) -> None:
        """Raise where several processes use the database and cannot all hear each other: for readiness probes.

        :raises LogUnavailable: with words for the operator. Requests are served all the same.
        """
        problem = self._endpoint.running.engine.peers.problem if self._endpoint.running else None
        if self.is_alone and self.settings.redis_url:
            problem = ALONE
        if problem is not None:
            raise LogUnavailable(problem)

    @property
    def other_checks(self) -> dict[str, Check]:
        """Checks besides :meth:`check`, by name: what is wrong there does not keep requests from being served."""
        redis: dict[str, Check] = {"redis": self.check_log} if self.settings.redis_url else {}
        return {**redis, "replicas": self.check_replicas}

    def drain(self) -> None:
        """Take no more runs; those under way go on. For a server that is told to stop."""
        if self._endpoint.running is not None:
            self._endpoint.running.engine.drain()

    @property
    def answers(self) -> str:
        """What answers, in a few words: for people."""
        if self._agent.responder is not None:
            return f"the function {getattr(self._agent.responder, '__name__', 'given')}"
        backend = self._backend or self._given.backend
        if backend is None and self._given.has_agent:
            return "a server that the application makes when it begins"
        return (backend and backend.answers) or (self.settings.model if self.settings.model_configured else OFFLINE)

    @property
    def kept_in(self) -> str | None:
        """Where threads are kept, without passwords: for people. ``None`` where nowhere, or while it is not known."""
        backend = self._backend or self._given.backend
        return backend.kept_in if backend else None

    @property
    def is_alone(self) -> bool:
        """Whether its store knows of this process's answers alone, so that there must not be a second one."""
        backend = self._backend or self._given.backend
        return backend is not None and not backend.store.shares_runs

    @property
    def active_runs(self) -> int:
        """How many answers are under way."""
        return self._endpoint.running.engine.active if self._endpoint.running is not None else 0

    async def interrupt(self) -> None:
        """End the answers under way now, keeping their text, and all streams, those of other processes' answers too."""
        if self._endpoint.running is not None:
            await self._endpoint.running.engine.close()
            self._endpoint.running.runs.close()

    async def _stop(self) -> None:
        running, self._endpoint.running = self._endpoint.running, None
        if running is not None:
            await running.engine.close()
            running.runs.close()

    def _fallback(self) -> Agent:
        given = self._backend.agent if self._backend else None
        return given or default_agent(self.settings)

    def _start(self, backend: Backend, log: EventLog) -> Running:
        settings, store = self.settings, backend.store
        self._agent.prepare()
        engine = RunEngine(
            store=store,
            log=log,
            agent=self._agent,
            on_disconnect=settings.on_disconnect,
            on_busy=settings.on_busy,
            run_timeout_seconds=settings.run_timeout_seconds,
            coalesce_seconds=settings.coalesce_ms / 1000,
            heartbeat_seconds=settings.heartbeat_seconds,
            ids=StoreIds(store.models, store),
        )

        engine.open()

        async def stop_runs(context: Any, thread_id: str) -> None:
            await engine.stop_thread(context, thread_id, "thread_deleted")

        threads = Threads(
            store=store, agent=self._agent, attachment_store=backend.attachment_store, stop_runs=stop_runs
        )
        runs = RunAccess(store=store, log=log, engine=engine, heartbeat_seconds=settings.heartbeat_seconds)
        return Running(engine, runs, threads)


def chatkits_in(app: FastAPI) -> list[ChatKit]:
    """Every instance that was added to an application, for the server that runs it."""
    return getattr(app.state, "chatkits", [])


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application that ``fastapi-chatkit serve`` runs: the endpoint, a page, health probes and documentation."""
    settings = settings or Settings.load()
    app = FastAPI(title="fastapi-chatkit", description="A self-hosted ChatKit server.")
    chat = ChatKit(app, settings=settings)
    add_page(app, chat.path, settings)
    app.router.routes.extend(health_routes({"store": chat.check}, chat.other_checks))
    return app


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _extend_lifespan(app: FastAPI, chat: ChatKit) -> None:
    """Run inside the application's own lifespan: what it opens is there before us, and closed after us."""
    outer = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncGenerator[Any, None]:
        async with outer(app) as state, chat.running():
            yield state

    app.router.lifespan_context = cast("Any", lifespan)
