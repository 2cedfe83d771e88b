"""What a tool answered in words; its failure is a sentence and a reason, also after a copy."""

import pickle
from datetime import datetime
from typing import Any

import pytest
from agents import ToolOutputFileContent, ToolOutputImage, ToolOutputText
from pydantic import BaseModel

from fastapi_chatkit.agents.tool_result import ToolFailure, ToolResult, text_of


def test_a_failure_says_its_sentence_and_survives_a_copy() -> None:
    failure = pickle.loads(pickle.dumps(ToolFailure("timeout", "It took too long.")))  # noqa: S301 - our own bytes
    assert (failure.reason, failure.message, str(failure)) == ("timeout", "It took too long.", "It took too long.")


def test_a_result_can_be_kept_in_a_set() -> None:
    result = ToolResult("list", {"limit": 1}, "text", {"tasks": []})
    assert result in {result}
    assert result != ToolResult("list", {"limit": 2}, "text", {"tasks": []})


class Report(BaseModel):
    at: datetime
    picture: str


PICTURE = "data:image/png;base64,iVBORw0KGgo="
IMAGE = ToolOutputImage(image_url=PICTURE)
FILE = ToolOutputFileContent(file_data="aGk=", filename="a.txt")


class Unreadable:
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("It rains.", "It rains."),
        ("", ""),
        (None, "null"),
        ({"n": 1, "of": [True, 2.5]}, '{"n":1,"of":[true,2.5]}'),
        ([], "[]"),
        (["a", "b"], '["a","b"]'),
        ({"type": "text", "id": 5, "text": "of their own"}, '{"type":"text","id":5,"text":"of their own"}'),
        ({"type": "image"}, '{"type":"image"}'),
        ("lone \ud800", "lone \ufffd"),
        (IMAGE, "[image]"),
        (IMAGE.model_dump(), "[image]"),
        (FILE, "[file: a.txt]"),
        (ToolOutputText(text="seen"), "seen"),
        ([ToolOutputText(text="Here:"), IMAGE, FILE], "Here:\n[image]\n[file: a.txt]"),
        ({"shots": (IMAGE, PICTURE)}, '{"shots":["[image]","[image]"]}'),
        (PICTURE, "[image]"),
        ("data:application/pdf;base64,JVBERi0=", "[file]"),
        ("data: none of that", "data: none of that"),
        (b"bytes", "[file]"),
        (Report(at=datetime(2026, 1, 2), picture=PICTURE), '{"at":"2026-01-02T00:00:00","picture":"[image]"}'),
        (Unreadable(), "[Unreadable]"),
    ],
)
def test_what_a_tool_returned_in_words(result: Any, text: str) -> None:
    assert text_of(result) == text
