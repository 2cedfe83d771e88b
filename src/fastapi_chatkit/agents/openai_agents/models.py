"""Which models there are: names to the Agents SDK's models, over a client of our own."""

from __future__ import annotations

from typing import Literal

from agents import Model, ModelProvider, OpenAIChatCompletionsModel, OpenAIResponsesModel
from agents.models import get_default_model
from openai import AsyncOpenAI, Timeout

from .client import StreamingClient
from .wrapping import UnnamedModel

Api = Literal["auto", "responses", "chat_completions"]

_CONNECT_SECONDS = 10.0
_NO_KEY = "none"
"""Sent to servers that were named without a key: most local ones need none, and the client insists on some."""


class Models(ModelProvider):
    """Models by name, each made once; the client is made when the first one is asked for.

    ``api`` is the API to speak; ``auto`` is Responses at OpenAI itself, and Chat Completions at any other base URL,
    because that is what other servers have. ``timeout`` is the longest silence in seconds.
    """

    def __init__(
        self,
        *,
        default: str | None,
        base_url: str | None,
        api_key: str | None,
        api: Api,
        timeout: float,
        max_retries: int,
        client: AsyncOpenAI | None = None,
    ) -> None:
        if api not in ("auto", "responses", "chat_completions"):
            raise ValueError("api must be 'auto', 'responses' or 'chat_completions'")
        self._default = default
        self._base_url = base_url
        self._api_key = api_key
        self._api: Api = api
        self._timeout = timeout
        self._max_retries = max_retries
        self._client = client
        self._owns_client = client is None
        self._models: dict[str | None, Model] = {}

    @property
    def default(self) -> str:
        """The model where none is named."""
        return self._default or get_default_model()

    @property
    def client(self) -> AsyncOpenAI:
        """The client of all models here.

        :raises OpenAIError: there is no key, neither given nor in ``OPENAI_API_KEY``, and no base URL.
        """
        if self._client is None:
            self._client = StreamingClient(
                base_url=self._base_url,
                api_key=self._api_key or (_NO_KEY if self._base_url else None),
                timeout=Timeout(self._timeout, connect=_CONNECT_SECONDS),
                max_retries=self._max_retries,
            )
        return self._client

    def get_model(self, model_name: str | None) -> Model:
        """The model of this name, or the default one."""
        model = self._models.get(model_name)
        if model is None:
            made = self._make(model_name) if model_name else UnnamedModel(self._make(self.default), self.default)
            model = self._models[model_name] = made
        return model

    def _make(self, name: str) -> Model:
        client = self.client
        api = self._api
        if api == "auto":
            api = "responses" if is_openai(client) else "chat_completions"
        if api == "responses":
            return OpenAIResponsesModel(model=name, openai_client=client)
        return OpenAIChatCompletionsModel(model=name, openai_client=client)

    @property
    def secrets(self) -> list[str]:
        """What no log line may hold."""
        key = self._client.api_key if self._client is not None else self._api_key
        return [key] if key and key != _NO_KEY else []

    async def aclose(self) -> None:
        """Close the client's connections, unless the client was given."""
        if self._client is not None and self._owns_client:
            await self._client.close()
            self._client = None
            self._models.clear()


def is_openai(client: AsyncOpenAI) -> bool:
    """Whether the client talks to OpenAI itself, in any of its regions, or on Azure, which has the same APIs."""
    host = client.base_url.host
    return host == "api.openai.com" or host.endswith((".api.openai.com", ".openai.azure.com"))
