"""Turns answered by an agent of the OpenAI Agents SDK, with any model behind an OpenAI-compatible URL.

Importing this imports the Agents SDK and OpenAI's client; nothing else in the package does.
"""

from .agent import OpenAIAgent
from .context import TurnContext
from .converter import ModelInput

__all__ = ["ModelInput", "OpenAIAgent", "TurnContext"]
