"""The payload of an action as the model that its handler wants, and how a wrong one is explained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..errors import FieldError, InvalidParams
from ..operations import MAX_ERRORS

P = TypeVar("P", bound=BaseModel)

PATH = ("params", "action", "payload")


class Payload(Generic[P]):
    """Reads payloads of one model."""

    def __init__(self, model: type[P]) -> None:
        self._model = model
        self._names = frozenset(_names(model.model_json_schema()))

    def read(self, payload: Any) -> P:
        """The payload, validated; none is an empty one.

        :raises InvalidParams: it is wrong; the detail names each field and its rule, and holds no value of it.
        """
        try:
            return self._model.model_validate({} if payload is None else payload)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)[:MAX_ERRORS]
        fields = [FieldError(".".join(self._path(one)), _rule(one)) for one in found]
        rules = "; ".join(f"{self._label(one)}: {_rule(one)}" for one in found)
        raise InvalidParams(f"Please check what you have entered. {rules}", errors=tuple(fields))

    def _path(self, error: ErrorDetails) -> list[str]:
        return [*PATH, *map(self._known, error["loc"])]

    def _label(self, error: ErrorDetails) -> str:
        """What the user knows the field by."""
        names = [self._known(part) for part in error["loc"]]
        field = self._model.model_fields.get(names[0]) if len(names) == 1 else None
        return (field.title if field is not None else None) or ".".join(names) or "the form"

    def _known(self, part: int | str) -> str:
        """A part of a path; a key that the client chose is not repeated."""
        return str(part) if isinstance(part, int) or part in self._names else "*"


def _names(schema: Any) -> Iterator[str]:
    """Every field's name in a JSON schema, as it is written in payloads."""
    if isinstance(schema, dict):
        for key, value in cast("dict[str, Any]", schema).items():
            if key == "properties" and isinstance(value, dict):
                yield from cast("dict[str, Any]", value)
            yield from _names(value)
    elif isinstance(schema, list):
        for part in cast("list[Any]", schema):
            yield from _names(part)


def _rule(error: ErrorDetails) -> str:
    if error["type"] == "union_tag_invalid":  # pydantic repeats the tag
        return "is of no known kind"
    if error["type"] == "missing":
        return "is missing"
    return error["msg"].removeprefix("Value error, ")
