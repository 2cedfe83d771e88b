"""What wrong input is told."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from examples.taskflow.sentences import sentence


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    count: int
    size: Literal["s", "m"]
    day: int


def said(value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Form.model_validate(value)
    return sentence(caught.value.errors())


def test_the_first_three_faults_are_named_and_no_value_is_repeated() -> None:
    text = said({"title": 7, "count": "secret", "size": "secret", "day": "secret"})
    assert text == (
        "`title` must be a valid string; `count` must be a valid integer; `size` must be 's' or 'm'; and 1 more."
    )


def test_missing_and_unknown_fields_are_named() -> None:
    assert said({"title": "x", "count": 1, "size": "s", "what": 1}) == "`day` is missing; there is no `what` here."


def test_what_is_no_object_is_the_request_itself() -> None:
    assert said([]).startswith("The request must be ")
