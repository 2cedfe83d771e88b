"""What can be set, as ``TASKFLOW_<NAME>`` in the environment or in ``.env``.

The chat's own settings are ``CHATKIT_<NAME>`` or ``TASKFLOW_CHATKIT_<NAME>``: the library reads them, and this ignores
them. Without any setting TaskFlow runs on one SQLite file that holds the threads as well.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from fastapi_chatkit.auth.development import DevelopmentTokens, development_key
from fastapi_chatkit.settings import MIN_TOKEN_KEY, SettingsError, StoreConfig
from fastapi_chatkit.settings import Settings as ChatSettings

MCP_TIMEOUT = 30.0


def _served_at(name: str, example: str) -> AfterValidator:
    """A URL of a service, without a slash at its end."""

    def checked(url: str) -> str:
        try:
            parts = urlsplit(url)
            usable = (
                parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
            )
        except ValueError:  # a port that is none, half an address
            usable = False
        if not usable or any(sign in url for sign in "@?#") or not url.isprintable() or " " in url:
            raise SettingsError(f"{name} must be a URL as `{example}`, without a password and without a query")
        return url.rstrip("/")

    return AfterValidator(checked)


def _database(url: SecretStr) -> SecretStr:
    """The URL of a database that TaskFlow can use, as far as can be told without opening it."""
    rule = "must be `sqlite:///path` or `postgresql://USER:PASSWORD@HOST/DATABASE`"
    try:
        parsed = make_url(url.get_secret_value())
    except (ArgumentError, ValueError):
        raise SettingsError(f"TASKFLOW_DATABASE_URL {rule}") from None
    kind, path = parsed.get_backend_name(), parsed.database
    if kind not in ("sqlite", "postgresql", "postgres") or (kind == "sqlite" and path in (None, "", ":memory:")):
        raise SettingsError(f"TASKFLOW_DATABASE_URL {rule}")
    if kind == "sqlite" and not Path(path or "").parent.is_dir():
        raise SettingsError("TASKFLOW_DATABASE_URL must name a file in a directory that exists")
    return url


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().encode()) < MIN_TOKEN_KEY:
        raise SettingsError(f"TASKFLOW_TOKEN_KEY must have at least {MIN_TOKEN_KEY} bytes")
    return key


class Settings(BaseSettings):
    """TaskFlow's settings; the fields are the names in lower case. Set but empty is unset.

    :raises SettingsError: one of them is wrong; the message names it and the rule, never the value.
    """

    model_config = SettingsConfigDict(
        env_prefix="TASKFLOW_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",  # TASKFLOW_CHATKIT_* are the library's
    )

    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = Field(
        default=None,
        description="Where tasks are kept, as the chat's URL is written; unset, beside the chat's threads.",
    )
    api_url: Annotated[str, _served_at("TASKFLOW_API_URL", "http://127.0.0.1:8001/api")] | None = Field(
        default=None,
        description="The REST API that the MCP server calls, as `http://127.0.0.1:8001/api`; unset, its own process's.",
    )
    mcp_server_url: Annotated[str, _served_at("TASKFLOW_MCP_SERVER_URL", "http://127.0.0.1:8002/mcp")] | None = Field(
        default=None,
        description="The MCP server that the chat's agent calls, as `http://127.0.0.1:8002/mcp`; unset, its own "
        "process's.",
    )
    mcp_timeout: float = Field(
        default=MCP_TIMEOUT,
        gt=0,
        allow_inf_nan=False,
        description="How long the chat's agent waits for the answer of a tool, in seconds.",
    )
    mcp_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="The names that the MCP server is called by besides localhost, comma-separated and without a port.",
    )
    token_key: Annotated[SecretStr, AfterValidator(_long_enough)] | None = Field(
        default=None, description="The key of development tokens; unset, that of the chat (`CHATKIT_TOKEN_KEY`)."
    )

    @field_validator("mcp_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(name for part in value.split(",") if (name := part.strip()))

    @cached_property
    def chat(self) -> ChatSettings:
        """The library's settings, from the same environment and ``.env``.

        :raises SettingsError: one of them is wrong.
        """
        return ChatSettings.load()

    @property
    def chat_enabled(self) -> bool:
        """Whether there is a database for threads: ``CHATKIT_DATABASE_URL`` set to nothing switches chat off."""
        return self.chat.chat_enabled

    @property
    def local(self) -> bool:
        """Whether this serves its own machine alone, so that its page may have a token for the asking.

        It goes by a setting of the chat, ``CHATKIT_AUTH``: ``local``, its default, means development tokens for
        everything here. Any other value takes ``/dev/token`` away, from a process that runs the API alone as well.
        """
        return self.chat.auth == "local"

    @property
    def tasks_url(self) -> str:
        """The URL of the database of tasks."""
        default: SecretStr = StoreConfig.model_fields["database_url"].default
        return (self.database_url or self.chat.database_url or default).get_secret_value()

    def tokens(self) -> DevelopmentTokens:
        """What signs and verifies users' tokens.

        :raises SettingsError: there is no key and none can be made.
        """
        return DevelopmentTokens(development_key(self.token_key or self.chat.token_key))
