"""A tool's failure is a sentence and a reason, also after a copy."""

import pickle

from fastapi_chatkit.agents.tool_result import ToolFailure, ToolResult


def test_a_failure_says_its_sentence_and_survives_a_copy() -> None:
    failure = pickle.loads(pickle.dumps(ToolFailure("timeout", "It took too long.")))  # noqa: S301 - our own bytes
    assert (failure.reason, failure.message, str(failure)) == ("timeout", "It took too long.", "It took too long.")


def test_a_result_can_be_kept_in_a_set() -> None:
    result = ToolResult("list", {"limit": 1}, "text", {"tasks": []})
    assert result in {result}
    assert result != ToolResult("list", {"limit": 2}, "text", {"tasks": []})
