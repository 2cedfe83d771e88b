"""What went wrong, and what a person at the command line can do about it."""

from collections.abc import Generator
from contextlib import contextmanager

from ...client import BadReply, Broken, ClientError, Refused, Unreachable
from .fields import printable


class ClientFailure(Exception):
    """Something did not work.

    ``message`` says what happened, ``hint`` what to do ("" when there is nothing), ``retry`` whether the thread has the
    question and asking again may help.
    """

    def __init__(self, message: str, hint: str = "", *, retry: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.retry = retry

    @property
    def text(self) -> str:
        """Both, for a person to read."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


@contextmanager
def explained(url: str) -> Generator[None]:
    """The client's errors as this program's."""
    try:
        yield
    except ClientError as error:
        raise explain(error, url) from error


def explain(error: ClientError, url: str) -> ClientFailure:
    """The failure that ``error`` of the server at ``url`` is. Nothing that the server sent moves the cursor."""
    message = printable(str(error))
    match error:
        case Unreachable():
            return ClientFailure(message, "Start one with: fastapi-chatkit serve")
        case Broken():
            return ClientFailure(message, "What was answered so far is in the thread.", retry=True)
        case BadReply():
            return ClientFailure(message, "See --url.")
        case Refused():
            problems = [f"  {printable(one.path)}: {printable(one.message)}" for one in error.errors[:5]]
            return ClientFailure("\n".join([message, *problems]), _hint(error, url))
        case _:
            return ClientFailure(message)


_HINTS = {
    "not_initialized": "The server runs without a database: see CHATKIT_DATABASE_URL, and its log.",
    "missing_user": "Name yourself with --user.",
    "missing_token": "Pass a token with --token or CHATKIT_TOKEN.",
    "invalid_token": "Pass a valid token with --token or CHATKIT_TOKEN.",
    "local_only": "Run the client on the server's own machine, or give the server another AUTH.",
    "user_mismatch": "The token is another user's: say whose with --user.",
    "thread_not_found": "Yours are listed by /threads; --user says whose they are.",
    "run_active": "An answer is still being written in this thread. Try again when it has ended.",
    "thread_locked": "This thread takes no more messages. /new starts another.",
    "too_large": "Send less at once.",
}


def _hint(error: Refused, url: str) -> str:
    """What to do: by the code first, then by the status alone, for servers that send no codes."""
    if error.retry_after is not None:
        return f"Try again in {error.retry_after:.0f} s."
    if error.code in _HINTS:
        return _HINTS[error.code]
    if (error.status in (404, 405) and not error.code) or 300 <= error.status < 400:
        return f"Is {url} the address of a ChatKit endpoint? See --url."
    if error.status in (401, 403):
        return "See --user and --token (CHATKIT_TOKEN)."
    if error.status >= 500:
        request = f": request {printable(error.request_id)}" if error.request_id else "."
        return f"The server's log says more{request}"
    return ""
