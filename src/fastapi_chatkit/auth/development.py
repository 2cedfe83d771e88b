"""Signed tokens for development: who runs the server and its tools on one machine needs no identity provider.

A token is a JWT (HS256) with ``sub`` (the user), ``iat``, ``exp`` and ``iss``. Whoever has the key signs and verifies:
the command ``token``, the terminal client, and the servers of tools. In production an identity provider does this.

The key is the setting ``token_key``, else the file ``chatkit.key`` in the working directory, made on first need.
"""

from __future__ import annotations

import time
from typing import Any

import jwt
from pydantic import SecretStr

from ..errors import InvalidToken
from ..settings import MIN_TOKEN_KEY
from .development_key import development_key
from .headers import MAX_USER_ID

__all__ = ["DevelopmentTokens", "development_key"]

ISSUER = "fastapi-chatkit-development"
ALGORITHM = "HS256"
CLAIMS = ["sub", "iat", "exp", "iss"]

CLOCK_SKEW_SECONDS = 30
"""By how much the clocks of two machines may differ."""


class DevelopmentTokens:
    """Signs and verifies with one key.

    :raises ValueError: the key has less than 32 bytes.
    """

    def __init__(self, key: SecretStr) -> None:
        if len(key.get_secret_value().encode()) < MIN_TOKEN_KEY:
            raise ValueError(f"a key for tokens has at least {MIN_TOKEN_KEY} bytes")
        self._key = key

    def sign(self, user_id: str, *, seconds: float = 7 * 86400) -> str:
        """A token of this user that is valid for so long.

        :raises ValueError: no request could name this user: 1 to 255 printable characters, without spaces around.
        """
        if not 0 < len(user_id) <= MAX_USER_ID or not user_id.isprintable() or user_id != user_id.strip():
            raise ValueError(f"a user's id is 1 to {MAX_USER_ID} printable characters, without spaces around")
        now = time.time()
        claims = {"sub": user_id, "iat": int(now), "exp": int(now + seconds), "iss": ISSUER}
        return jwt.encode(claims, self._key.get_secret_value(), algorithm=ALGORITHM)

    def verify(self, token: str) -> str:
        """The user whose token this is.

        :raises InvalidToken: it was not signed with this key, or is over, or is of another issuer, or no token at all.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.get_secret_value(),
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": CLAIMS},
            )
        except (jwt.PyJWTError, ValueError):  # ValueError: characters or numbers that no token has
            raise InvalidToken from None
        user_id: str = claims["sub"]
        return user_id
