"""What a user is told when a model fails: what it means for them, and what the operator should look at.

Nothing of the provider's own words reaches the user: they may hold keys, URLs or other people's data. They go to the
log, without keys and credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from agents import ModelBehaviorError, ModelTimeoutError
from chatkit.errors import CustomStreamError
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAIError

from .stall import Stalled
from .stream import ModelStream

_LOGGED_CHARACTERS = 2_000
_CREDENTIALS = re.compile(r"//[^/@\s]+@|\b(sk|key)-[\w*-]{8,}|(?i:bearer)\s+\S+")

_TOO_LONG = frozenset({"context_length_exceeded", "string_above_max_length"})
_NO_FUNDS = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


def failure_message(error: Exception, stream: ModelStream) -> CustomStreamError:
    """The error to show for one that a model has caused."""
    match error:
        case Stalled():
            return _retryable(f"The model said nothing for {error.seconds:g} seconds, so the answer was ended.")
        case APITimeoutError() | ModelTimeoutError():
            return _retryable("The model did not answer in time.")
        case APIConnectionError() if stream.heard:
            return _retryable("The connection to the model was lost in the middle of the answer.")
        case APIConnectionError():
            return _retryable(
                "The model's server cannot be reached. If this stays so, the operator should check the base URL "
                "(OPENAI_BASE_URL) and the network."
            )
        case APIStatusError():
            return _status_message(error.status_code, error.code)
        case ModelBehaviorError() if stream.ending is not None and stream.ending.type != "response.completed":
            return _ending_message(stream)
        case APIError():
            return _code_message(error.code)
        case OpenAIError():
            return CustomStreamError(
                "The model cannot be used: there are no credentials for it. The operator should set OPENAI_API_KEY."
            )
        case _:
            return _retryable(
                "The model's answer could not be used. The operator finds the reason in the server's log."
            )


def too_many_turns(limit: int | None) -> CustomStreamError:
    """The error to show when an agent goes round in circles."""
    return CustomStreamError(
        f"The assistant needed more than {limit} steps and was stopped before it was done.", allow_retry=True
    )


def _status_message(status: int, code: str | None) -> CustomStreamError:
    match status:
        case _ if code in _NO_FUNDS:
            return CustomStreamError(
                "The quota at the model's provider is used up. The operator should check plan and billing there."
            )
        case _ if code in _TOO_LONG or status == 413:
            return _too_long()
        case 401 | 403:
            return CustomStreamError(
                "The model's provider does not accept this server's credentials. The operator should check the API key "
                "(OPENAI_API_KEY) and what it may do."
            )
        case 404:
            return CustomStreamError(
                "The model's provider does not know this model, or this address. The operator should check the model's "
                "name (CHATKIT_MODEL) and the base URL (OPENAI_BASE_URL)."
            )
        case 429:
            return _retryable("The model's provider takes no more requests for now. Please try again in a moment.")
        case _ if status >= 500:
            return _retryable("The model's provider has a problem of its own. Please try again in a moment.")
        case _:
            return CustomStreamError(
                "The model's provider did not accept the request. The operator finds the reason in the server's log."
            )


def _ending_message(stream: ModelStream) -> CustomStreamError:
    """The response was begun, and ended as incomplete, failed or with an error."""
    event = stream.ending
    response = getattr(event, "response", None)
    if event.type == "response.incomplete":
        reason = getattr(getattr(response, "incomplete_details", None), "reason", None)
        if reason == "content_filter":
            return CustomStreamError("The answer was stopped by the content filter of the model's provider.")
        return CustomStreamError("The answer is cut off: it reached the longest output that the model may give.")
    source = getattr(response, "error", None) or event
    return _code_message(getattr(source, "code", None))


def _code_message(code: object) -> CustomStreamError:
    """An error that came as an event, with a code instead of a status."""
    match code:
        case "rate_limit_exceeded":
            return _status_message(429, None)
        case "invalid_prompt":
            return _status_message(400, None)
        case str() if code in _TOO_LONG | _NO_FUNDS:
            return _status_message(400, code)
        case _:
            return _retryable("The model's provider reported an error in the middle of the answer.")


def _too_long() -> CustomStreamError:
    return CustomStreamError(
        "This conversation is too long for the model. Start a new one, or ask the operator to lower the number of "
        "tokens that are sent to it."
    )


def _retryable(message: str) -> CustomStreamError:
    return CustomStreamError(message, allow_retry=True)


def described(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """The error for the log: its type, status and words, without keys and credentials."""
    text = f"{type(error).__name__}: {error}"
    request_id = getattr(error, "request_id", None)
    if request_id:
        text += f" (request {request_id})"
    for secret in secrets:
        text = text.replace(secret, "***")
    cause = error.__cause__
    if cause is not None and not isinstance(error, APIStatusError):
        text += f" <- {type(cause).__name__}"
    return _CREDENTIALS.sub("***", text)[:_LOGGED_CHARACTERS]
