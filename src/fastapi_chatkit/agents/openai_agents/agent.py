"""The agent: what to run for a turn, with which input, and its events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from agents import Agent as SDKAgent
from agents import Model
from chatkit import types as sdk
from chatkit.agents import ThreadItemConverter
from openai import AsyncOpenAI

from ...errors import FieldError, InvalidParams
from ...events import AgentEvent
from ...operations import AddUserMessage, CreateThread, StreamingOperation
from ..base import Agent, Turn
from .choices import chosen_model, options_of, with_choices
from .converter import ModelInput
from .history import model_input
from .models import Api, Models
from .run import AgentRun, RunOptions

INSTRUCTIONS = "You are a helpful assistant."


class OpenAIAgent(Agent):
    """Answers turns with an agent of the OpenAI Agents SDK, at OpenAI or any OpenAI-compatible URL.

    What runs:
      - ``agent``: your own, with tools, hand-offs and guardrails. Its tools find a
        :class:`~fastapi_chatkit.agents.openai_agents.TurnContext` in ``ctx.context``, which is the SDK's
        ``AgentContext``. Without it there is a plain assistant with these ``instructions``.

    Its models:
      - ``model``: the name of the model where the agent names none (default: the Agents SDK's). Names are looked up
        at ``base_url`` with ``api_key`` (default: OpenAI with ``OPENAI_API_KEY``), or with your ``client``.
        An agent that holds a ``Model`` keeps it.
      - ``api``: the API to speak. ``"auto"`` is Responses at OpenAI and Chat Completions at other URLs.
      - ``allowed_models``: the names that a message may ask for (``inference_options.model``) besides the agent's own.
      - ``timeout``: the longest silence of a model in seconds, from the request to its first event and between two.
        Models that think long and say nothing of it need more. ``max_retries`` is how often a request is repeated
        that the server has refused for now (429, 5xx).

    What is sent: the newest ``history_limit`` items of the thread, as many as fit into about ``history_tokens`` tokens
    (:mod:`~fastapi_chatkit.agents.openai_agents.history`), in the form that ``converter`` gives them.

    ``max_turns`` limits how often the model is called for one answer. ``show_activity`` shows thoughts and tool calls
    as a workflow. ``tracing`` sends traces of each run to OpenAI; nothing is sent otherwise. Nothing global is set.
    """

    def __init__(
        self,
        agent: SDKAgent[Any] | None = None,
        *,
        instructions: str | None = None,
        model: str | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        client: AsyncOpenAI | None = None,
        api: Api = "auto",
        allowed_models: Sequence[str] = (),
        history_limit: int = 100,
        history_tokens: int = 32_000,
        converter: ThreadItemConverter | None = None,
        max_turns: int = 20,
        timeout: float = 120.0,
        max_retries: int = 2,
        show_activity: bool = True,
        tracing: bool = False,
    ) -> None:
        if agent is not None and instructions is not None:
            raise ValueError("give the instructions to the agent itself")
        self._agent = agent or SDKAgent[Any](name="Assistant", instructions=instructions or INSTRUCTIONS)
        self._models = Models(
            default=model,
            base_url=base_url,
            api_key=api_key,
            api=api,
            timeout=timeout,
            max_retries=max_retries,
            client=client,
        )
        self._allowed_models = frozenset(allowed_models)
        self._history_limit = history_limit
        self._history_tokens = history_tokens
        self._converter = converter or ModelInput()
        self._options = RunOptions(max_turns, timeout, show_activity, tracing)

    async def agent_for(self, turn: Turn) -> SDKAgent[Any]:
        """The agent for a turn; override it to choose one, or to make one for this user."""
        return self._agent

    def check(self, operation: StreamingOperation) -> None:
        """A message may only ask for a model that is allowed; not known before the turn where agents are chosen."""
        super().check(operation)
        if not isinstance(operation, (CreateThread, AddUserMessage)) or _chooses(type(self)):
            return
        name = operation.input.inference_options.model
        if name is not None and name not in self._allowed_models and name != self._own_model(self._agent):
            wrong = FieldError("params.input.inference_options.model", "is not a model that this server offers")
            raise InvalidParams("The model that was chosen is not available here", errors=(wrong,))

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Run the agent."""
        return self._answer(turn)

    async def _answer(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        items = await turn.history(self._history_limit)
        agent = self._with_choices(await self.agent_for(turn), turn, items)
        current = turn.message or (items[-1] if items else None)
        run = AgentRun(turn, self._models, self._options)
        run.context.workflow_item = _open_workflow(turn, items)
        run.start(agent, await model_input(items, current, self._converter, self._history_tokens))
        events = run.outbox.events
        try:
            while await run.outbox.ready():
                while events:
                    yield events.popleft()
            await run.outcome()
        finally:
            await run.stop()

    def _with_choices(self, agent: SDKAgent[Any], turn: Turn, items: Sequence[sdk.ThreadItem]) -> SDKAgent[Any]:
        if agent.model is None:  # by name, so that the Agents SDK finds the settings of this model
            agent = agent.clone(model=self._models.default)
        options = options_of(turn, items)
        if options is None:
            return agent
        model = chosen_model(turn, options.model, self._allowed_models, self._own_model(agent))
        tool = options.tool_choice.id if options.tool_choice is not None and turn.message is not None else None
        return with_choices(agent, model=model, tool=tool)

    def _own_model(self, agent: SDKAgent[Any]) -> str | None:
        """The name of the model that an agent uses unless a message asks for another."""
        if isinstance(agent.model, Model):
            return getattr(agent.model, "model", None)
        return agent.model or self._models.default

    async def close(self) -> None:
        """Close the connections to the models' server."""
        await self._models.aclose()


def _chooses(agent: type[OpenAIAgent]) -> bool:
    return agent.agent_for is not OpenAIAgent.agent_for


def _open_workflow(turn: Turn, items: Sequence[sdk.ThreadItem]) -> sdk.WorkflowItem | None:
    """The workflow that was under way when the client was asked for a tool's output: it goes on."""
    if turn.kind != "client_tool_output" or len(items) < 2:
        return None
    before = items[-2]
    return before if isinstance(before, sdk.WorkflowItem) and before.workflow.summary is None else None
