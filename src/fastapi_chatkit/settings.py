"""Settings: the only reader of the environment.

Every name is read as ``CHATKIT_<NAME>`` or ``TASKFLOW_CHATKIT_<NAME>``, from the environment or from a ``.env`` file in
the working directory; the environment wins, then the first spelling.
"""

from __future__ import annotations

import difflib
import logging
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

logger = logging.getLogger(__name__)

PREFIXES = ("CHATKIT_", "TASKFLOW_CHATKIT_")
ENV_FILE = ".env"

RESERVED = frozenset({"URL", "TOKEN"})
"""Names under our prefixes that the terminal client reads, not the server."""

MIN_TOKEN_KEY = 32


class SettingsError(Exception):
    """The settings are wrong; the message names the variable and the rule, never the value."""


class _Environment(BaseSettings):
    """How every setting is read."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the environment and ``.env``; ``overrides`` (command-line flags) win, ``None`` among them is unset.

        Names under our prefixes that are no settings are warned of.

        :raises SettingsError: a value is wrong.
        """
        settings = cls.read(**overrides)
        for name, nearest in unknown_names(read_environment()).items():
            logger.warning("unknown setting %s%s", name, f": did you mean {nearest}?" if nearest else "")
        return settings

    @classmethod
    def read(cls, **overrides: object) -> Self:
        """As :meth:`load`, without the warnings. :raises SettingsError: a value is wrong."""
        try:
            return cls(**{name: value for name, value in overrides.items() if value is not None})
        except UnicodeDecodeError:
            raise SettingsError(f"{ENV_FILE} is not UTF-8: save it as UTF-8") from None
        except ValidationError as error:
            raise SettingsError(_explain(error)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, the environment under either prefix, then ``.env`` under either prefix."""
        return (
            init_settings,
            *(EnvSettingsSource(settings_cls, env_prefix=prefix) for prefix in PREFIXES),
            *(DotEnvSettingsSource(settings_cls, env_file=ENV_FILE, env_prefix=prefix) for prefix in PREFIXES),
        )


class StoreConfig(_Environment):
    """What can be set about the store alone; the fields are the names in lower case."""

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///./chatkit.db"),
        description="Where threads are kept: `sqlite:///path` or `postgresql://user:password@host/database`. "
        "Set but empty: chat is off, the endpoint answers 503.",
    )
    schema_name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")] = Field(
        default="chatkit", description="PostgreSQL: the schema that holds the tables."
    )
    pool_size: Annotated[int, Field(ge=3, le=1000)] = Field(
        default=10,
        description="PostgreSQL: the most connections of one process; at least 3, so that a table that somebody has "
        "locked leaves one to other reads.",
    )
    statement_timeout: Annotated[float, Field(ge=0.1, le=3600)] = Field(
        default=4,
        description="PostgreSQL: the longest that a statement may take, in seconds; half a second later the caller "
        "gets 503 `overloaded`.",
    )


class TokenConfig(_Environment):
    """What can be set about development tokens."""

    token_key: SecretStr | None = Field(
        default=None,
        description="The key of development tokens, at least 32 characters; unset, it is in the file `chatkit.key`.",
    )

    @field_validator("token_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if not key:
            return None
        if len(key) < MIN_TOKEN_KEY:
            raise PydanticCustomError("short_key", "must have at least {least} characters", {"least": MIN_TOKEN_KEY})
        return key


class Settings(StoreConfig, TokenConfig):
    """What can be set; the fields are the names in lower case."""

    auth: Literal["local", "trust"] = Field(
        default="local",
        description="Who may call: `local` believes the headers from this machine alone, `trust` believes them from "
        "anybody (behind a gateway that has verified them).",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis, for several processes: an answer that one of them writes is followed in the others through "
        "it. `redis://USER:PASSWORD@HOST:6379/0`, or `rediss://`, `unix://`, `redis+cluster://`, `rediss+cluster://`.",
    )
    model: str = Field(
        default="gpt-5-mini", description="The model that answers, by the name that the model's server knows it under."
    )
    models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Other models that a message may ask for, comma-separated."
    )
    api: Literal["auto", "responses", "chat_completions"] = Field(
        default="auto",
        description="The API of the model's server; `auto` is Responses at OpenAI and Chat Completions elsewhere.",
    )
    instructions: str = Field(
        default="You are a helpful assistant. Answer in Markdown.",
        description="The system prompt of the built-in agent.",
    )
    mcp_servers: str = Field(
        default="",
        repr=False,  # URLs may carry secrets
        description="MCP servers whose tools the model may use: `NAME=URL`, comma-separated.",
    )
    on_busy: Literal["enqueue", "reject", "interrupt"] = Field(
        default="enqueue",
        description="What a message does while another is answered in its thread: `enqueue` waits for its turn, "
        "`reject` is refused with 409 `run_active`, `interrupt` stops the other, keeping its text.",
    )
    run_timeout_seconds: Annotated[float, Field(gt=0, le=86400)] = Field(
        default=600, description="The longest that an answer may take, in seconds; its text so far is kept."
    )
    on_disconnect: Literal["cancel", "continue"] = Field(
        default="cancel", description="What a dropped connection does to the answer under way; the text so far is kept."
    )
    coalesce_ms: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=20, description="How long text deltas may wait to be sent together, in milliseconds."
    )
    heartbeat_seconds: Annotated[float, Field(gt=0, le=300)] = Field(
        default=15, description="After how much silence a stream sends a comment, in seconds."
    )
    drain_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        default=20, description="How long answers under way may take to finish after SIGTERM, in seconds."
    )
    max_body_bytes: Annotated[int, Field(ge=1024, le=2**30)] = Field(
        default=2 * 1024 * 1024, description="The largest request body, in bytes."
    )
    log_format: Literal["text", "json"] = Field(default="text", description="How `serve` writes its log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="From which level on `serve` writes log lines."
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="The key for the model's server (`OPENAI_API_KEY`, without a prefix).",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias="OPENAI_BASE_URL",
        description="The URL of an OpenAI-compatible server (`OPENAI_BASE_URL`, without a prefix).",
    )

    @field_validator("redis_url")
    @classmethod
    def _unset(cls, url: SecretStr | None) -> SecretStr | None:
        return url or None

    @field_validator("models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(name for part in value.split(",") if (name := part.strip()))

    @property
    def chat_enabled(self) -> bool:
        """Whether there is a database to keep threads in."""
        return bool(self.database_url)

    @property
    def model_configured(self) -> bool:
        """Whether there is a model to ask; the offline agent answers where there is none."""
        return bool(self.openai_api_key or self.openai_base_url)


FIELDS = frozenset(Settings.model_fields)
_UNPREFIXED = {"openai_api_key": "OPENAI_API_KEY", "openai_base_url": "OPENAI_BASE_URL"}


def variable_of(field: str) -> str:
    """The environment variable of a field."""
    return _UNPREFIXED.get(field, PREFIXES[0] + field.upper())


def read_environment() -> dict[str, str]:
    """``.env``, updated by the environment."""
    file = {name: value for name, value in dotenv_values(Path(ENV_FILE)).items() if value is not None}
    return {**file, **os.environ}


def unknown_names(environment: dict[str, str]) -> dict[str, str | None]:
    """Variables under our prefixes that name no setting, each with the nearest real one."""
    known = [field.upper() for field in Settings.model_fields if field not in _UNPREFIXED]
    unknown: dict[str, str | None] = {}
    for variable in environment:
        name = _stripped(variable)
        if name is None or name.lower() in FIELDS or name in RESERVED:
            continue
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
        unknown[variable] = PREFIXES[0] + nearest[0] if nearest else None
    return unknown


def _stripped(variable: str) -> str | None:
    return next((variable.removeprefix(prefix) for prefix in PREFIXES if variable.startswith(prefix)), None)


def _explain(error: ValidationError) -> str:
    problems = [f"{_variable(str(e['loc'][0]))}: {e['msg']}" for e in error.errors(include_input=False)]
    return "; ".join(problems)


def _variable(location: str) -> str:
    return location if location in _UNPREFIXED.values() else variable_of(location.lower())
