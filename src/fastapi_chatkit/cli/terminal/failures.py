"""What can go wrong between this client and a server, and what a person can do about it.

ClientFailure(message, hint)
+-- Unreachable   nobody listens at the URL
+-- Refused       the server answered with an HTTP error: status, code, detail
+-- Broken        the connection ended, or the reply was no ChatKit
"""

from .fields import Fields


class ClientFailure(Exception):
    """A request that did not work.

    ``message`` says what happened, ``hint`` what to do ("" when there is nothing), ``retry`` whether the thread has the
    question and asking again may help.
    """

    retry = False

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def text(self) -> str:
        """Both, for a person to read."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class Unreachable(ClientFailure):
    """No server answers at ``url``."""

    def __init__(self, url: str) -> None:
        super().__init__(f"No server at {url}.", "Start one with: fastapi-chatkit serve")


class Broken(ClientFailure):
    """The exchange ended before it was complete."""

    retry = True


class Refused(ClientFailure):
    """The server said no. ``status`` is the HTTP status, ``code`` the machine-readable reason ("" when none came)."""

    def __init__(self, status: int, body: Fields, *, url: str, retry_after: str = "") -> None:
        self.status = status
        self.code = body.text("code")
        detail = body.text("detail") or f"The server answered with HTTP status {status}."
        message = f"{detail} ({self.code}, {status})" if self.code else f"{detail} ({status})"
        super().__init__("\n".join([message, *_problems(body)]), _hint(status, self.code, url, retry_after, body))


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


def _hint(status: int, code: str, url: str, retry_after: str, body: Fields) -> str:
    """What to do: by the code first, then by the status alone, for servers that send no codes."""
    if retry_after:
        return f"Try again in {retry_after} s."
    if code in _HINTS:
        return _HINTS[code]
    if (status in (404, 405) and not code) or 300 <= status < 400:
        return f"Is {url} the address of a ChatKit endpoint? See --url."
    if status in (401, 403):
        return "See --user and --token (CHATKIT_TOKEN)."
    if status >= 500:
        request_id = body.text("request_id")
        return f"The server's log says more: request {request_id}" if request_id else "The server's log says more."
    return ""


def _problems(body: Fields) -> list[str]:
    """One line for each invalid parameter of a 422."""
    return [f"  {one.text('path')}: {one.text('message')}" for one in body.children("errors")[:5]]
