"""Whose request it is, with any verifier of tokens."""

import pytest
from starlette.datastructures import Headers

from examples.taskflow.identity import caller_in
from fastapi_chatkit.errors import InvalidToken, UserMismatch


class CompanyTokens:
    """An identity provider that is not the development tokens'."""

    def verify(self, token: str, /) -> str:
        if not token.startswith("company:"):
            raise InvalidToken
        return token.removeprefix("company:")


def test_any_verifier_says_whose_a_token_is() -> None:
    caller = caller_in(Headers({"Authorization": "Bearer company:alice", "X-User-ID": "alice"}), CompanyTokens())
    assert (caller.user_id, caller.token.get_secret_value()) == ("alice", "company:alice")


def test_what_it_refuses_is_refused() -> None:
    with pytest.raises(InvalidToken):
        caller_in(Headers({"Authorization": "Bearer alice"}), CompanyTokens())
    with pytest.raises(UserMismatch):
        caller_in(Headers({"Authorization": "Bearer company:alice", "X-User-ID": "bob"}), CompanyTokens())
