"""One run of the Agents SDK for one turn: started, followed, and brought to an end in any case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents import (
    Agent,
    InputGuardrailTripwireTriggered,
    MaxTurnsExceeded,
    Model,
    ModelBehaviorError,
    ModelProvider,
    ModelRefusalError,
    ModelTimeoutError,
    OutputGuardrailTripwireTriggered,
    RunConfig,
    Runner,
    RunResultStreaming,
    ToolInputGuardrailTripwireTriggered,
    ToolOutputGuardrailTripwireTriggered,
    TResponseInputItem,
    UserError,
)
from chatkit import types as sdk
from chatkit.errors import BaseStreamError, CustomStreamError
from openai import OpenAIError

from ...errors import ChatKitError
from ...ids import new_id
from ..tool_log import hidden_item
from .activity import Activity
from .approvals import Decision
from .carrying_out import carry_out
from .context import TurnContext
from .failures import described, failure_message, too_many_turns
from .outbox import Outbox
from .stream import ModelStream
from .tap import TappedProvider
from .toolbox import TurnTools
from .tools import ToolHooks

logger = logging.getLogger(__name__)

DONE = "What was done before stays done: look at it before you ask for more."
"""Said with a failure after a call that may have changed something."""

STOP_SECONDS = 0.5
"""How long a stopped run may take to close its connection; a tool that does not stop is left behind."""

MakeInput = Callable[[Sequence[sdk.ThreadItem]], Awaitable[list[TResponseInputItem]]]
"""Makes the model's input: the conversation, and these items after it."""

_GUARDRAILS = (
    InputGuardrailTripwireTriggered,
    OutputGuardrailTripwireTriggered,
    ToolInputGuardrailTripwireTriggered,
    ToolOutputGuardrailTripwireTriggered,
)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How turns are run: see :class:`~fastapi_chatkit.agents.openai_agents.OpenAIAgent`."""

    max_turns: int
    timeout: float
    show_activity: bool
    tracing: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run needs that takes time to find out."""

    agent: Agent[Any]
    tools: TurnTools
    make_input: MakeInput
    decisions: Sequence[Decision]


class AgentRun:
    """Runs an agent for a turn; its events come out of ``outbox``."""

    def __init__(self, context: TurnContext, provider: ModelProvider, options: RunOptions) -> None:
        self._turn = context.turn
        self._options = options
        self.context = context
        self.outbox: Outbox = self.context.outbox
        self._activity = Activity(self.context) if options.show_activity else None
        self._stream = ModelStream(self.context, self._activity)
        self._provider = TappedProvider(provider, self._stream, options.timeout)
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, prepare: Callable[[TurnContext], Awaitable[Prepared]]) -> None:
        """Begin: with what is to be prepared, then with the calls that the user has decided, then with the model."""
        self._tasks = [asyncio.create_task(self._run(prepare), name=f"{self._turn.run_id} events")]

    async def outcome(self) -> None:
        """Wait for the end; raises what the user is to be told, or what only the log should tell."""
        try:
            await self._tasks[0]
        except Exception as error:
            shown = self._shown(error)
            if shown is error:
                raise
            raise shown from error

    async def stop(self) -> None:
        """End what still runs: the model's connection is closed, tools are cancelled."""
        self.outbox.close()
        running = [task for task in self._tasks if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.add_done_callback(_forget)
        await self._keep_rest()

    async def _keep_rest(self) -> None:
        """Keep for later turns the calls that a stop has overtaken, also those that were cut off by it: no model may
        take them for not made.
        """
        turn = self._turn
        items = self.context.unsent
        if unknown := list(self.context.calls.under_way.values()):
            items.append(hidden_item(turn, unknown))
        try:
            for item in items:
                await turn.store.add_thread_item(turn.thread.id, item, turn.context)
        except Exception as error:  # noqa: BLE001 - the thread was deleted, or the database is away: the run ends anyhow
            logger.warning("a stopped call is not remembered: %s", type(error).__name__, extra=self._log_fields())

    # --- following ------------------------------------------------------------------------------------------------

    async def _run(self, prepare: Callable[[TurnContext], Awaitable[Prepared]]) -> None:
        try:
            prepared = await prepare(self.context)
            hooks = prepared.tools.hooks(self._activity)
            await carry_out(prepared.decisions, prepared.agent, prepared.tools, self.context, hooks)
            model_input = await prepared.make_input(self.context.kept)
            result = self._begin(prepared.agent, model_input, hooks)
            await self._follow(result)
            await self._finish(result, prepared.tools)
        except _GUARDRAILS:
            for item_id in self.context.produced:
                self.context.emit(sdk.ThreadItemRemovedEvent(item_id=item_id))
            raise
        except Exception:
            self._close_activity()
            raise
        finally:
            self.outbox.close()

    def _begin(self, agent: Agent[Any], model_input: list[TResponseInputItem], hooks: ToolHooks) -> RunResultStreaming:
        """Start the Agents SDK; nothing global is set, neither a client nor tracing."""
        if isinstance(agent.model, Model):
            agent = agent.clone(model=self._provider.tap(agent.model))
        config = RunConfig(
            model_provider=self._provider,
            tracing_disabled=not self._options.tracing,
            trace_include_sensitive_data=False,
            workflow_name="ChatKit",
            group_id=self._turn.thread.id,
            tool_not_found_behavior="return_error_to_model",
        )
        result = Runner.run_streamed(
            agent,
            model_input,
            context=self.context,
            max_turns=self._options.max_turns,
            hooks=hooks,
            run_config=config,
        )
        self._provider.run_task = result.run_loop_task
        if result.run_loop_task is not None:
            self._tasks.append(result.run_loop_task)
        return result

    async def _follow(self, result: RunResultStreaming) -> None:
        """Take what models say that could not be tapped, until the run ends."""
        try:
            async for event in result.stream_events():
                if event.type == "raw_response_event" and not self._provider.has_passed_on(event.data):
                    if event.data.type == "response.created":
                        self._stream.begin()
                    self._stream.take(event.data)
        except ModelRefusalError:  # what the model said instead has been shown
            return

    async def _finish(self, result: RunResultStreaming, tools: TurnTools) -> None:
        """Say what is left to say."""
        if result.interruptions:
            self.context.drop_held()  # it was looked up on the way to the question
            self._close_activity()
            await tools.ask(result.interruptions, self.context)
            return
        call = self.context.client_tool_call
        if call is None:
            self._close_activity()
            return
        self.context.show_held()
        if self._activity is not None:
            self._activity.settle()
        workflow = self.context.workflow_item
        if workflow is not None:  # it goes on after the client's answer; the call must be the newest item
            await self._turn.store.add_thread_item(self._turn.thread.id, workflow, self._turn.context)
        pending = sdk.ClientToolCallItem(
            id=new_id("tool_call"),
            thread_id=self._turn.thread.id,
            created_at=datetime.now(),  # naive local time, as in the SDK's models
            name=call.name,
            arguments=call.arguments,
            call_id=self.context.client_call_id or new_id("tool_call"),
        )
        self.context.emit(sdk.ThreadItemDoneEvent(item=pending))

    def _close_activity(self) -> None:
        self.context.show_held()
        if self._activity is not None:
            self._activity.settle()
        self.context.close_workflow()

    # --- failures -------------------------------------------------------------------------------------------------

    def _shown(self, error: Exception) -> Exception:
        """The error for the user where it can be said what has happened; otherwise the error itself."""
        cause = error.__cause__
        if isinstance(error, UserError) and isinstance(cause, BaseStreamError | ChatKitError):
            return cause  # the Agents SDK wraps what a tool raises
        if isinstance(error, _GUARDRAILS):
            return CustomStreamError("This answer was stopped by a check of the assistant, and removed.")
        if isinstance(error, MaxTurnsExceeded):
            return self._after_changes(too_many_turns(self._options.max_turns))
        if isinstance(error, OpenAIError | ModelBehaviorError | ModelTimeoutError) or self._provider.has_failed_with(
            error
        ):
            logger.warning("the model failed: %s", described(error, self._provider.secrets), extra=self._log_fields())
            return self._after_changes(failure_message(error, self._stream))
        return error

    def _after_changes(self, shown: CustomStreamError) -> CustomStreamError:
        """Where something may have been changed before, no retry is offered: it would be done again."""
        if not (shown.allow_retry and self.context.calls.changed):
            return shown
        return CustomStreamError(f"{shown.message} {DONE}", allow_retry=False)

    def _log_fields(self) -> dict[str, str]:
        return {
            "run_id": self._turn.run_id,
            "thread_id": self._turn.thread.id,
            "user_id": self._turn.context.user_id,
            "request_id": self._turn.context.request_id,
        }


def _forget(task: asyncio.Task[Any]) -> None:
    """Take note of how a task ended that nobody waits for."""
    if not task.cancelled():
        task.exception()
