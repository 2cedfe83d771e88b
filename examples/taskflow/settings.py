"""What can be set, as ``TASKFLOW_<NAME>`` in the environment or in ``.env``.

The chat's own settings are ``CHATKIT_<NAME>`` or ``TASKFLOW_CHATKIT_<NAME>``: the library reads them, and this ignores
them. Without any setting TaskFlow runs on one SQLite file that holds the threads as well.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from fastapi_chatkit.auth.development import DevelopmentTokens, development_key
from fastapi_chatkit.settings import Settings as ChatSettings
from fastapi_chatkit.settings import SettingsError, StoreConfig

MCP_TIMEOUT = 30.0


def _bare(url: str) -> str:
    return url.rstrip("/")


class Settings(BaseSettings):
    """TaskFlow's settings; the fields are the names in lower case. Set but empty is unset."""

    model_config = SettingsConfigDict(
        env_prefix="TASKFLOW_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",  # TASKFLOW_CHATKIT_* are the library's
    )

    database_url: SecretStr | None = Field(
        default=None,
        description="Where tasks are kept, as the chat's URL is written; unset, beside the chat's threads.",
    )
    api_url: Annotated[str, AfterValidator(_bare)] | None = Field(
        default=None,
        description="The REST API that the MCP server calls, as `http://127.0.0.1:8001/api`; unset, its own process's.",
    )
    mcp_server_url: Annotated[str, AfterValidator(_bare)] | None = Field(
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
    token_key: SecretStr | None = Field(
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

        :raises SettingsError: there is no key and none can be made, or it is too short.
        """
        key = development_key(self.token_key or self.chat.token_key)
        try:
            return DevelopmentTokens(key)
        except ValueError as error:
            raise SettingsError(f"TASKFLOW_TOKEN_KEY: {error}") from None
