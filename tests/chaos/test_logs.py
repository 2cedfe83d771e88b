"""What of a replica's log is expected, and what is not."""

import json
from pathlib import Path

import pytest

from tests.chaos.logs import Line, counted, lines_of, unexpected


def lines(tmp_path: Path, *texts: str) -> list[Line]:
    log = tmp_path / "log"
    log.write_text("\n".join(texts))
    return list(lines_of("a.1", log))


def logged(level: str, message: str, exception: str = "") -> str:
    return json.dumps({"level": level, "logger": "x", "message": message, "exception": exception})


def test_what_serve_says_at_its_start_is_expected(tmp_path: Path) -> None:
    assert (
        lines(tmp_path, "fastapi-chatkit 0.1.0", "  endpoint  http://127.0.0.1:1/chatkit", "  try it    that", "") == []
    )


def test_information_and_what_a_fault_explains_is_expected(tmp_path: Path) -> None:
    found = lines(
        tmp_path,
        logged("info", "request"),
        logged("warning", "run run_0123456789abcdef waits for the database"),
        logged("warning", "run interrupted: its process is dead"),
    )
    assert list(unexpected(found)) == []
    assert counted(found)["warning", "run N waits for the database", ""] == 1


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):",
        logged("error", "request failed", "Traceback ...\nKeyError: 'x'"),
        logged("warning", "something new"),
        logged("error", "run run_0123456789abcdef failed", "Traceback ...\nValueError: x"),
    ],
)
def test_all_else_is_not(tmp_path: Path, text: str) -> None:
    assert len(list(unexpected(lines(tmp_path, text)))) == 1
