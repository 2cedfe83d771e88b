"""For applications on the official SDK: import ``ChatKitServer`` from here instead of from ``chatkit.server``.

A composition root of its own, beside ``chatkit``: it puts the same runs, validation, admissions and stores together
without the HTTP endpoint, which such an application has already.
"""

from .agent_server import AgentServer
from .chatkit_server import ChatKitServer

__all__ = ["AgentServer", "ChatKitServer"]
