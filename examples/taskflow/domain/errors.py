"""What can be refused. The message is one sentence for the caller, be it a person or a model.

::

    Refused
    ├── NotFound     not there, or in a project that is not the caller's: nothing tells the two apart
    └── Conflict     not in the state that things are in
"""

from __future__ import annotations


class Refused(Exception):
    """Base of all that the domain refuses; nothing was changed."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class NotFound(Refused):
    """There is no such thing for this caller."""


class Conflict(Refused):
    """Things are in a state that does not allow this."""
