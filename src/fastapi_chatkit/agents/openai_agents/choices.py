"""What a message may choose for itself (``inference_options``): a model among those allowed, a tool of the agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents import Agent, ModelSettings
from chatkit import types as sdk
from chatkit.errors import CustomStreamError

from ..base import Turn
from .context import TurnContext


def options_of(turn: Turn, items: Sequence[sdk.ThreadItem]) -> sdk.InferenceOptions | None:
    """The options of the message that is answered; for a turn that goes on, of the newest message."""
    if turn.message is not None:
        return turn.message.inference_options
    newest = (item for item in reversed(items) if isinstance(item, sdk.UserMessageItem))
    message = next(newest, None)
    return message.inference_options if message is not None else None


def chosen_model(turn: Turn, name: str | None, allowed: Iterable[str], default: str | None) -> str | None:
    """The model to use instead of the agent's own; ``None`` keeps that.

    :raises CustomStreamError: the message asks for a model that it may not have. A turn that goes on, or is retried,
        falls back to the agent's own model instead: the list may have changed since the message was sent.
    """
    if name is None or name == default:
        return None
    if name in allowed:
        return name
    if turn.kind == "message":
        raise CustomStreamError("The model that was chosen for this message is not available here. Choose another one.")
    return None


def with_choices(agent: Agent[TurnContext], *, model: str | None, tool: str | None) -> Agent[TurnContext]:
    """The agent with what was chosen; a tool that it does not have is ignored."""
    if model is not None:
        agent = agent.clone(model=model)
    if tool is not None and any(own.name == tool for own in agent.tools):
        agent = agent.clone(model_settings=agent.model_settings.resolve(ModelSettings(tool_choice=tool)))
    return agent
