"""Whose request it is: the bearer token says so, and ``X-User-ID`` may not say otherwise.

The first thing to replace in a copy: let ``Settings.tokens`` return a :class:`Verifier` of your identity provider's
tokens instead of development tokens. All that reads a token asks the one at ``app.state.tokens``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr
from starlette.datastructures import Headers

from fastapi_chatkit.auth.headers import bearer_token_in, user_id_in
from fastapi_chatkit.errors import UserMismatch


class Verifier(Protocol):
    """Knows whose a token is, such as the library's ``DevelopmentTokens``; called from any task, and must not block."""

    def verify(self, token: str, /) -> str:
        """The id of the user whose token this is.

        :raises InvalidToken: it is nobody's, or not valid any more.
        """
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, and the token to ask others for them with."""

    user_id: str
    token: SecretStr


def caller_in(headers: Headers, tokens: Verifier) -> Caller:
    """The caller that the headers prove.

    :raises MissingToken, InvalidToken: there is no usable token.
    :raises MissingUser: ``X-User-ID`` is no user's id.
    :raises UserMismatch: it names another user than the token.
    """
    token = bearer_token_in(headers)
    user_id = tokens.verify(token.get_secret_value())
    if "x-user-id" in headers and user_id_in(headers) != user_id:
        raise UserMismatch
    return Caller(user_id, token)
