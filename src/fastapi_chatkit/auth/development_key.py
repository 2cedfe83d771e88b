"""The key of development tokens: the setting ``token_key``, else the file ``chatkit.key``, made on first need.

Apart from the tokens, so that who finds no key loads nothing to sign with.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from pathlib import Path

from pydantic import SecretStr

from ..settings import MIN_TOKEN_KEY, SettingsError

logger = logging.getLogger(__name__)

KEY_FILE = Path("chatkit.key")
MAX_KEY = 4096
"""The most bytes of the file."""


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
