"""Signed tokens for development: who runs the server and its tools on one machine needs no identity provider.

A token is a JWT (HS256) with ``sub`` (the user), ``iat``, ``exp`` and ``iss``. Whoever has the key signs and verifies:
the command ``token``, the terminal client, and the servers of tools. In production an identity provider does this.

The key is the setting ``token_key``, else the file ``chatkit.key`` in the working directory, made on first need.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
import time
from pathlib import Path
from typing import Any

import jwt
from pydantic import SecretStr

from ..errors import InvalidToken
from ..settings import MIN_TOKEN_KEY, SettingsError
from .headers import MAX_USER_ID

logger = logging.getLogger(__name__)

ISSUER = "fastapi-chatkit-development"
ALGORITHM = "HS256"
CLAIMS = ["sub", "iat", "exp", "iss"]

KEY_FILE = Path("chatkit.key")
MAX_KEY = 4096
"""The most bytes of the file."""

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


def development_key(configured: SecretStr | None = None, path: Path = KEY_FILE) -> SecretStr:
    """The key: the configured one, else the one in the file, which is made where there is none.

    :raises SettingsError: the file holds no key, or cannot be read or made; the message says what to do.
    """
    if configured is not None:
        return configured
    key = key_in(path)
    if key is None:
        _make(path)
        key = key_in(path)
    if key is None:
        raise SettingsError(f"{path} was removed while it was read: try again")
    return key


def key_in(path: Path = KEY_FILE) -> SecretStr | None:
    """The key in a file, or ``None`` where there is no such file. One that others may read is warned of.

    :raises SettingsError: as for :func:`development_key`.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(MAX_KEY + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): {_REMEDY}") from None
    key = content.decode("ascii", errors="replace").strip()
    if not key:
        raise SettingsError(f"{path} is empty: {_REMEDY}")
    if len(key) < MIN_TOKEN_KEY:
        raise SettingsError(f"{path} has less than {MIN_TOKEN_KEY} characters: {_REMEDY}")
    if len(content) > MAX_KEY or not (key.isascii() and key.isprintable()) or " " in key:
        raise SettingsError(f"{path} is no key for tokens: {_REMEDY}")
    _look_at(path, status)
    return SecretStr(key)


_REMEDY = "remove it and a new one is made, or set CHATKIT_TOKEN_KEY"


def _look_at(path: Path, status: os.stat_result) -> None:
    """Whether the file is this user's alone: who else knows the key can sign as anybody."""
    if os.name != "posix":
        return  # the mode of a file says nothing there
    if status.st_uid not in (0, os.geteuid()) and os.geteuid() != 0:
        raise SettingsError(f"{path} belongs to another user of this machine, who knows the key: {_REMEDY}")
    if stat.S_IMODE(status.st_mode) & 0o077:
        logger.warning("%s may be used by others, who can sign as anybody with it: chmod 600 %s", path, path)


def _make(path: Path) -> None:
    """Write a new key, unless somebody else has just done so: a file appears with all its content, or not at all."""
    written = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
            os.link(written, path)
        finally:
            written.unlink(missing_ok=True)
    except FileExistsError:
        return
    except OSError as error:
        raise SettingsError(f"{path} cannot be made here ({error.strerror}): set CHATKIT_TOKEN_KEY") from None
