"""Each failure in words for a person, with what to do about it."""

import json
from typing import Any

import pytest

from fastapi_chatkit.cli.terminal.failures import ClientFailure, explain, explained
from fastapi_chatkit.client import BadReply, Broken, Unreachable
from fastapi_chatkit.client.errors import refusal

URL = "http://chat.example/chatkit"


def refused(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> ClientFailure:
    return explain(refusal(status, json.dumps(body).encode(), headers or {}), URL)


@pytest.mark.parametrize(
    ("status", "body", "headers", "hint"),
    [
        (401, {"code": "invalid_token"}, {}, "Pass a valid token with --token or CHATKIT_TOKEN."),
        (429, {"code": "rate_limited", "detail": "Too many"}, {"Retry-After": "7"}, "Try again in 7 s."),
        (404, {"detail": "Not Found"}, {}, f"Is {URL} the address of a ChatKit endpoint? See --url."),
        (307, {}, {}, f"Is {URL} the address of a ChatKit endpoint? See --url."),
        (403, {}, {}, "See --user and --token (CHATKIT_TOKEN)."),
        (500, {"code": "internal", "request_id": "req_7"}, {}, "The server's log says more: request req_7"),
        (502, {}, {}, "The server's log says more."),
        (422, {"code": "invalid_request", "detail": "Wrong"}, {}, ""),
    ],
)
def test_each_refusal_has_its_hint(status: int, body: dict[str, Any], headers: dict[str, str], hint: str) -> None:
    failure = refused(status, body, headers)
    assert (failure.hint, failure.retry) == (hint, False)


def test_a_refusal_says_why_and_lists_the_invalid_parameters() -> None:
    wrong = [{"path": "params.limit", "message": "is negative\x1b[2J"}]
    failure = refused(422, {"code": "invalid_request", "detail": "Wrong\x07", "errors": wrong})
    assert failure.text == "Wrong (invalid_request, 422)\n  params.limit: is negative[2J"


def test_no_server_is_an_invitation_to_start_one() -> None:
    with pytest.raises(ClientFailure) as caught, explained(URL):
        raise Unreachable(f"No server at {URL}.")
    assert caught.value.text == f"No server at {URL}.\nStart one with: fastapi-chatkit serve"


def test_a_lost_connection_can_be_tried_again_and_another_kind_of_server_cannot() -> None:
    assert explain(Broken("Lost."), URL).retry
    other = explain(BadReply("No ChatKit."), URL)
    assert (other.text, other.retry) == ("No ChatKit.\nSee --url.", False)
