"""The agent that answers where no model is configured, and says so."""

from .agent import OfflineAgent

__all__ = ["OfflineAgent"]
