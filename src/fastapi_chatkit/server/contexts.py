"""The caller's own context object, through machinery that knows whose threads it touches."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

from chatkit.store import Store

from ..identity import GivenContext, Owner, RequestContext, current_context, given_context, owner_of
from ..ids import uuid7_hex

NOBODY = Owner("", "")
"""The owner where a context names none: the caller's own store decides what it may see."""


def context_of(given: Any, *, needs_owner: bool) -> RequestContext:
    """The context of a request that came with ``given``.

    :raises TypeError: ``needs_owner``, and ``given`` has no ``user_id``.
    """
    if isinstance(given, RequestContext):
        return given
    try:
        owner = owner_of(given)
    except TypeError:
        if needs_owner:
            raise
        owner = NOBODY
    return GivenContext(
        user_id=owner.user_id,
        organization_id=owner.organization_id or None,
        request_id=f"req_{uuid7_hex()}",
        given=given,
    )


@contextmanager
def serving_for(context: RequestContext) -> Generator[None]:
    """What is called or started within serves this request."""
    token = current_context.set(context)
    try:
        yield
    finally:
        current_context.reset(token)


class _WithGivenContext:
    """A store whose calls get the caller's own context; every method of the SDK's takes it last."""

    def __init__(self, models: Store[Any]) -> None:
        self._models = models

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._models, name)
        return lambda *arguments: method(*arguments[:-1], given_context(arguments[-1]))


def with_given_context(models: Store[Any]) -> Store[Any]:
    """``models``, to be called with this project's contexts."""
    return cast("Store[Any]", _WithGivenContext(models))
