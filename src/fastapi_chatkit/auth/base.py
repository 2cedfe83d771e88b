"""The port to authentication: from a request's headers to a verified identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr
from starlette.requests import HTTPConnection


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling, and the token to pass on to tools on their behalf."""

    user_id: str
    organization_id: str | None
    access_token: SecretStr


class Authenticator(Protocol):
    """Decides who a request is from."""

    async def authenticate(self, connection: HTTPConnection) -> Identity:
        """The caller.

        :raises MissingUser, MissingToken, LocalOnly, InvalidToken, UserMismatch: in this order of checks.
        """
        ...
