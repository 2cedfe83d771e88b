"""Servers from one text, as a setting holds it."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from .server import MCPServer

EXPECTED = (
    "MCP servers are given as `name=https://host/mcp`, separated by commas or spaces, as plain URLs, "
    "or as a JSON array of objects with `name`, `url` and, if need be, "
    "allow, headers, pass_token, timeout, connect_timeout, tools_ttl, listen"
)

_SEPARATORS = re.compile(r"[,\s]+")
_FIELDS = frozenset(field.name for field in fields(MCPServer)) - {"app"}
_OTHER = re.compile(r"[^a-zA-Z0-9_-]+")
_NAMED = re.compile(r"([a-zA-Z0-9_-]+)=(.+)")


def servers_from(text: str) -> list[MCPServer]:
    """The servers that a text names: entries of the form ``name=URL`` or ``URL``, or a JSON array of objects.

    A plain URL's server is named after its host. Errors hold nothing of the text: it may hold secrets.

    :raises ValueError: the message says what is expected.
    """
    text = text.strip()
    servers = _from_json(text) if text.startswith("[") else [_entry(part) for part in _SEPARATORS.split(text) if part]
    if len({server.name for server in servers}) != len(servers):
        raise ValueError("each MCP server needs a name of its own; give it as `name=https://host/mcp`")
    return servers


def _entry(part: str) -> MCPServer:
    named = _NAMED.fullmatch(part)
    if named is not None:
        return MCPServer(name=named[1], url=named[2])
    try:
        host = urlsplit(part).hostname or ""
    except ValueError:
        host = ""
    name = _OTHER.sub("-", host).strip("-")[:64]
    if not name:
        raise ValueError(EXPECTED)
    return MCPServer(name=name, url=part)


def _from_json(text: str) -> list[MCPServer]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(EXPECTED) from None
    return [_object(entry) for entry in entries]


def _object(entry: object) -> MCPServer:
    if not isinstance(entry, dict):
        raise ValueError(EXPECTED)
    values = cast("dict[str, Any]", entry)
    if not {"name", "url"} <= values.keys() <= _FIELDS or not all(_fits(key, value) for key, value in values.items()):
        raise ValueError(EXPECTED)
    if values.get("allow") is not None:
        values["allow"] = frozenset(values["allow"])
    if "headers" in values:
        values["headers"] = {name: SecretStr(value) for name, value in values["headers"].items()}
    return MCPServer(**values)


def _fits(key: str, value: object) -> bool:
    match key:
        case "name" | "url":
            return isinstance(value, str)
        case "allow":
            return value is None or (isinstance(value, list) and _are_texts(cast("list[object]", value)))
        case "headers":
            return isinstance(value, dict) and _are_texts([*cast("dict[str, object]", value).values()])
        case "pass_token" | "listen":
            return isinstance(value, bool)
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)
