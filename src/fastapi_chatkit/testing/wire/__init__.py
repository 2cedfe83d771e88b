"""OpenAI's wire format, spoken by a scripted model: for tests of agents without a network or a key.

``parts`` and ``replies`` say what the model answers, ``script`` which answer is next; ``responses`` and
``chat_completions`` write it as the two APIs do; ``app`` and ``server`` put it on a socket.
"""

from fastapi_chatkit.testing.wire.app import wire_app
from fastapi_chatkit.testing.wire.parts import FileCitation, Part, Reasoning, Refusal, Text, ToolCall, UrlCitation
from fastapi_chatkit.testing.wire.replies import (
    Answer,
    Completed,
    Drop,
    Ending,
    Failure,
    Incomplete,
    Malformed,
    Reply,
    Stall,
    StreamError,
    ToolCalls,
    Usage,
)
from fastapi_chatkit.testing.wire.requests import WireRequest
from fastapi_chatkit.testing.wire.script import Respond, Script
from fastapi_chatkit.testing.wire.server import OpenAIWireServer

__all__ = [
    "Answer",
    "Completed",
    "Drop",
    "Ending",
    "Failure",
    "FileCitation",
    "Incomplete",
    "Malformed",
    "OpenAIWireServer",
    "Part",
    "Reasoning",
    "Refusal",
    "Reply",
    "Respond",
    "Script",
    "Stall",
    "StreamError",
    "Text",
    "ToolCall",
    "ToolCalls",
    "UrlCitation",
    "Usage",
    "WireRequest",
    "wire_app",
]
