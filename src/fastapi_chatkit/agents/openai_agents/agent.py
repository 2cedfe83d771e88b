"""The agent: what to run for a turn, with which input, and its events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from agents import Agent as SDKAgent
from agents import Model, TResponseInputItem
from chatkit import types as sdk
from chatkit.agents import ThreadItemConverter
from openai import AsyncOpenAI

from ...errors import FieldError, InvalidParams
from ...events import AgentEvent
from ...operations import AddUserMessage, CreateThread, StreamingOperation
from ..actions import Actions
from ..base import Agent, Turn
from ..mcp import MCPTools
from ..tool_result import ToolResult
from ..widgets import WidgetBuilder
from .approvals import Question, decisions, with_lost_decisions
from .arguments import Bind
from .choices import chosen_model, options_of, with_choices
from .context import TurnContext
from .converter import ModelInput
from .history import model_input
from .models import Api, Models
from .run import AgentRun, Prepared, RunOptions
from .shown import ShownTools
from .titles import Titles
from .toolbox import Toolbox

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

    Its tools:
      - ``mcp``: servers whose tools it has besides its own, called with the token of whoever asks.
      - ``bind``: arguments that the application decides instead of the model, by name, as functions of the turn.
      - ``questions``: how to ask before a tool that needs approval (one that its server calls destructive, or a
        function tool with ``needs_approval``), by the tool's name, as coroutine functions of arguments and turn.
      - ``widgets``: what to show of a tool's answer, by the tool's name.
      - ``actions``: what the widgets' buttons do.
    What tools were called with and have answered is kept in the thread for later turns
    (:mod:`~fastapi_chatkit.agents.tool_log`).

    ``titles`` has the model write a title beside the first answer of a thread. ``max_turns`` limits how often the model
    is called for one answer. ``show_activity`` shows thoughts and tool calls as a workflow. ``tracing`` sends traces of
    each run to OpenAI; nothing is sent otherwise. Nothing global is set.
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
        mcp: MCPTools | None = None,
        bind: Bind | None = None,
        widgets: Mapping[str, WidgetBuilder] | None = None,
        questions: Mapping[str, Question] | None = None,
        actions: Actions | None = None,
        titles: bool = False,
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
        shown = ShownTools(widgets or {}, self.on_tool_result)
        self._toolbox = Toolbox(mcp, bind or {}, shown, questions or {})
        self.actions = actions
        self._titles = Titles(self._models) if titles else None

    @property
    def label(self) -> str:
        """The model that answers."""
        return self._own_model(self._agent) or type(self._agent.model).__name__

    async def agent_for(self, turn: Turn) -> SDKAgent[Any]:
        """The agent for a turn; override it to choose one, or to make one for this user."""
        return self._agent

    def on_tool_result(self, result: ToolResult, turn: Turn) -> Iterable[sdk.ThreadStreamEvent]:
        """What to send besides the widget after a tool has answered: a client effect, say. Override it."""
        return ()

    def check(self, operation: StreamingOperation) -> None:
        """A message may only ask for a model that is allowed; not known before the turn where agents are chosen.

        An action must have a handler, and a payload that it takes.
        """
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
        run = AgentRun(TurnContext.of(turn), self._models, self._options)
        run.start(self._prepare)
        events = run.outbox.events
        try:
            while await run.outbox.ready():
                while events:
                    yield events.popleft()
            await run.outcome()
        finally:
            await run.stop()

    async def _prepare(self, context: TurnContext) -> Prepared:
        turn = context.turn
        items = await turn.history(self._history_limit)
        chosen = await self.agent_for(turn)
        tools = await self._toolbox.open(context, {tool.name for tool in chosen.tools})
        agent = self._with_choices(tools.given_to(chosen), turn, items)
        decided = await decisions(turn)
        if self._titles is not None:
            self._titles.begin(turn, agent)
        context.workflow_item = _open_workflow(turn, items)

        async def make_input(more: Sequence[sdk.ThreadItem]) -> list[TResponseInputItem]:
            known = [*with_lost_decisions(_in_order(turn, items), decided), *more]
            current = turn.message or (known[-1] if known else None)
            converted = await model_input(known, current, self._converter, self._history_tokens)
            return [*converted, *tools.told()]

        return Prepared(agent, tools, make_input, decided)

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
        """Close the connections to the models' server and to the servers of tools."""
        if self._titles is not None:
            await self._titles.close()
        await self._toolbox.close()
        await self._models.aclose()


def _chooses(agent: type[OpenAIAgent]) -> bool:
    return agent.agent_for is not OpenAIAgent.agent_for


def _in_order(turn: Turn, items: Sequence[sdk.ThreadItem]) -> list[sdk.ThreadItem]:
    """The items as they came about: what was answered now stands where it was asked, and is the newest."""
    if turn.answered is None:
        return list(items)
    return [*(item for item in items if item.id != turn.answered.id), turn.answered]


def _open_workflow(turn: Turn, items: Sequence[sdk.ThreadItem]) -> sdk.WorkflowItem | None:
    """The workflow that was under way when the client was asked for a tool's output: it goes on."""
    if turn.kind != "client_tool_output":
        return None
    shown = (item for item in reversed(items[:-1]) if not isinstance(item, sdk.HiddenContextItem))
    before = next(shown, None)
    return before if isinstance(before, sdk.WorkflowItem) and before.workflow.summary is None else None
