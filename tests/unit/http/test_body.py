"""From bytes to plain data: whatever gets through is bounded and can be stored, whatever does not has its error."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.errors import ChatKitError, InvalidJSON, InvalidRequest
from fastapi_chatkit.http.body import parse

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
)
KEYS = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=5)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(KEYS, v, max_size=4), max_leaves=20)


@given(VALUES, st.booleans())
def test_any_value_that_can_be_stored_is_read_as_it_is(value: Any, ascii_only: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,\\u0d8 1-eE.tfn\x00\ufeff', max_size=40).map(str.encode))
def test_any_bytes_are_data_or_one_of_two_errors(body: bytes) -> None:
    with suppress(InvalidJSON, InvalidRequest):
        parse(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"a":1',
        b'{"a":1}x',
        b"{'a':1}",
        b"[1,]",
        b'{"a":}',
        b"nul",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"raw \x00 control"',
        b'"raw \n control"',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-16-le"),
        "{}".encode("utf-32"),
        b"NaN",
        b"-Infinity",
        b'{"a":NaN}',
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"\\u0061":2}}',
        b"01",
        b"1.",
        b"[" * 10_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(ChatKitError) as caught:
        parse(body)
    assert caught.value.status in (400, 422)
    assert caught.value.detail.startswith(("Invalid JSON payload", "The request is nested too deeply"))


@pytest.mark.parametrize(
    "body",
    [
        b'"\\u0000"',
        b'{"\\u0000":1}',
        b'["a\\ud800b"]',
        b'["\\udc00\\ud800"]',
        b'{"\\udfff":1}',
        b"9223372036854775808",
        b"-9223372036854775809",
        b"[" + b"9" * 5000 + b"]",
        b"1e400",
        b"-1e99999",
        b"[" * 65 + b"]" * 65,
        b"[" * 66 + b"]" * 66,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_cannot_be_stored(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(body)
    assert "999" not in caught.value.detail


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d\\ude00"', "😀"),
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"1e308", 1e308),
        (b"-0.0", -0.0),
        (b'{"a":{"a":1}}', {"a": {"a": 1}}),
        (b' \n{"a" : [ ] }\t', {"a": []}),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"{[{[{["', "{[{[{["),
    ],
)
def test_what_is_fine(body: bytes, value: Any) -> None:
    assert parse(body) == value


def test_text_that_looks_like_nesting_is_fine() -> None:
    text = "[" * 10_000
    assert parse(json.dumps({"text": text}).encode()) == {"text": text}


def test_64_levels_are_fine() -> None:
    body = b"[" * 64 + b"]" * 64
    assert json.dumps(parse(body)).count("[") == 64


def test_an_error_names_the_place_and_not_the_value() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(b'{"params":{"input":{"content":[{"text":"secret \\u0000"}]}}}')
    assert [error.path for error in caught.value.errors] == ["params.input.content.0.text"]
    assert "secret" not in str(caught.value.errors)
