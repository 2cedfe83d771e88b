"""A self-hosted ChatKit server for FastAPI."""

from .agents.base import Agent, Turn
from .chatkit import ChatKit, create_app
from .identity import RequestContext

__all__ = ["Agent", "ChatKit", "RequestContext", "Turn", "create_app"]
