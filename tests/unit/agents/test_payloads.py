"""Wrong payloads are explained, and nothing of theirs is repeated."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator

from fastapi_chatkit.agents.payloads import Payload
from fastapi_chatkit.errors import InvalidParams

CANARY = "c4n4ry"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=10, title="Title")]
    priority: Literal["low", "high"] = "low"
    due: date | None = None
    tags: list[str] = []
    counts: dict[str, int] = {}
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None

    @field_validator("tags")
    @classmethod
    def _few(cls, tags: list[str]) -> list[str]:
        if len(tags) > 1:
            raise ValueError("at most one tag")
        return tags


PAYLOAD = Payload(Form)


def refused(payload: Any) -> InvalidParams:
    with pytest.raises(InvalidParams) as caught:
        PAYLOAD.read(payload)
    return caught.value


def test_a_payload_becomes_the_model() -> None:
    assert PAYLOAD.read({"title": "Milk", "due": "2026-01-31"}) == Form(title="Milk", due=date(2026, 1, 31))


@pytest.mark.parametrize(
    ("payload", "path", "said"),
    [
        (None, "title", "Title: is missing"),
        ({"title": ""}, "title", "Title: String should have at least 1 character"),
        ({"title": "x", "priority": CANARY}, "priority", "priority: Input should be 'low' or 'high'"),
        ({"title": "x", "tags": ["a", "b"]}, "tags", "tags: at most one tag"),
        ({"title": "x", "tags": [1]}, "tags.0", "tags.0: Input should be a valid string"),
        ({"title": "x", CANARY: 1}, "*", "*: Extra inputs are not permitted"),
        ({"title": "x", "counts": {CANARY: "y"}}, "counts.*", "counts.*: Input should be a valid integer"),
        ({"title": "x", "pet": {"kind": CANARY}}, "pet", "pet: is of no known kind"),
    ],
)
def test_each_wrong_field_is_named_with_its_rule(payload: Any, path: str, said: str) -> None:
    error = refused(payload)
    assert [one.path for one in error.errors] == [f"params.action.payload.{path}"]
    assert said in error.detail
    assert CANARY not in f"{error.detail}{error.errors}"


@pytest.mark.parametrize("payload", [CANARY, 5, [CANARY], True])
def test_what_is_no_object_is_refused(payload: Any) -> None:
    error = refused(payload)
    assert [one.path for one in error.errors] == ["params.action.payload"]
    assert CANARY not in f"{error.detail}{error.errors}"


def test_only_the_first_errors_are_told() -> None:
    assert len(refused({"title": "x", "counts": {str(index): "y" for index in range(1000)}}).errors) == 20


MARKED = st.recursive(st.just(CANARY), lambda some: st.lists(some, max_size=2) | st.dictionaries(st.just(CANARY), some))
FIELDS = st.sampled_from(["title", "priority", "due", "tags", "counts", "pet", CANARY])


@given(st.dictionaries(FIELDS, MARKED | st.fixed_dictionaries({"kind": MARKED})))
def test_nothing_that_was_sent_comes_back(payload: dict[str, Any]) -> None:
    try:
        PAYLOAD.read(payload)
    except InvalidParams as error:
        assert CANARY not in f"{error.detail}{error.errors}"  # noqa: PT017 - a payload may also be right
