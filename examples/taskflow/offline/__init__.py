"""A model for TaskFlow that is none: it follows task phrases by rules, where no real model is configured."""

from .model import OfflineTaskModel

__all__ = ["OfflineTaskModel"]
