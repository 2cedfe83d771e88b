"""Models around models."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from agents import Model, ModelSettings
from agents.models import get_default_model_settings


class WrappedModel(Model):
    """A model that does what another one does; override what is to be different. Closing it closes nothing."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    # The base class has these, so that `__getattr__` does not reach the model's own.

    async def get_response(self, *args: Any, **options: Any) -> Any:
        """The model's own."""
        return await self._model.get_response(*args, **options)

    def stream_response(self, *args: Any, **options: Any) -> AsyncIterator[Any]:
        """The model's own."""
        return self._model.stream_response(*args, **options)

    def get_retry_advice(self, request: Any) -> Any:
        """The model's own."""
        return self._model.get_retry_advice(request)

    async def _cleanup_on_run_end(self, owner: object) -> None:
        await self._model._cleanup_on_run_end(owner)


class UnnamedModel(WrappedModel):
    """The model of an agent that names none.

    The Agents SDK takes it for its own default model and adds that one's settings: efforts of reasoning that other
    models refuse. They are replaced by the settings of the model that it really is.
    """

    def __init__(self, model: Model, name: str) -> None:
        super().__init__(model)
        self._assumed = get_default_model_settings()
        self._real = get_default_model_settings(name)

    def _settings(self, settings: ModelSettings) -> ModelSettings:
        if settings.reasoning == self._assumed.reasoning:
            settings = replace(settings, reasoning=self._real.reasoning)
        if settings.verbosity == self._assumed.verbosity:
            settings = replace(settings, verbosity=self._real.verbosity)
        return settings

    async def get_response(
        self, system_instructions: Any, input: Any, model_settings: ModelSettings, *args: Any, **options: Any
    ) -> Any:
        """The model's own, with its own settings."""
        settings = self._settings(model_settings)
        return await self._model.get_response(system_instructions, input, settings, *args, **options)

    def stream_response(
        self, system_instructions: Any, input: Any, model_settings: ModelSettings, *args: Any, **options: Any
    ) -> AsyncIterator[Any]:
        """The model's own, with its own settings."""
        settings = self._settings(model_settings)
        return self._model.stream_response(system_instructions, input, settings, *args, **options)
