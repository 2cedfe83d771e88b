"""Tool calls as the user sees them: one task each, loading while it runs, complete when it has answered."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from agents import RunContextWrapper, RunHooks, Tool
from agents.tool_context import ToolContext
from chatkit import types as sdk
from openai.types.responses import ResponseFileSearchToolCall, ResponseFunctionWebSearch
from openai.types.responses.response_function_web_search import ActionSearch
from openai.types.responses.response_output_item import McpCall
from pydantic import BaseModel

from ...events import well_formed
from ...ids import new_id
from ..tool_log import UNKNOWN, ToolRecord
from ..tool_result import ToolResult, text_of
from .activity import Activity
from .arguments import parsed
from .context import TurnContext
from .shown import ShownTools

FAILED = "failed"
"""The content of the task of a call that went wrong."""

MAX_FAILURE = 200
"""How many characters of a failure the user sees in the task."""


class ToolHooks(RunHooks[TurnContext]):
    """Follows the calls of tools that run here: function tools, and those of MCP servers.

    Each is a task of the workflow while it runs, is kept in the thread for later turns, and may show a widget.
    ``titles`` are the tools' own, ``reads`` the names of tools that only read.
    """

    def __init__(self, activity: Activity | None, shown: ShownTools, titles: Mapping[str, str], reads: Container[str]):
        self._activity = activity
        self._shown = shown
        self._titles = titles
        self._reads = reads

    async def on_tool_start(self, context: RunContextWrapper[TurnContext], agent: Any, tool: Tool) -> None:
        """A tool is about to run."""
        if tool.name not in self._reads:
            context.context.drop_held()
            context.context.calls.changed = True
            if isinstance(context, ToolContext):
                context.context.calls.under_way[context.tool_call_id] = _unknown(tool.name, context)
        if self._activity is not None:
            title = self._titles.get(tool.name) or readable(tool.name)
            self._activity.start(_key(context, tool), sdk.CustomTask(title=well_formed(title)))

    async def on_tool_end(
        self, context: RunContextWrapper[TurnContext], agent: Any, tool: Tool, result: object
    ) -> None:
        """A tool has answered; it may have asked for a tool of the client."""
        turn = context.context
        call_id = context.tool_call_id if isinstance(context, ToolContext) else ""
        answered = turn.calls.results.pop(call_id, None)
        turn.calls.under_way.pop(call_id, None)
        if self._activity is not None:
            self._activity.finish(_key(context, tool), failure=_failure(answered))
        if turn.client_tool_call is not None:  # it is kept as an item of its own
            turn.client_call_id = turn.client_call_id or call_id or None
            return
        if isinstance(context, ToolContext):
            answered = answered or _result(context, result)
            given = parsed(context.tool_arguments) or {}
            turn.keep(ToolRecord(tool.name, given, answered.text, call_id or new_id("tool_call")))
            self._shown.show(answered, turn, hold=tool.name in self._reads)


def _unknown(name: str, context: ToolContext[TurnContext]) -> ToolRecord:
    return ToolRecord(name, parsed(context.tool_arguments) or {}, UNKNOWN, context.tool_call_id)


def _result(context: ToolContext[TurnContext], result: object) -> ToolResult:
    """The answer of a function tool as a result; words are no data."""
    data = result.model_dump(mode="json") if isinstance(result, BaseModel) else result
    given = parsed(context.tool_arguments) or {}
    return ToolResult(context.tool_name, given, text_of(result), None if isinstance(result, str) else data)


def _failure(answered: ToolResult | None) -> str | None:
    """Why a call has failed, in a line."""
    if answered is None or not answered.failed:
        return None
    return " ".join(answered.text.split())[:MAX_FAILURE] or FAILED


def _key(context: RunContextWrapper[TurnContext], tool: Tool) -> tuple[str, str]:
    return tool.name, context.tool_call_id if isinstance(context, ToolContext) else ""


def hosted_task(item: BaseModel) -> sdk.Task | None:
    """The task of a call of a tool that runs at the model's provider; ``None`` for any other output item."""
    kind: str = getattr(item, "type", "")
    match item:
        case ResponseFunctionWebSearch():
            return _web_search(item)
        case ResponseFileSearchToolCall():
            names = dict.fromkeys(result.filename for result in item.results or () if result.filename)
            sources = [sdk.FileSource(filename=name, title=name) for name in map(well_formed, names)]
            return sdk.FileTask(title=well_formed(", ".join(item.queries or ())) or readable(kind), sources=sources)
        case McpCall():
            return sdk.CustomTask(title=readable(item.name), content=FAILED if item.error else None)
        case _ if kind.endswith("_call") and kind not in _ELSEWHERE:
            return sdk.CustomTask(
                title=readable(kind), content=FAILED if getattr(item, "status", "") == "failed" else None
            )
        case _:
            return None


_ELSEWHERE = frozenset(
    {"function_call", "custom_tool_call", "image_generation_call", "local_shell_call", "tool_search_call"}
)
"""Calls that are shown otherwise, run here, or are the SDK's own business."""


def _web_search(item: ResponseFunctionWebSearch) -> sdk.SearchTask:
    action = item.action
    if not isinstance(action, ActionSearch):
        url = getattr(action, "url", None)
        sources = [sdk.URLSource(url=url, title=url)] if isinstance(url, str) else []
        return sdk.SearchTask(title=readable(item.type), sources=sources)
    queries = [well_formed(query) for query in action.queries or [action.query or ""] if query]
    sources = [sdk.URLSource(url=source.url, title=source.url) for source in action.sources or ()]
    return sdk.SearchTask(
        title=queries[0] if queries else readable(item.type),
        title_query=queries[0] if queries else None,
        queries=queries,
        sources=sources,
    )


def readable(name: str) -> str:
    """A tool's name as a title: ``get_weather`` is ``Get weather``; what is no name is left as it is."""
    words = well_formed(name).removesuffix("_call").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
