"""Bytes and ids as OpenAI's API writes them, and the steps that a reply is played in.

A writer turns an answer into an iterator of steps without knowing the connection: bytes to write, a pause, a silence,
a cut. ``sending`` plays them.
"""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass

JSON_MEDIA_TYPE = "application/json"
SSE_MEDIA_TYPE = "text/event-stream; charset=utf-8"

_ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait ``seconds`` after the moment at which the previous step was due, so that delays do not add up."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Send nothing, until the client leaves or ``limit`` seconds have passed."""

    limit: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection without ending the reply."""


Step = bytes | Sleep | Hold | Cut


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON; text that UTF-8 cannot hold (lone surrogates) is written in ``\\u`` escapes instead."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def hex_id(prefix: str, length: int = 48) -> str:
    """A unique id such as ``msg_`` followed by ``length`` hexadecimal digits, as the Responses API has them."""
    return prefix + secrets.token_hex(length // 2)


def alphanumeric_id(prefix: str, length: int = 24) -> str:
    """A unique id such as ``call_`` followed by ``length`` letters and digits."""
    return prefix + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))
