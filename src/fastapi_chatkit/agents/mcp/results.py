"""What a tool's answer says, as text of bounded length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mcp_types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
)

from ...events import dumps, well_formed
from ..tool_result import ToolResult

MAX_TEXT = 32_000
"""Characters of a result that a model is given."""


def result_of(answer: CallToolResult, name: str, arguments: dict[str, Any]) -> ToolResult:
    """The answer, for a tool that the model knows as ``name``. Without text, that of the structured content."""
    data = answer.structured_content
    text = "\n".join(_texts(answer.content))
    if not text and data is not None:
        text = dumps(data).decode()
    return ToolResult(name, arguments, bounded(text), data, failed=answer.is_error)


def bounded(text: str) -> str:
    """At most :data:`MAX_TEXT` characters and a note of what was left out."""
    if len(text) > MAX_TEXT:
        text = f"{text[:MAX_TEXT]}\n[Cut off here: {MAX_TEXT} of {len(text)} characters.]"
    return well_formed(text)


def _texts(content: Iterable[ContentBlock]) -> Iterable[str]:
    for block in content:
        match block:
            case TextContent(text=text):
                yield text
            case ImageContent(mime_type=kind):
                yield f"[An image, {kind}, that cannot be shown here.]"
            case AudioContent(mime_type=kind):
                yield f"[A sound, {kind}, that cannot be played here.]"
            case ResourceLink(name=name):
                yield f"[A resource: {name}]"
            case EmbeddedResource(resource=resource):
                yield f"[A resource: {resource.uri}]"
