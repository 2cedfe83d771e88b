"""Identifiers: the SDK's prefixes over UUIDv7, so ids sort by creation and never collide.

The SDK's own 32-bit ids reach a 50 % chance of a collision near 77,000 items.
"""

from __future__ import annotations

import random
import threading
import time
from typing import Literal

IdKind = Literal["thread", "message", "tool_call", "task", "workflow", "attachment", "sdk_hidden_context", "run"]

PREFIXES: dict[IdKind, str] = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "task": "tsk",
    "workflow": "wf",
    "attachment": "atc",
    "sdk_hidden_context": "shcx",
    "run": "run",
}

_HEX_LENGTH = 32
_lock = threading.Lock()
_last = 0


def uuid7_hex() -> str:
    """32 lower-case hex digits of an RFC 9562 UUIDv7, strictly increasing within this process.

    48 bits of Unix milliseconds, then 74 random bits; a call in the same millisecond (or after the clock stepped
    back) continues from the last value instead of drawing anew.
    """
    global _last  # noqa: PLW0603 - a process-wide monotonic counter is what keeps ids in order
    # No secret: every lookup is scoped to its owner. The kernel's randomness costs up to 65 us a call under load.
    fresh = (time.time_ns() // 1_000_000 << 74) | random.getrandbits(74)
    with _lock:
        _last = value = fresh if fresh > _last else _last + 1
    stamp, rest = value >> 74, value & ((1 << 74) - 1)
    return f"{stamp:012x}7{rest >> 62:03x}{0x8000000000000000 | (rest & ((1 << 62) - 1)):016x}"


def new_id(kind: IdKind) -> str:
    """A new identifier, e.g. ``msg_0199d2a4e6f17c3e8b1d5a0f4c2e7d90``."""
    return f"{PREFIXES[kind]}_{uuid7_hex()}"


def is_ours(identifier: str) -> bool:
    """Whether :func:`new_id` made it (by its form): then it is unique and need not be rewritten."""
    prefix, _, rest = identifier.rpartition("_")
    return bool(prefix) and len(rest) == _HEX_LENGTH and rest[12] == "7" and rest.isalnum()
