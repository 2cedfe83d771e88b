"""Stands in for a module that the SDK's tests import and its source distribution lacks."""

from dataclasses import dataclass


@dataclass
class RequestContext:
    """A context as any application has its own."""

    user_id: str
