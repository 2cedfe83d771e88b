"""Who is asking: the owner of threads, and the context that every hook and store call receives."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import SecretStr

TOKEN_KEY = "access_token"  # noqa: S105 - the name of a key, not a secret


class Owner(NamedTuple):
    """Whose data it is. ``organization_id`` is empty where users belong to no organization."""

    organization_id: str
    user_id: str


class Metadata(dict[str, Any]):
    """The request's metadata, with the caller's token readable but not contained.

    ``metadata["access_token"]`` and ``.get("access_token")`` answer the bearer token, as code written after the
    original endpoint pattern expects. Iterating, copying, printing or serializing the mapping never shows it.
    """

    def __init__(self, values: Mapping[str, Any] | None = None, token: SecretStr | None = None) -> None:
        super().__init__({k: v for k, v in dict(values or {}).items() if k != TOKEN_KEY})
        self._token = token

    def __reduce__(self) -> tuple[type[Metadata], tuple[dict[str, Any]]]:
        """Copies that are pickled have no token."""
        return Metadata, (dict(self),)

    def __missing__(self, key: str) -> Any:
        if key == TOKEN_KEY and self._token is not None:
            return self._token.get_secret_value()
        raise KeyError(key)

    def get(self, key: str, default: Any = None, /) -> Any:
        """As ``dict.get``, and the token for ``"access_token"``."""
        try:
            return self[key]
        except KeyError:
            return default


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What is known of the request that started the work; passed to agents, hooks and stores.

    ``metadata`` is what the client sent (untrusted, at most 16 KiB of JSON). ``access_token`` is the caller's bearer
    token: it does not print and is never stored, logged, traced or serialized. ``locale`` is the first language of
    ``Accept-Language``.
    """

    user_id: str
    request_id: str
    organization_id: str | None = None
    locale: str | None = None
    metadata: Metadata = field(default_factory=Metadata)
    access_token: SecretStr | None = None

    def __reduce__(self) -> tuple[type[RequestContext], tuple[Any, ...]]:
        """Copies that are pickled have no token."""
        return RequestContext, (self.user_id, self.request_id, self.organization_id, self.locale, self.metadata)

    @property
    def owner(self) -> Owner:
        """The owner that every statement is scoped to."""
        return Owner(self.organization_id or "", self.user_id)


@dataclass(frozen=True, slots=True)
class GivenContext(RequestContext):
    """Stands for a context object of the caller's own: hooks and the caller's own store get ``given``, never this."""

    given: Any = field(default=None, repr=False, compare=False)


def given_context(context: RequestContext) -> Any:
    """What hooks are called with: the very object that the caller gave, where one did."""
    return context.given if isinstance(context, GivenContext) else context


current_context: ContextVar[RequestContext | None] = ContextVar("current_context", default=None)
"""The context of the request that is served, or of the run that it started."""


def owner_of(context: object) -> Owner:
    """The owner in any context object: ``user_id`` and, where there is one, ``organization_id``.

    :raises TypeError: the context has no ``user_id``; a store cannot serve a caller that it does not know.
    """
    if isinstance(context, RequestContext):
        return context.owner
    user_id = _read(context, "user_id")
    if not user_id or not isinstance(user_id, str):
        raise TypeError("the context passed to the store needs a non-empty string `user_id` (attribute or key)")
    organization_id = _read(context, "organization_id")
    return Owner("" if organization_id is None else str(organization_id), user_id)


def _read(context: object, name: str) -> object:
    if isinstance(context, Mapping):
        mapping: Mapping[str, object] = context  # pyright: ignore[reportUnknownVariableType] - any mapping will do
        return mapping.get(name)
    return getattr(context, name, None)
